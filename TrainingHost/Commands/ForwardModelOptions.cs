using System.CommandLine;
using GraphRewrite.Diagnostics;
using GraphRewrite.Forward;
using GraphRewrite.Losses;
using GraphRewrite.NormalForm;

namespace TrainingHost.Commands;

/// <summary>What to make of a forward model: loss, frozen parameters, BatchNormalization's mode. Artifacts have all that inside.</summary>
internal sealed class ForwardModelOptions
{
    private readonly Option<string?> loss = new("--loss") { Description = $"{string.Join(", ", Loss.All.Select(loss => loss.Name))} (cross-entropy)." };
    private readonly Option<string[]> freeze = new("--freeze") { Description = "Parameters that stay as they are: names or globs; may be repeated.", DefaultValueFactory = _ => [], AllowMultipleArgumentsPerToken = true };
    private readonly Option<string?> batchNorm = new("--bn") { Description = "train (batch statistics, running ones updated) or frozen (train)." };

    public void AddTo(Command command)
    {
        foreach (Option option in new Option[] { loss, freeze, batchNorm }) command.Add(option);
    }

    /// <param name="parsed">The command line.</param>
    /// <param name="path">The model.</param>
    /// <param name="seed">Of parameters that the model brings no values for.</param>
    /// <exception cref="GraphRewriteException">An option is unknown, or the model is a folder of artifacts.</exception>
    public ForwardOptions Resolve(ParseResult parsed, string path, int seed)
    {
        if (Directory.Exists(path))
        {
            foreach (Option option in new Option[] { loss, freeze, batchNorm })
                if (parsed.GetResult(option) is { Implicit: false }) throw new GraphRewriteException($"{option.Name}: {path} is a folder of artifacts, which has that inside; the option goes with a forward .onnx.");
        }
        return new()
        {
            Loss = Loss.Named(parsed.GetValue(loss) ?? "cross-entropy"),
            Freeze = parsed.GetValue(freeze)!,
            Seed = seed,
            BatchNorm = parsed.GetValue(batchNorm) switch
            {
                null or "train" => BatchNormMode.Train,
                "frozen" => BatchNormMode.Frozen,
                string other => throw new GraphRewriteException($"--bn {other}: there are train and frozen."),
            },
        };
    }
}
