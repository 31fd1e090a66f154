using System.CommandLine;
using GraphRewrite.Diagnostics;
using GraphRewrite.Losses;
using GraphRewrite.NormalForm;
using TrainingHost.Settings;

namespace TrainingHost.Commands;

/// <summary>What to make of a forward model: loss, frozen parameters, BatchNormalization's mode. Artifacts have all that inside.</summary>
internal sealed class ForwardModelOptions
{
    private readonly Option<string?> loss = new("--loss")
    {
        Description = $"{string.Join(", ", Loss.All.Select(loss => loss.Name))} (cross-entropy).",
    };

    private readonly Option<string[]> freeze = new("--freeze")
    {
        Description = "Parameters that stay as they are: names or globs; may be repeated.",
        DefaultValueFactory = _ => [],
        AllowMultipleArgumentsPerToken = true,
    };

    private readonly Option<string?> batchNorm = new("--bn")
    {
        Description = "train (batch statistics, running ones updated) or frozen (train).",
    };

    public void AddTo(Command command)
    {
        foreach (Option option in new Option[] { loss, freeze, batchNorm }) command.Add(option);
    }

    /// <exception cref="GraphRewriteException">There is no such loss or mode.</exception>
    public ForwardChoice Bind(ParseResult parsed) => new()
    {
        Loss = parsed.GetValue(loss) is { } name ? Loss.Named(name) : null,
        Freeze = parsed.GetValue(freeze)!,
        BatchNorm = parsed.GetValue(batchNorm) switch
        {
            null => null,
            "train" => BatchNormMode.Train,
            "frozen" => BatchNormMode.Frozen,
            string other => throw new GraphRewriteException($"--bn {other}: there are train and frozen."),
        },
    };
}
