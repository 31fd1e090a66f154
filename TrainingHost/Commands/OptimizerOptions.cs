using System.CommandLine;
using GraphRewrite.Diagnostics;
using GraphRewrite.Optimizers;

namespace TrainingHost.Commands;

/// <summary>The optimizer: that of the artifacts, changed by what the command line gives.</summary>
internal sealed class OptimizerOptions
{
    private readonly Option<string?> optimizer = new("--optimizer") { Description = "sgd or adamw (default: as in the artifacts)." };
    private readonly Option<double?> rate = new("--lr") { Description = "Learning rate (0.001 for AdamW, 0.01 for SGD)." };
    private readonly Option<double?> momentum = new("--momentum") { Description = "SGD's momentum (0)." };
    private readonly Option<double?> decay = new("--weight-decay") { Description = "Weight decay (as in the artifacts)." };
    private readonly Option<string?> decayed = new("--decay") { Description = "What weight decay applies to: all, or matrices (no biases, no scales of normalizations) (all)." };
    private readonly Option<double?> clip = new("--clip-norm") { Description = "Scales the gradients down to this norm of all of them together (no limit)." };
    private readonly Option<double?> epsilon = new("--epsilon") { Description = "AdamW's ε (as in the artifacts)." };
    private readonly Option<int?> adamMode = new("--adam-mode") { Description = "0: PyTorch's AdamW, 1: Hugging Face's (as in the artifacts)." };

    public void AddTo(Command command)
    {
        foreach (Option option in new Option[] { optimizer, rate, momentum, decay, decayed, clip, epsilon, adamMode }) command.Add(option);
    }

    /// <param name="parsed">The command line.</param>
    /// <param name="own">The optimizer of the artifacts.</param>
    /// <exception cref="GraphRewriteException">A number is out of range or does not go with the optimizer.</exception>
    public (OptimizerSettings Settings, float Rate) Resolve(ParseResult parsed, OptimizerSettings own)
    {
        OptimizerSettings settings = parsed.GetValue(optimizer)?.ToLowerInvariant() switch
        {
            null => own,
            "sgd" => own as SgdSettings ?? new SgdSettings(),
            "adamw" => own as AdamWSettings ?? new AdamWSettings(),
            string other => throw new GraphRewriteException($"--optimizer {other}: there are sgd and adamw."),
        };
        if (NotNegative(parsed, decay) is { } weightDecay) settings = settings with { WeightDecay = weightDecay };
        settings = settings with
        {
            DecayMatricesOnly = parsed.GetValue(decayed) switch
            {
                null => settings.DecayMatricesOnly,
                "all" => false,
                "matrices" => true,
                string other => throw new GraphRewriteException($"--decay {other}: there are all and matrices."),
            },
            ClipNorm = NotNegative(parsed, clip) is 0 ? throw new GraphRewriteException("--clip-norm 0: must be above 0.") : parsed.GetValue(clip),
        };
        settings = settings switch
        {
            SgdSettings sgd => Refuse(parsed, "SGD", epsilon, adamMode) ?? sgd with { Momentum = NotNegative(parsed, momentum) ?? sgd.Momentum },
            AdamWSettings adamW => Refuse(parsed, "AdamW", momentum) ?? adamW with
            {
                Epsilon = NotNegative(parsed, epsilon) ?? adamW.Epsilon,
                Mode = parsed.GetValue(adamMode) switch
                {
                    null => adamW.Mode,
                    0 => AdamMode.PyTorch,
                    1 => AdamMode.HuggingFace,
                    int other => throw new GraphRewriteException($"--adam-mode {other}: there are 0 (PyTorch) and 1 (Hugging Face)."),
                },
            },
            _ => settings,
        };
        return (settings, (float)(NotNegative(parsed, rate) ?? (settings is SgdSettings ? 0.01 : 0.001)));
    }

    private static double? NotNegative(ParseResult parsed, Option<double?> option) => parsed.GetValue(option) is not { } value ? null
        : value >= 0 && double.IsFinite(value) ? value
        : throw new GraphRewriteException($"{option.Name} {value}: must be a finite number, 0 or above.");

    /// <summary>Nothing, or the complaint that an option belongs to the other optimizer.</summary>
    private static OptimizerSettings? Refuse(ParseResult parsed, string name, params Option[] options)
    {
        foreach (Option option in options)
            if (parsed.GetResult(option) is { Implicit: false }) throw new GraphRewriteException($"{option.Name}: {name} has no such constant.");
        return null;
    }
}
