using System.CommandLine;
using GraphRewrite.Losses;
using GraphRewrite.NormalForm;
using TrainingHost.Settings;

namespace TrainingHost.Commands;

/// <summary>What to make of a forward model: loss, frozen parameters, BatchNormalization's mode. Artifacts have all that inside.</summary>
internal sealed class ForwardModelOptions
{
    private readonly Option<Loss?> loss = Loss("The loss. [default: cross-entropy]");

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

    /// <summary>--loss.</summary>
    /// <param name="description">What for.</param>
    public static Option<Loss?> Loss(string description) =>
        Choice.Of("--loss", description, [.. GraphRewrite.Losses.Loss.All.Select(loss => (loss.Name, (Loss?)loss))]);

    public void AddTo(VerbCommand command) => command.Add(CommonOptions.ForwardHeading, loss, freeze, batchNorm);

    public ForwardChoice Bind(ParseResult parsed) => new()
    {
        Loss = parsed.GetValue(loss),
        Freeze = parsed.GetValue(freeze)!,
        BatchNorm = parsed.GetValue(batchNorm),
    };
}
