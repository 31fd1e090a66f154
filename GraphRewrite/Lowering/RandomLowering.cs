using GraphRewrite.IR;
using GraphRewrite.IR.Building;
using GraphRewrite.Kernels;

namespace GraphRewrite.Lowering;

/// <summary>
/// What draws random numbers in a training step, from numbers that a resumed run can draw again (<see cref="RandomDraws"/>).
/// Dropout: mask = U ≥ ratio, Y = X ⊙ mask / (1 − ratio). RandomUniform: low + (high − low) · U. RandomNormal: mean + scale · N.
/// Multinomial stays as it is.
/// </summary>
internal static class RandomLowering
{
    /// <param name="graph">The training graph.</param>
    /// <param name="target">On CUDA all stays: its kernels draw by Philox's counter.</param>
    /// <param name="step">Makes the graph's input with the number of steps that were done, int64 [1].</param>
    public static void Apply(Graph graph, LoweringTarget target, Func<Value> step)
    {
        if (target.Device != ExecutionDevice.Cpu) return;
        RandomDraws? draws = null;
        foreach (Node node in graph.Nodes.Where(IsDrawn).ToArray())
        {
            draws ??= new(step());
            using OpBuilder op = graph.BuildBefore(node, node.Name);
            if (node.Op == "Dropout") Drop(graph, op, node, draws);
            else graph.Redefine(node.Out(0), Drawn(op, node, draws));
            graph.Remove(node);
        }
    }

    /// <summary>A Dropout whose mode is computed stays: it looks at it.</summary>
    private static bool IsDrawn(Node node) => node.Op.Domain == OpId.Onnx && node.Op.Type switch
    {
        "Dropout" => node.InOrNull(2)?.Initializer is { } training && training.ToDouble()[0] != 0,
        "RandomUniform" or "RandomUniformLike" or "RandomNormal" or "RandomNormalLike" => true,
        _ => false,
    };

    private static void Drop(Graph graph, OpBuilder op, Node node, RandomDraws draws)
    {
        Value x = node.In(0), shape = op.Shape(x);
        Value mask = op.Reshape(draws.Kept(op, Count(op, shape), Ratio(op, node.InOrNull(1))), shape);
        Value y = x * DropoutGradLowering.Factor(op, mask, node.InOrNull(1), node.In(2), x);
        (Value output, Value? saved) = (node.Out(0), node.OutOrNull(1));
        graph.Redefine(output, y);
        if (saved is not null) graph.Redefine(saved, mask);
    }

    private static Value Drawn(OpBuilder op, Node node, RandomDraws draws)
    {
        Value shape = node.InOrNull(0) is { } like ? op.Shape(like) : op.Ints([.. node.Ints("shape") ?? []]);
        Value count = Count(op, shape);
        (Value drawn, float offset, float scale) = node.Op.Type.StartsWith("RandomNormal", StringComparison.Ordinal)
            ? (draws.Normal(op, count), node.Float("mean", 0), node.Float("scale", 1))
            : (draws.Uniform(op, count), node.Float("low", 0), node.Float("high", 1) - node.Float("low", 0));
        if (scale != 1) drawn *= op.Constant(Tensor.Scalar(scale));
        if (offset != 0) drawn += op.Constant(Tensor.Scalar(offset));
        ElementType type = (ElementType)node.Int("dtype", (long)(node.InOrNull(0)?.Type ?? ElementType.Float).FloatIfUndefined());
        drawn = op.Reshape(drawn, shape);
        return type == ElementType.Float ? drawn : op.Cast(drawn, type);
    }

    private static Value Count(OpBuilder op, Value shape) => op.Op("ReduceProd", [shape], ("keepdims", 1L));

    private static Value Ratio(OpBuilder op, Value? ratio) => ratio is null ? op.Constant(Tensor.Scalar(0.5f))
        : ratio.Initializer is { } stored ? op.Constant(Tensor.Scalar((float)stored.ToDouble()[0]))
        : op.Op("Cast", [ratio], ("to", ElementType.Float));
}
