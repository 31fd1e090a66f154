using GraphRewrite.Diagnostics;
using GraphRewrite.IR;
using GraphRewrite.IR.Windows;

namespace GraphRewrite.Kernels.MaxPool;

/// <summary>MaxPoolGrad(dY [N, C, OH, OW], mask) → dX, for any number of spatial axes.</summary>
internal sealed class MaxPoolGradient(Node node)
{
    public Value DY { get; } = node.In(0);

    /// <summary>The maxima's indices, flat over the whole of X.</summary>
    public Value Mask { get; } = node.In(1);

    /// <summary>The X of the MaxPool whose indices the mask is; null where it comes from elsewhere.</summary>
    public Value? X { get; } = PoolOf(node)?.In(0);

    /// <summary>The Y of that MaxPool; null where it has none (any more).</summary>
    public Value? Y { get; } = PoolOf(node)?.OutOrNull(0);

    /// <summary>The shape of dX, as far as the node tells it.</summary>
    public Shape? DXShape { get; } = node.Out(0).Shape;

    /// <summary>Whether indices run along columns first.</summary>
    public bool IsColumnMajor { get; } = node.Int("storage_order", 0) != 0;

    /// <summary>The elements of dY; 1 where they are not known, and costs are those of one.</summary>
    public double Outputs => DY.Shape is { IsStatic: true } shape ? shape.Size.Value : 1;

    /// <exception cref="GraphRewriteException">The node has none.</exception>
    public long[] Kernel =>
        node.Ints("kernel_shape") ?? throw node.Invalid("it lacks its attribute 'kernel_shape'");

    public SlidingWindow Window => SlidingWindow.Of(node, Kernel, X?.Shape ?? DXShape);

    private static Node? PoolOf(Node node) =>
        node.In(1) is { ProducerIndex: 1, Producer: { Op: { Domain: OpId.Onnx, Type: "MaxPool" } } pool } ? pool : null;
}
