using GraphRewrite.IR;
using GraphRewrite.IR.Building;
using GraphRewrite.Kernels;

namespace GraphRewrite.Lowering;

/// <summary>
/// Dropout in training → mask = U ≥ ratio, Y = X ⊙ mask / (1 − ratio), with U uniform over [0, 1). ONNX Runtime's CPU kernel begins its generator
/// (minstd) anew from seed + k in run k: neighbouring seeds give nearly the same first number, so that a mask's first entry stays for tens of
/// thousands of steps. Its RandomUniformLike goes on where the last run stopped.
/// </summary>
internal static class DropoutLowering
{
    public static void Apply(Graph graph, LoweringTarget target)
    {
        if (target.Device != ExecutionDevice.Cpu) return; // CUDA's kernel draws by Philox's counter
        foreach (Node node in graph.Nodes.Where(IsTraining).ToArray()) Replace(graph, node);
    }

    /// <summary>A mode that is computed stays with the operator, which looks at it.</summary>
    private static bool IsTraining(Node node) => node.Op == "Dropout" && node.InOrNull(2)?.Initializer is { } training && training.ToDouble()[0] != 0;

    private static void Replace(Graph graph, Node node)
    {
        using OpBuilder op = graph.BuildBefore(node, node.Name);
        Value x = node.In(0);
        Value uniform = op.Op("RandomUniformLike", [x], ("low", 0f), ("high", 1f), ("dtype", ElementType.Float));
        Value mask = op.Op("GreaterOrEqual", [uniform, Ratio(op, node.InOrNull(1))]);
        Value y = x * DropoutGradLowering.Factor(op, mask, node.InOrNull(1), node.In(2), x);
        (Value output, Value? saved) = (node.Out(0), node.OutOrNull(1));
        graph.Redefine(output, y);
        if (saved is not null) graph.Redefine(saved, mask);
        graph.Remove(node);
    }

    private static Value Ratio(OpBuilder op, Value? ratio) => ratio is null ? op.Constant(Tensor.Scalar(0.5f))
        : ratio.Initializer is { } stored ? op.Constant(Tensor.Scalar((float)stored.ToDouble()[0]))
        : op.Op("Cast", [ratio], ("to", ElementType.Float));
}
