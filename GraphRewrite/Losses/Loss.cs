using GraphRewrite.Diagnostics;
using GraphRewrite.IR;
using GraphRewrite.IR.Building;

namespace GraphRewrite.Losses;

/// <summary>How a loss over examples becomes one number.</summary>
public enum LossReduction
{
    /// <summary>The mean over all elements, or over the examples where the loss says so: the gradient does not grow with the batch.</summary>
    Mean,

    /// <summary>The sum over all elements.</summary>
    Sum,

    /// <summary>The sum over all elements, divided by the number of examples: of the Kullback-Leibler divergence alone.</summary>
    BatchMean,
}

/// <summary>What a model's output is compared with the labels by.</summary>
public abstract record Loss
{
    /// <summary>The losses are those of <see cref="All"/>.</summary>
    private protected Loss()
    {
    }

    /// <summary>What users call it.</summary>
    public abstract string Name { get; }

    /// <summary>How the losses of the elements become one number.</summary>
    public LossReduction Reduction { get; init; } = LossReduction.Mean;

    /// <summary>THE table of losses by name.</summary>
    public static IReadOnlyList<Loss> All { get; } =
    [
        new CrossEntropyLoss(), new MseLoss(), new L1Loss(), new HuberLoss(), new HuberLoss { IsSmoothL1 = true }, new BceWithLogitsLoss(),
        new KlDivLoss(), new OutputLoss(),
    ];

    /// <summary>The loss that users call by a name, with its usual constants.</summary>
    /// <exception cref="GraphRewriteException">There is no such loss.</exception>
    public static Loss Named(string name) => All.FirstOrDefault(loss => loss.Name == name)
        ?? throw new GraphRewriteException(new Finding("no such loss", $"There are {string.Join(", ", All.Select(loss => loss.Name))}")
        {
            Place = new() { Setting = Setting.Loss, Given = name },
        });

    /// <summary>Whether it compares the prediction with labels; else the prediction is the loss.</summary>
    internal virtual bool TakesLabels => true;

    /// <summary>Appends the loss to a forward graph: a new input for the labels, and the loss as a scalar output.</summary>
    /// <param name="graph">The forward graph.</param>
    /// <param name="prediction">The model's output.</param>
    /// <param name="labels">A name for the labels' input; with a number where the graph has a value of that name.</param>
    /// <returns>The labels and the loss.</returns>
    internal (Value Labels, Value Loss) Append(Graph graph, Value prediction, string labels = "labels")
    {
        Value target = AddLabels(graph, prediction, labels);
        using OpBuilder op = graph.BuildAtEnd("loss");
        return (target, SummedLoss.Mark(graph, Of(op, prediction, target), this));
    }

    /// <summary>A new input for the labels.</summary>
    /// <exception cref="GraphRewriteException">The prediction has a shape that the loss has no labels for.</exception>
    internal Value AddLabels(Graph graph, Value prediction, string name)
    {
        (ElementType type, Shape? shape) = LabelsOf(prediction);
        return graph.AddInput(graph.FreeName(name), type, shape);
    }

    /// <summary>Emits the scalar loss.</summary>
    /// <exception cref="GraphRewriteException">Its constants are out of range, or do not fit the prediction.</exception>
    internal Value Of(OpBuilder op, Value prediction, Value labels)
    {
        if (Reduction == LossReduction.BatchMean && this is not KlDivLoss) throw Refused($"a mean over the batch is of kl-div alone, not of {Name}");
        Check(prediction);
        return Emit(op, prediction, labels);
    }

    /// <summary>The type and shape of the labels: the prediction's, unless the loss says otherwise.</summary>
    private protected virtual (ElementType Type, Shape? Shape) LabelsOf(Value prediction) => (prediction.Type, prediction.Shape);

    /// <summary>Refuses constants that are out of range or do not fit the prediction.</summary>
    private protected virtual void Check(Value prediction)
    {
    }

    /// <summary>Emits the scalar loss.</summary>
    private protected abstract Value Emit(OpBuilder op, Value prediction, Value labels);

    private protected static GraphRewriteException Refused(Phrase found, Phrase? remedy = null) => new(new Finding(found, remedy));

    /// <summary>Constants that stand one for each class.</summary>
    private protected static void CheckCount(IReadOnlyList<float>? constants, Dim classes, string what, Value prediction)
    {
        if (constants is null) return;
        if (constants.Any(constant => !(constant >= 0) || !float.IsFinite(constant))) throw Refused($"{what} must be numbers of at least 0");
        if (classes.IsKnown && constants.Count != classes.Value)
            throw Refused($"there are {constants.Count} {what}, but '{prediction.Name}' is {prediction.Shape}: {classes} classes");
    }

    /// <summary>The mean or the sum over all elements.</summary>
    private protected Value Reduce(OpBuilder op, Value losses) =>
        op.Op(Reduction == LossReduction.Mean ? "ReduceMean" : "ReduceSum", [losses], ("keepdims", 0));
}
