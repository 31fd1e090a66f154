using GraphRewrite.Diagnostics;
using GraphRewrite.IR;
using GraphRewrite.IR.Building;
using GraphRewrite.IR.Windows;
using GraphRewrite.Kernels;
using GraphRewrite.Kernels.Conv;
using GraphRewrite.Kernels.MaxPool;

namespace GraphRewrite.Lowering;

/// <summary>MaxPoolGrad(dY, mask) → dX: each output's gradient goes to the input that was the maximum of its window, and what overlapping windows send adds up.</summary>
internal static class MaxPoolGradLowering
{
    public static IReadOnlyList<IMaxPoolGradForm> Forms { get; } = [new AxisComparison(), new IndexScatter()];

    public static IReadOnlyList<Value?> Lower(OpBuilder op, Node node, LoweringTarget target) =>
        [(target.Forms.Choose(node.Name, "maxpool", Forms.Where(form => form.CanLower(node)), form => form.Cost(node)) ?? throw Unknown(node)).Emit(op, node, target)];

    /// <summary>The MaxPool whose Indices the node reads; null where they come from elsewhere.</summary>
    private static Node? MaxPoolOf(Node node) => node.In(1) is { ProducerIndex: 1, Producer: { Op: { Domain: OpId.Onnx, Type: "MaxPool" } } pool } ? pool : null;

    private static Shape? InputShape(Node node) => MaxPoolOf(node)?.In(0).Shape ?? node.Out(0).Shape;

    private static SlidingWindow WindowOf(Node node) => SlidingWindow.Of(node, KernelOf(node), InputShape(node));

    private static long[] KernelOf(Node node) =>
        node.Ints("kernel_shape") ?? throw new GraphRewriteException($"Node {node} lacks its attribute 'kernel_shape'; the model is not valid ONNX.");

    private static GraphRewriteException Unknown(Node node) =>
        new($"Node {node}: the shape of its output '{node.Out(0).Name}' is not known and its mask '{node.In(1).Name}' is not made by a MaxPool. Declare the shape in value_info: run ONNX shape inference on the model.");

    /// <summary>
    /// Without Indices, which cost more than all of this: a maximum over a window is one over its last axis, then over the one before, and so on. Back along one
    /// axis after the other, an output's gradient goes to the first position of the window where X = Y. So ties go to the first maximum in row-major order,
    /// as in MaxPool itself.
    /// </summary>
    private sealed class AxisComparison : IMaxPoolGradForm
    {
        public string Name => "comparison";

        public bool CanLower(Node node) => MaxPoolOf(node) is { } pool && pool.In(0).Shape is { Rank: > 2 } shape && shape.Skip(1).All(dim => dim.IsKnown) && !WindowOf(node).DropsWindow;

        public double Cost(Node node) => 6.2 * KernelOf(node).Sum();

        public Value Emit(OpBuilder op, Node node, LoweringTarget target)
        {
            Node pool = MaxPoolOf(node)!;
            SlidingWindow window = WindowOf(node);
            var images = new BlockedImages(op, pool.In(0).Shape!, target);
            var maxima = new Stack<AxisMaximum>();
            Value x = images.Of(pool.In(0));
            for (int axis = window.Rank - 1; axis >= 0; axis--)
            {
                maxima.Push(new(op, x, window, axis));
                x = maxima.Peek().Y;
            }
            Value gradient = images.Of(node.In(0));
            foreach (AxisMaximum maximum in maxima) gradient = maximum.Gradient(gradient);
            return images.Restored(gradient, window.Input);
        }
    }

    /// <summary>dX = zeros, plus dY at the mask's positions: Indices are flat over the whole of X, column-major in space with storage_order = 1.</summary>
    private sealed class IndexScatter : IMaxPoolGradForm
    {
        public string Name => "scatter";

        public bool CanLower(Node node) => MaxPoolOf(node) is not null || node.Out(0).Shape is { } shape && shape.Skip(2).All(dim => dim.IsKnown);

        // Most of it is what MaxPool takes longer with Indices.
        public double Cost(Node node) => 50;

        public Value Emit(OpBuilder op, Node node, LoweringTarget target)
        {
            (Value dY, Value mask) = (node.In(0), node.In(1));
            Value extents = MaxPoolOf(node) is { } pool
                ? op.Shape(pool.In(0))
                : op.Concat(0, op.Op("Shape", [dY], ("end", 2)), op.Ints([.. node.Out(0).Shape!.Skip(2).Select(dim => dim.Value)]));
            Value zeros = op.Op("ConstantOfShape", [op.Reduce("ReduceProd", extents, [0], keepDims: true)],
                ("value", Tensor.Filled(dY.Type == ElementType.Undefined ? ElementType.Float : dY.Type, [1], 0)));
            Value flat = op.Op("ScatterElements", [zeros, op.Reshape(mask, -1), op.Reshape(dY, -1)], ("axis", 0), ("reduction", "add"));
            if (node.Int("storage_order", 0) == 0) return op.Reshape(flat, extents);

            long rank = 2 + KernelOf(node).Length;
            long[] reversed = [0, 1, .. Enumerable.Range(2, (int)rank - 2).Select(axis => rank + 1 - axis)];
            return op.Transpose(op.Reshape(flat, op.Gather(extents, op.Ints(reversed))), reversed);
        }
    }
}
