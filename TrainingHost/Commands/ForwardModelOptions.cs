using System.CommandLine;
using System.Globalization;
using GraphRewrite.Diagnostics;
using GraphRewrite.Losses;
using GraphRewrite.NormalForm;
using TrainingHost.Settings;

namespace TrainingHost.Commands;

/// <summary>What to make of a forward model: loss, frozen parameters, BatchNormalization's mode. Artifacts have all that inside.</summary>
internal sealed class ForwardModelOptions
{
    private readonly LossOptions loss = new(otherwise: new CrossEntropyLoss().Name);

    private readonly Option<string[]> freeze = new("--freeze")
    {
        Description = "Parameters that stay as they are: names or globs; may be repeated.",
        HelpName = "name",
        DefaultValueFactory = _ => [],
        AllowMultipleArgumentsPerToken = true,
    };

    private readonly Option<BatchNormMode?> batchNorm = Choice.Of<BatchNormMode?>(
        "--bn",
        "BatchNormalization: by the batch's statistics, updating the running ones, or frozen. [default: train]",
        ("train", BatchNormMode.Train),
        ("frozen", BatchNormMode.Frozen));

    private readonly Option<string[]> size = new("--size")
    {
        Description = "The extent of a symbolic dimension that the training graph is made for; may be repeated. "
            + "[default, of train and trace: the data's]",
        HelpName = "name=extent",
        DefaultValueFactory = _ => [],
    };

    private readonly Option<long?> length = new("--length")
    {
        Description = "Steps that recurrent layers are unrolled for, where the model leaves them open.",
        HelpName = "steps",
    };

    public void AddTo(VerbCommand command)
    {
        loss.AddTo(command);
        command.Add(CommonOptions.ForwardHeading, freeze, batchNorm, size, length);
    }

    /// <exception cref="GraphRewriteException">An option does not go with the loss, or a size is none.</exception>
    public ForwardChoice Bind(ParseResult parsed) => new()
    {
        Loss = loss.Bind(parsed),
        Freeze = parsed.GetValue(freeze)!,
        Sizes = parsed.GetValue(size)!.Select(ToSize).ToDictionary(),
        Length = parsed.GetValue(length),
        BatchNorm = parsed.GetValue(batchNorm),
    };

    private static KeyValuePair<string, long> ToSize(string given)
    {
        int at = given.LastIndexOf('=');
        return at > 0 && long.TryParse(given.AsSpan(at + 1), NumberStyles.None, CultureInfo.InvariantCulture, out long extent) && extent > 0
            ? new(given[..at], extent)
            : throw new GraphRewriteException($"--size {given}: give NAME=EXTENT, as height=224.");
    }
}
