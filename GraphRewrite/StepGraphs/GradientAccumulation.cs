using GraphRewrite.IR;
using GraphRewrite.IR.Building;

namespace GraphRewrite.StepGraphs;

/// <summary>
/// One update for the gradients of k batches: A' = A + g / k at each. With <see cref="StepGraph.ApplyUpdate"/> the optimizer takes A', and A
/// begins at zero again; without it parameters, moments and step stay. Equal to one batch k times as large where the loss is a mean over
/// examples and no layer looks at the batch as a whole (BatchNormalization does, and so does TrAct: its Gram matrix is that of each batch).
/// </summary>
internal sealed class GradientAccumulation
{
    private readonly OpBuilder op;
    private readonly StepNames names;
    private readonly int batches;
    private readonly Value apply;

    public GradientAccumulation(OpBuilder op, StepNames names, int batches)
    {
        (this.op, this.names, this.batches) = (op, names, batches);
        apply = StepGraphBuilder.Input(op.Graph, names.ApplyUpdate, ElementType.Bool, Shape.Scalar);
    }

    /// <summary>A', and the outputs that replace the inputs A.</summary>
    public (Value[] Sums, IReadOnlyList<(Value Old, Value New)> State) Add(IReadOnlyList<Value> parameters, IReadOnlyList<Value> gradients)
    {
        Value[] old = [.. parameters.Select(p => StepGraphBuilder.Input(op.Graph, names.Accumulated(p.Name), p.Type, p.Shape))];
        Value[] sums = [.. old.Zip(gradients, (sum, g) => sum + (g * op.ScalarLike(g, 1.0 / batches)))];
        return (sums, [.. old.Zip(sums, (before, sum) => (before, op.Where(apply, op.ScalarLike(sum, 0), sum)))]);
    }

    /// <summary>The new value in a step that updates, else the old one.</summary>
    public Value Choose(Value updated, Value old) => op.Where(apply, updated, old);
}
