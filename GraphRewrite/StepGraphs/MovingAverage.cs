using GraphRewrite.IR;
using GraphRewrite.IR.Building;
using GraphRewrite.Optimizers;

namespace GraphRewrite.StepGraphs;

/// <summary>
/// Ā' = Ā + (1 − d) (P' − Ā), d = min(decay, (1 + t) / (10 + t)), after update t = 1, 2, …; thus 1 − d = max(1 − decay, 9 / (10 + t)). The warm-up is
/// that of TensorFlow's ExponentialMovingAverage with num_updates: without it a short run's average is mostly what it began with. Running statistics
/// are averaged as parameters are, as timm's ModelEmaV2 does.
/// </summary>
internal sealed class MovingAverage
{
    private const int Shift = 10;

    private readonly Graph graph;
    private readonly StepNames names;
    private readonly Value share;

    /// <param name="op">Where to emit.</param>
    /// <param name="names">Of the averages.</param>
    /// <param name="decay">Above 0 and below 1.</param>
    /// <param name="step">int64 [1]: how many updates were done before this one.</param>
    public MovingAverage(OpBuilder op, StepNames names, double decay, Value step)
    {
        (graph, this.names) = (op.Graph, names);
        Value t = op.Cast(step + op.Ints(1), ElementType.Float);
        Value warm = op.Constant(Tensor.Vector(Shift - 1f)) / (t + op.ScalarLike(t, Shift));
        share = op.Op("Max", [warm, op.Constant(Tensor.Vector((float)(1 - decay)))]); // [1]
    }

    /// <summary>The averages of updated parameters: inputs Ā, and what replaces them.</summary>
    /// <param name="packed">The parameters.</param>
    /// <param name="updated">Their new values, packed.</param>
    public IEnumerable<(Value Old, Value New)> Add(PackedParameters packed, Value updated)
    {
        Value[] old = [.. packed.Members.Select(p => StepGraphBuilder.Input(graph, names.Average(p.Name), p.Type, p.Shape))];
        Value before = packed.Pack(old);
        return old.Zip(packed.Unpack(before + ((updated - before) * share)));
    }

    /// <summary>The averages of running statistics.</summary>
    /// <param name="op">Where to emit.</param>
    /// <param name="statistics">The inputs.</param>
    /// <param name="updated">What replaces one of them.</param>
    public IEnumerable<(Value Old, Value New)> Add(OpBuilder op, IEnumerable<Value> statistics, Func<Value, Value> updated) =>
        PackedParameters.Of(op, [.. statistics]).SelectMany(packed => Add(packed, packed.Pack([.. packed.Members.Select(updated)])));
}
