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
        [new CrossEntropyLoss(), new MseLoss(), new L1Loss(), new HuberLoss(), new BceWithLogitsLoss(), new KlDivLoss()];

    /// <summary>The loss that users call by a name, with its usual constants.</summary>
    /// <exception cref="GraphRewriteException">There is no such loss.</exception>
    public static Loss Named(string name) => All.FirstOrDefault(loss => loss.Name == name)
        ?? throw new GraphRewriteException(new Finding("no such loss", $"There are {string.Join(", ", All.Select(loss => loss.Name))}")
        {
            Place = new() { Setting = Setting.Loss, Given = name },
        });

    /// <summary>Appends the loss to a forward graph: a new input for the labels, and the loss as a scalar output.</summary>
    /// <param name="graph">The forward graph.</param>
    /// <param name="prediction">The model's output.</param>
    /// <param name="labels">A name for the labels' input; with a number where the graph has a value of that name.</param>
    /// <returns>The labels and the loss.</returns>
    internal (Value Labels, Value Loss) Append(Graph graph, Value prediction, string labels = "labels")
    {
        (ElementType type, Shape? shape) = LabelsOf(prediction);
        Value target = graph.AddInput(graph.FreeName(labels), type, shape);
        using OpBuilder op = graph.BuildAtEnd("loss");
        Value loss = Emit(op, prediction, target);
        graph.Rename(loss, graph.Find("loss") is null ? "loss" : graph.FreeName($"{Name}_loss"));
        (loss.Type, loss.Shape) = (prediction.Type, Shape.Scalar);
        graph.MarkOutput(loss);
        return (target, loss);
    }

    /// <summary>The type and shape of the labels: the prediction's, unless the loss says otherwise.</summary>
    private protected virtual (ElementType Type, Shape? Shape) LabelsOf(Value prediction) => (prediction.Type, prediction.Shape);

    /// <summary>Emits the scalar loss.</summary>
    private protected abstract Value Emit(OpBuilder op, Value prediction, Value labels);

    /// <summary>The mean or the sum over all elements.</summary>
    private protected Value Reduce(OpBuilder op, Value losses) =>
        op.Op(Reduction == LossReduction.Mean ? "ReduceMean" : "ReduceSum", [losses], ("keepdims", 0));
}
