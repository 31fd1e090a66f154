using System.CommandLine;
using GraphRewrite.Diagnostics;
using GraphRewrite.Optimizers;
using TrainingHost.Settings;

namespace TrainingHost.Commands;

/// <summary>The optimizer: that of the artifacts, changed by what the command line gives.</summary>
internal sealed class OptimizerOptions
{
    private readonly Option<string?> optimizer = new("--optimizer") { Description = "sgd or adamw (default: as in the artifacts)." };
    private readonly Option<double?> rate = new("--lr") { Description = "Learning rate (0.001 for AdamW, 0.01 for SGD)." };
    private readonly Option<double?> momentum = new("--momentum") { Description = "SGD's momentum (0)." };
    private readonly Option<double?> decay = new("--weight-decay") { Description = "Weight decay (as in the artifacts)." };

    private readonly Option<string?> decayed = new("--decay")
    {
        Description = "What weight decay applies to: all, or matrices (no biases, no scales of normalizations) (all).",
    };

    private readonly Option<double?> clip = new("--clip-norm")
    {
        Description = "Scales the gradients down to this norm of all of them together (no limit).",
    };

    private readonly Option<double?> epsilon = new("--epsilon") { Description = "AdamW's ε (as in the artifacts)." };
    private readonly Option<int?> adamMode = new("--adam-mode") { Description = "0: PyTorch's AdamW, 1: Hugging Face's (as in the artifacts)." };

    public void AddTo(Command command)
    {
        foreach (Option option in new Option[] { optimizer, rate, momentum, decay, decayed, clip, epsilon, adamMode }) command.Add(option);
    }

    /// <exception cref="GraphRewriteException">There is no such optimizer, kind of decay or mode.</exception>
    public OptimizerChoice Bind(ParseResult parsed) => new()
    {
        Optimizer = parsed.GetValue(optimizer)?.ToLowerInvariant() switch
        {
            null => null,
            "sgd" => new SgdSettings(),
            "adamw" => new AdamWSettings(),
            string other => throw new GraphRewriteException($"--optimizer {other}: there are sgd and adamw."),
        },
        Rate = parsed.GetValue(rate),
        Momentum = parsed.GetValue(momentum),
        WeightDecay = parsed.GetValue(decay),
        DecayMatricesOnly = parsed.GetValue(decayed) switch
        {
            null => null,
            "all" => false,
            "matrices" => true,
            string other => throw new GraphRewriteException($"--decay {other}: there are all and matrices."),
        },
        ClipNorm = parsed.GetValue(clip),
        Epsilon = parsed.GetValue(epsilon),
        Mode = parsed.GetValue(adamMode) switch
        {
            null => null,
            0 => AdamMode.PyTorch,
            1 => AdamMode.HuggingFace,
            int other => throw new GraphRewriteException($"--adam-mode {other}: there are 0 (PyTorch) and 1 (Hugging Face)."),
        },
    };
}
