using GraphRewrite.Diagnostics;
using GraphRewrite.IR;

namespace GraphRewrite.Lowering;

/// <summary>MaxPoolGrad(dY, mask) → dX: each output's gradient goes to the input that was the maximum of its window, and what overlapping windows send adds up.</summary>
internal static class MaxPoolGradLowering
{
    public static IReadOnlyList<IMaxPoolGradForm> Forms { get; } = [new WindowComparison(), new IndexScatter()];

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
    /// Without Indices: at each position of the window, in row-major order, an output takes the position where X = Y, unless an earlier one had it:
    /// what is left of dY becomes 0 as soon as it is given away. So ties go to the first maximum, as in MaxPool itself.
    /// </summary>
    private sealed class WindowComparison : IMaxPoolGradForm
    {
        public string Name => "comparison";

        public bool CanLower(Node node) => MaxPoolOf(node) is { } pool && pool.In(0).Shape is { Rank: > 2 } shape && shape.Skip(1).All(dim => dim.IsKnown) && !WindowOf(node).DropsWindow;

        public double Cost(Node node) => 6.2 * SlidingWindow.Product(KernelOf(node));

        public Value Emit(OpBuilder op, Node node, LoweringTarget target)
        {
            Node pool = MaxPoolOf(node)!;
            (Value x, Value y, Value left) = (pool.In(0), pool.Out(0), node.In(0));
            SlidingWindow window = WindowOf(node);
            Value padded = PadWithLowest(op, x, window);
            long channels = x.Shape![1].Value;
            var taken = new List<Value>();
            foreach (long[] position in window.Positions)
            {
                Value isMaximum = op.Cast(op.Op("Equal", [window.Tap(op, padded, position), y]), x.Type);
                Value share = left * isMaximum;
                if (taken.Count < window.Taps - 1) left -= share;
                taken.Add(op.Reshape(share, 0, channels, 1, SlidingWindow.Product(window.Output)));
            }
            Value patches = op.Reshape(op.Concat(2, [.. taken]), [0, channels * window.Taps, .. window.Output]); // [N, C, K, P] → [N, C·K, OH, OW]
            return WindowSum.OfPatches(op, patches, channels, x.Type, window, target);
        }

        private static Value PadWithLowest(OpBuilder op, Value x, SlidingWindow window)
        {
            long[] ends = [.. Enumerable.Range(0, window.Rank).Select(window.FittingEndPad)];
            if (window.PadsBegin.Concat(ends).All(pad => pad == 0)) return x;
            return op.Op("Pad", [x, op.Ints([0, 0, .. window.PadsBegin, 0, 0, .. ends]), op.ScalarLike(x, double.NegativeInfinity)]);
        }
    }

    /// <summary>dX = zeros, plus dY at the mask's positions: Indices are flat over the whole of X, column-major in space with storage_order = 1.</summary>
    private sealed class IndexScatter : IMaxPoolGradForm
    {
        public string Name => "scatter";

        public bool CanLower(Node node) => MaxPoolOf(node) is not null || node.Out(0).Shape is { } shape && shape.Skip(2).All(dim => dim.IsKnown);

        // Most of it is what MaxPool takes longer with Indices.
        public double Cost(Node node) => 38;

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
