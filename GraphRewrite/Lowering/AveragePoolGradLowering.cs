using GraphRewrite.Diagnostics;
using GraphRewrite.IR;

namespace GraphRewrite.Lowering;

/// <summary>
/// AveragePoolGrad(dY) → dX: every position of a window receives dY / count, and what overlapping windows send adds up. The count depends on the output's
/// position alone: with count_include_pad the positions within input and pads, else those within the input.
/// </summary>
internal static class AveragePoolGradLowering
{
    public static IReadOnlyList<IAveragePoolGradForm> Forms { get; } = [new TileExpansion(), new OnesKernel()];

    public static IReadOnlyList<Value?> Lower(OpBuilder op, Node node, LoweringTarget target)
    {
        (SlidingWindow window, long channels) = Read(node);
        return [Forms.First(form => form.CanLower(window)).Emit(op, node, window, channels, target)];
    }

    /// <summary>The window and the number of channels.</summary>
    /// <exception cref="GraphRewriteException">The shape of dX is not known: nothing else in the node tells it.</exception>
    internal static (SlidingWindow Window, long Channels) Read(Node node)
    {
        if (node.Out(0).Shape is not { Rank: > 2 } shape || shape.Skip(1).Any(dim => !dim.IsKnown))
            throw new GraphRewriteException($"Node {node}: the shape of its output '{node.Out(0).Name}' is {node.Out(0).Shape?.ToString() ?? "not known"}; channels and spatial extents are needed. Export with fixed image sizes, or run ONNX shape inference on the model.");
        long[] kernel = node.Ints("kernel_shape") ?? throw new GraphRewriteException($"Node {node} lacks its attribute 'kernel_shape'; the model is not valid ONNX.");
        return (SlidingWindow.Of(node, kernel, shape), shape[1].Value);
    }

    /// <summary>The windows tile the input exactly: dX is dY / K, repeated.</summary>
    private sealed class TileExpansion : IAveragePoolGradForm
    {
        public string Name => "tiles";

        public bool CanLower(SlidingWindow window) => Enumerable.Range(0, window.Rank).All(axis => window.Dilations[axis] == 1 && window.PadsBegin[axis] == 0
            && (window.Strides[axis] == window.Kernel[axis] || window.Output[axis] == 1) && window.Input[axis] == window.Span(axis));

        public Value Emit(OpBuilder op, Node node, SlidingWindow window, long channels, LoweringTarget target)
        {
            Value share = node.In(0) * op.ScalarLike(node.In(0), 1.0 / window.Taps);
            long[] interleaved = [.. window.Output.SelectMany(extent => (long[])[extent, 1])];
            long[] repeats = [.. window.Kernel.SelectMany(extent => (long[])[1, extent])];
            Value tiles = op.Expand(op.Reshape(share, [-1, .. interleaved]), op.Ints([1, .. repeats])); // [N·C, OH, kh, OW, kw]
            return op.Reshape(tiles, [-1, channels, .. window.Input]);
        }
    }

    /// <summary>dX = ConvTranspose(dY / counts, ones), a group a channel.</summary>
    private sealed class OnesKernel : IAveragePoolGradForm
    {
        public string Name => "ones";

        public bool CanLower(SlidingWindow window) => true;

        public Value Emit(OpBuilder op, Node node, SlidingWindow window, long channels, LoweringTarget target)
        {
            Value dY = node.In(0);
            double[] reciprocals = ReciprocalCounts(window, includePad: node.Int("count_include_pad", 0) != 0);
            Value scale = op.Cast(op.Constant(Tensor.Of([1, 1, .. window.Output], Array.ConvertAll(reciprocals, r => (float)r))), dY.Type == ElementType.Undefined ? ElementType.Float : dY.Type);
            Value ones = op.Constant(Tensor.Filled(dY.Type == ElementType.Undefined ? ElementType.Float : dY.Type, [channels, 1, .. window.Kernel], 1));
            return WindowSum.OfKnown(op, dY * scale, ones, window, channels, target);
        }

        /// <summary>1 / count for each output position, row-major; the count is a product over the axes.</summary>
        private static double[] ReciprocalCounts(SlidingWindow window, bool includePad)
        {
            double[] reciprocals = [1];
            for (int axis = 0; axis < window.Rank; axis++)
            {
                double[] along = [.. Enumerable.Range(0, (int)window.Output[axis]).Select(output => 1.0 / Count(window, axis, output, includePad))];
                reciprocals = [.. reciprocals.SelectMany(outer => along.Select(inner => outer * inner))];
            }
            return reciprocals;
        }

        private static int Count(SlidingWindow window, int axis, int output, bool includePad)
        {
            (long from, long to) = includePad ? (-window.PadsBegin[axis], window.Input[axis] + window.PadsEnd[axis]) : (0, window.Input[axis]);
            long first = (output * window.Strides[axis]) - window.PadsBegin[axis];
            return Enumerable.Range(0, (int)window.Kernel[axis]).Select(k => first + (k * window.Dilations[axis])).Count(at => at >= from && at < to);
        }
    }
}
