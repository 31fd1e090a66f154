using GraphRewrite.Diagnostics;
using GraphRewrite.IR;
using GraphRewrite.IR.Building;
using GraphRewrite.IR.Windows;
using GraphRewrite.Kernels;
using GraphRewrite.Kernels.Conv;

namespace GraphRewrite.Lowering;

/// <summary>
/// AveragePoolGrad(dY) → dX: every position of a window receives dY / count, and what overlapping windows send adds up. The count depends on the
/// output's position alone: with count_include_pad the positions within input and pads, else those within the input.
/// </summary>
internal static class AveragePoolGradLowering
{
    public static IReadOnlyList<Value?> Lower(OpBuilder op, Node node, LoweringContext context) => [Emit(op, node, context.Target)];

    /// <summary>
    /// dX = ConvTranspose(dY / counts, ones), a group a channel. (Where windows tile X, repeating dY by Expand takes ten times as long.)
    /// </summary>
    internal static Value Emit(OpBuilder op, Node node, LoweringTarget target)
    {
        (SlidingWindow window, long channels) = Read(node);
        Value dY = node.In(0);
        ElementType type = dY.Type.FloatIfUndefined();
        double[] exact = ReciprocalCounts(window, includePad: node.Int("count_include_pad", 0) != 0);
        float[] reciprocals = Array.ConvertAll(exact, reciprocal => (float)reciprocal);
        Value scale = op.Cast(op.Constant(Tensor.Of([1, 1, .. window.Output], reciprocals)), type);
        Value ones = op.Constant(Tensor.Filled(type, [channels, 1, .. window.Kernel], 1));
        return WindowSum.OfKnown(op, dY * scale, ones, window, channels, target);
    }

    /// <summary>The window and the number of channels.</summary>
    /// <exception cref="GraphRewriteException">The shape of dX is not known: nothing else in the node tells it.</exception>
    private static (SlidingWindow Window, long Channels) Read(Node node)
    {
        if (node.Out(0).Shape is not { Rank: > 2 } shape || shape.Skip(1).Any(dim => !dim.IsKnown))
        {
            string found = node.Out(0).Shape?.ToString() ?? "not known";
            throw new GraphRewriteException($"Node {node}: the shape of its output '{node.Out(0).Name}' is {found}; "
                + "channels and spatial extents are needed. Export with fixed image sizes, or run ONNX shape inference on the model.");
        }
        long[] kernel = node.Ints("kernel_shape")
            ?? throw node.Invalid("it lacks its attribute 'kernel_shape'");
        return (SlidingWindow.Of(node, kernel, shape), shape[1].Value);
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
        return Enumerable.Range(0, (int)window.Kernel[axis]).Select(k => window.At(axis, output, k)).Count(at => at >= from && at < to);
    }
}
