using System.CommandLine;
using GraphRewrite.Optimizers;
using TrainingHost.Settings;

namespace TrainingHost.Commands;

/// <summary>The optimizer: that of the artifacts, changed by what the command line gives.</summary>
internal sealed class OptimizerOptions
{
    private const string Matrices = "matrices";

    private readonly Option<OptimizerSettings?> optimizer = Choice.Of<OptimizerSettings?>(
        "--optimizer", "Another optimizer than that of the artifacts.", ("sgd", new SgdSettings()), ("adamw", new AdamWSettings()));

    private readonly Option<double?> rate = Number("--lr", "Learning rate. [default: 0.001 for AdamW, 0.01 for SGD]");
    private readonly Option<double?> momentum = Number("--momentum", "SGD's momentum. [default: 0]");
    private readonly Option<double?> decay = Number("--weight-decay", "Weight decay. [default: as in the artifacts]");

    private readonly Option<string?> decayed = Choice.Of<string?>(
        "--decay",
        "What weight decay applies to; matrices: no biases, no scales of normalizations. [default: all]",
        ("all", "all"),
        ("matrices", Matrices));

    private readonly Option<double?> clip = Number(
        "--clip-norm", "Scales the gradients down to this norm of all of them together. [default: no limit]");

    private readonly Option<double?> epsilon = Number("--epsilon", "AdamW's ε. [default: as in the artifacts]");

    private readonly Option<AdamMode?> adamMode = Choice.Of<AdamMode?>(
        "--adam-mode", "0: PyTorch's AdamW, 1: Hugging Face's. [default: as in the artifacts]", ("0", AdamMode.PyTorch), ("1", AdamMode.HuggingFace));

    public void AddTo(VerbCommand command) =>
        command.Add(CommonOptions.OptimizerHeading, optimizer, rate, momentum, decay, decayed, clip, epsilon, adamMode);

    public OptimizerChoice Bind(ParseResult parsed) => new()
    {
        Optimizer = parsed.GetValue(optimizer),
        Rate = parsed.GetValue(rate),
        Momentum = parsed.GetValue(momentum),
        WeightDecay = parsed.GetValue(decay),
        DecayMatricesOnly = parsed.GetValue(decayed) is { } what ? what == Matrices : null,
        ClipNorm = parsed.GetValue(clip),
        Epsilon = parsed.GetValue(epsilon),
        Mode = parsed.GetValue(adamMode),
    };

    private static Option<double?> Number(string name, string description) => new(name) { Description = description, HelpName = "number" };
}
