using GraphRewrite.Diagnostics;
using GraphRewrite.IR;
using GraphRewrite.IR.Building;
using GraphRewrite.IR.Windows;

namespace GraphRewrite.Gradients;

/// <summary>Conv and ConvTranspose; each is the other's adjoint in X.</summary>
internal static class ConvGradient
{
    public static IReadOnlyList<Value?> OfConv(OpBuilder op, Node n, Value dY) =>
        Gradients(op, dY, n.In(0), n.In(1), n.InOrNull(2) is null ? 2 : 3, n.Copy());

    /// <summary>
    /// Y = ConvTranspose(X, W): dX = Conv(dY, W), dW is the weight gradient of that convolution of dY with X in the place of its output's gradient,
    /// dB = Σ dY over all axes but the channels.
    /// </summary>
    public static IReadOnlyList<Value?> OfConvTranspose(OpBuilder op, Node n, Value dY)
    {
        (Value x, Value w) = (n.In(0), n.In(1));
        if (w.Shape is not { IsStatic: true, Rank: > 2 } weight)
            throw n.Refuse("the shape of its weight is not known", "Run ONNX shape inference on the model");
        (string, object)[] window = [.. n.Copy("auto_pad", "output_padding", "output_shape", "pads"), ("pads", Pads(n, weight.Extents()[2..]))];
        if (!n.Has("kernel_shape")) window = [.. window, ("kernel_shape", weight.Extents()[2..])];
        Value dX = op.Op("Conv", [dY, w], window), dW = Gradients(op, x, dY, w, 2, window)[1];
        return [dX, dW, n.InOrNull(2) is null ? null : op.ReduceSum(dY, [0, .. Axes.Range(2, weight.Rank - 2)], keepDims: false)];
    }

    private static Value[] Gradients(OpBuilder op, Value dY, Value x, Value w, int outputs, (string, object)[] window) =>
        op.Ops("com.microsoft::ConvGrad", [dY, x, w], outputs, window);

    /// <summary>output_shape and auto_pad fix the pads: what stride · (in − 1) + output_padding + extent exceeds the output by.</summary>
    private static long[] Pads(Node n, long[] kernel)
    {
        AutoPad autoPad = AutoPads.Of(n);
        if (autoPad == AutoPad.Valid || (autoPad == AutoPad.NotSet && !n.Has("output_shape"))) return n.Ints("pads") ?? new long[2 * kernel.Length];
        if (n.In(0).Shape?.Skip(2).KnownExtents() is not { } x || n.Out(0).Shape?.Skip(2).KnownExtents() is not { } y)
        {
            throw n.Refuse(
                "its pads follow from spatial extents, which are not known",
                $"Export with fixed image sizes or explicit pads, or give the sizes ({Setting.Sizes})");
        }
        long[]? outputPadding = n.Ints("output_padding");
        (long Begin, long End)[] pads =
            [.. WindowAxis.AllOf(n, kernel).Select((window, axis) => window.PadsOfSpread(x[axis], y[axis], outputPadding?[axis] ?? 0))];
        return [.. pads.Select(pad => pad.Begin), .. pads.Select(pad => pad.End)];
    }
}
