using System.CommandLine;
using System.Globalization;
using GraphRewrite.Diagnostics;
using GraphRewrite.Forward;
using GraphRewrite.Losses;
using TrainingHost.Settings;

namespace TrainingHost.Commands;

/// <summary>What a forward model is trained to do: which outputs, by which losses, with which constants.</summary>
internal sealed class LossOptions(string otherwise)
{
    private const string Heading = "Loss";

    private readonly Option<string[]> loss = new("--loss")
    {
        Description = $"What an output is compared with the labels by; one for all outputs of --predict, or one for each. [default: {otherwise}]",
        HelpName = string.Join('|', Loss.All.Select(loss => loss.Name)),
        DefaultValueFactory = _ => [],
    };

    private readonly Option<string[]> predict = new("--predict")
    {
        Description = "The output that is trained, and its weight; may be repeated. [default: the first of floating type]",
        HelpName = "name[=weight]",
        DefaultValueFactory = _ => [],
    };

    private readonly Option<bool> sharedLabels = new("--shared-labels")
    {
        Description = "Compares all outputs of --predict with the same labels; else those of a further output are the input labels_NAME.",
    };

    private readonly Option<float?> smoothing = new("--label-smoothing")
    {
        Description = "cross-entropy: ε in [0, 1]. [default: 0]",
        HelpName = "number",
    };

    private readonly Option<string?> classWeights = new("--class-weights")
    {
        Description = "cross-entropy: a weight for each class, separated by commas, or a text file of them.",
        HelpName = "numbers",
    };

    private readonly Option<long?> ignoreIndex = new("--ignore-index")
    {
        Description = "cross-entropy: a label whose examples do not count.",
        HelpName = "label",
    };

    private readonly Option<bool> softTargets = new("--soft-targets")
    {
        Description = "cross-entropy: the labels are probabilities of the classes.",
    };

    private readonly Option<string?> positiveWeights = new("--pos-weight")
    {
        Description = "bce-with-logits: what positive examples count, one number or one for each class.",
        HelpName = "numbers",
    };

    private readonly Option<float?> delta = new("--delta")
    {
        Description = "huber: δ > 0, where the parabola ends. [default: 1]",
        HelpName = "number",
    };

    private readonly Option<float?> beta = new("--beta")
    {
        Description = "smooth-l1: β > 0, where the parabola ends. [default: 1]",
        HelpName = "number",
    };

    private readonly Option<bool> logTarget = new("--log-target") { Description = "kl-div: the labels are logarithms of probabilities." };

    private readonly Option<LossReduction?> reduction = Choice.Of<LossReduction?>(
        "--reduction",
        "What becomes of the elements' losses. [default: mean; of kl-div: batchmean, which no other has]",
        ("mean", LossReduction.Mean),
        ("sum", LossReduction.Sum),
        ("batchmean", LossReduction.BatchMean));

    public void AddTo(VerbCommand command) => command.Add(
        Heading, loss, predict, sharedLabels, smoothing, classWeights, ignoreIndex, softTargets, positiveWeights, delta, beta, logTarget, reduction);

    /// <exception cref="GraphRewriteException">There is no such loss, or an option does not go with it.</exception>
    public LossChoice Bind(ParseResult parsed)
    {
        string[] names = parsed.GetValue(loss)!;
        TrainedOutput[] outputs = [.. parsed.GetValue(predict)!.Select(ToOutput)];
        if (names.Length > 1 && names.Length != outputs.Length)
        {
            throw new GraphRewriteException(
                $"--loss: {names.Length} are given for {outputs.Length} outputs of --predict; give one, or one for each.");
        }
        bool isAsked = names.Length > 0 || Constants(parsed).Length > 0;
        Loss[] losses = isAsked ? WithConstants([.. (names.Length > 0 ? names : [new CrossEntropyLoss().Name]).Select(Named)], parsed) : [];
        return new()
        {
            Loss = losses.FirstOrDefault(),
            Outputs = losses.Length > 1 ? [.. outputs.Zip(losses, (output, own) => output with { Loss = own })] : outputs,
            SharesLabels = parsed.GetValue(sharedLabels),
        };
    }

    private static Loss Named(string name) => Loss.All.FirstOrDefault(loss => string.Equals(loss.Name, name, StringComparison.OrdinalIgnoreCase))
        ?? throw new GraphRewriteException($"--loss {name}: there are {string.Join(", ", Loss.All.Select(loss => loss.Name))}.");

    /// <summary>The constants go to every loss that has them; one that no loss has is an error.</summary>
    private Loss[] WithConstants(Loss[] losses, ParseResult parsed)
    {
        foreach ((string option, Func<Loss, Loss?> apply) in Constants(parsed))
        {
            Loss?[] changed = [.. losses.Select(apply)];
            if (changed.All(with => with is null))
                throw new GraphRewriteException($"{option}: does not go with --loss {string.Join(" ", losses.Select(given => given.Name))}.");
            losses = [.. changed.Zip(losses, (with, without) => with ?? without)];
        }
        return losses;
    }

    /// <summary>What each given option makes of a loss; null of one that has no such constant.</summary>
    private (string Option, Func<Loss, Loss?> Apply)[] Constants(ParseResult parsed)
    {
        var given = new List<(string, Func<Loss, Loss?>)>();
        if (parsed.GetValue(smoothing) is { } e) Add(smoothing, OfClasses(loss => loss with { LabelSmoothing = e }));
        if (parsed.GetValue(classWeights) is { } w) Add(classWeights, OfClasses(loss => loss with { ClassWeights = Numbers(classWeights, w) }));
        if (parsed.GetValue(ignoreIndex) is { } i) Add(ignoreIndex, OfClasses(loss => loss with { IgnoreIndex = i }));
        if (parsed.GetValue(softTargets)) Add(softTargets, OfClasses(loss => loss with { SoftTargets = true }));
        if (parsed.GetValue(positiveWeights) is { } p)
            Add(positiveWeights, loss => loss is BceWithLogitsLoss bce ? bce with { PosWeight = Numbers(positiveWeights, p) } : null);
        if (parsed.GetValue(delta) is { } d) Add(delta, loss => loss is HuberLoss { IsSmoothL1: false } huber ? huber with { Delta = d } : null);
        if (parsed.GetValue(beta) is { } b) Add(beta, loss => loss is HuberLoss { IsSmoothL1: true } smooth ? smooth with { Delta = b } : null);
        if (parsed.GetValue(logTarget)) Add(logTarget, loss => loss is KlDivLoss divergence ? divergence with { LogTarget = true } : null);
        if (parsed.GetValue(reduction) is { } r) Add(reduction, loss => loss with { Reduction = r });
        return [.. given];

        void Add(Option option, Func<Loss, Loss?> apply) => given.Add((option.Name, apply));
    }

    private static Func<Loss, Loss?> OfClasses(Func<CrossEntropyLoss, Loss> with) => loss => loss is CrossEntropyLoss classes ? with(classes) : null;

    private static float[] Numbers(Option option, string given)
    {
        string text = File.Exists(given) ? File.ReadAllText(given) : given;
        string[] parts = text.Split([',', ' ', '\t', '\r', '\n'], StringSplitOptions.RemoveEmptyEntries);
        var numbers = new float[parts.Length];
        for (int i = 0; i < parts.Length; i++)
        {
            if (!float.TryParse(parts[i], NumberStyles.Float, CultureInfo.InvariantCulture, out numbers[i]))
                throw new GraphRewriteException($"{option.Name} {given}: '{parts[i]}' is no number.");
        }
        return numbers.Length > 0 ? numbers : throw new GraphRewriteException($"{option.Name} {given}: holds no number.");
    }

    /// <summary>NAME, or NAME=WEIGHT where what follows the last = is a number.</summary>
    private static TrainedOutput ToOutput(string given)
    {
        int at = given.LastIndexOf('=');
        return at > 0 && float.TryParse(given.AsSpan(at + 1), NumberStyles.Float, CultureInfo.InvariantCulture, out float weight)
            ? new(given[..at], weight)
            : new(given);
    }
}
