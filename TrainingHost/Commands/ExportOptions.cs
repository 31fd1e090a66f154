using System.CommandLine;
using GraphRewrite.Diagnostics;
using TrainingHost.Settings;

namespace TrainingHost.Commands;

/// <summary>The form of a model for inference.</summary>
internal sealed class ExportOptions
{
    private const string Raised = "raised";

    private readonly Option<bool> with = new("--with-preprocessing")
    {
        Description = "Puts the run's preprocessing.json into the model: raw data in, class probabilities out. [default: where the run has one]",
    };

    private readonly Option<bool> without = new("--no-preprocessing") { Description = "Writes preprocessing.json beside the model instead." };
    private readonly Option<bool> bytes = new("--uint8") { Description = "Raw pixels come as bytes, not as float32." };

    private readonly Option<string?> batch = new("--batch")
    {
        Description = $"Examples that it takes at once: a number, or {BatchAxis.Dynamic}. It is run to see that this holds. [default: as it is]",
        HelpName = "size",
    };

    private readonly Option<string?> opset = Choice.Of<string?>(
        "--opset",
        "The opset: the forward model's own, where that file is there, or the one that training raises graphs to. [default: kept]",
        ("kept", "kept"),
        ("raised", Raised));

    private readonly Option<bool> external = new("--external-data") { Description = "Large weights go to NAME.data beside the model." };

    public void AddTo(VerbCommand command)
    {
        command.Add("Preprocessing", with, without, bytes);
        command.Add("Form", batch, opset, external);
    }

    /// <exception cref="GraphRewriteException">There is no such batch axis, or two options exclude each other.</exception>
    public ExportSettings Bind(ParseResult parsed, string run, string output) => new()
    {
        Run = run,
        Output = output,
        Preprocessing = (parsed.GetValue(with), parsed.GetValue(without)) switch
        {
            (true, true) => throw new GraphRewriteException("--with-preprocessing: does not go with --no-preprocessing."),
            (true, _) => true,
            (_, true) => false,
            _ => null,
        },
        Bytes = parsed.GetValue(bytes),
        Batch = parsed.GetValue(batch) is { } text ? BatchAxis.Parse(text) : null,
        RaisesOpset = parsed.GetValue(opset) == Raised,
        ExternalData = parsed.GetValue(external),
    };
}
