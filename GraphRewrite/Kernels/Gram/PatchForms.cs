using GraphRewrite.IR;
using GraphRewrite.IR.Building;
using GraphRewrite.IR.Windows;
using GraphRewrite.Kernels.Conv;

namespace GraphRewrite.Kernels.Gram;

/// <summary>A way to cut a Conv's input into patches.</summary>
internal interface IPatchForm : IFormulation
{
    bool Fits(Node node, PatchGeometry patches);

    /// <summary>X [N, C, …] → [N, g, n, O]: channel by channel, the taps of the window in W's order; O runs over the output positions.</summary>
    Value Build(OpBuilder op, Node node, PatchGeometry patches);
}

/// <summary>The forms of patches, best first.</summary>
internal static class PatchForms
{
    public static IReadOnlyList<IPatchForm> Forms { get; } = [new TiledPatches(), new OneHotConvPatches(), new TapPatches()];

    public static IPatchForm Choose(Node node, PatchGeometry patches, Formulations forms) =>
        forms.Choose(node.Name, "patches", Forms.Where(form => form.Fits(node, patches)), _ => 0)!;
}

/// <summary>Each channel is an image of its own; a Conv whose K filters are one-hot moves each tap of the window into a channel. Fits any shape.</summary>
internal sealed class OneHotConvPatches : IPatchForm
{
    public string Name => "one-hot";

    public bool Fits(Node node, PatchGeometry patches) => true;

    public Value Build(OpBuilder op, Node node, PatchGeometry patches)
    {
        Value x = node.In(0);
        (string, object) padding = patches.AutoPad == "NOTSET" ? ("pads", patches.Pads) : ("auto_pad", patches.AutoPad);
        Value images = op.Reshape(x, [-1, 1, .. patches.Kernel.Select(_ => 0L)]); // [N·C, 1, …]: 0 keeps the spatial extents
        Value taps = op.Op("Conv", [images, OneHot(op, patches, x.Type)],         // [N·C, K, …]
            ("kernel_shape", patches.Kernel), ("strides", patches.Strides), ("dilations", patches.Dilations), padding);
        return op.Reshape(op.Reshape(taps, 0, 0, 1, -1), -1, patches.Groups, patches.Features, 0);
    }

    private static Value OneHot(OpBuilder op, PatchGeometry patches, ElementType type)
    {
        long[] dims = [patches.Taps, 1, .. patches.Kernel];
        var ones = new float[patches.Taps * patches.Taps];
        for (long tap = 0; tap < patches.Taps; tap++) ones[(tap * patches.Taps) + tap] = 1;
        return op.Constant(type == ElementType.Double ? Tensor.Of(dims, Array.ConvertAll(ones, one => (double)one)) : Tensor.Of(dims, ones));
    }
}

/// <summary>The padded input sliced once for each tap. Needs known spatial extents.</summary>
internal sealed class TapPatches : IPatchForm
{
    public string Name => "taps";

    public bool Fits(Node node, PatchGeometry patches) =>
        node.In(0).Shape is { } x && patches.OutputExtents([.. x.Skip(2)]) is not null;

    public Value Build(OpBuilder op, Node node, PatchGeometry patches)
    {
        Value x = node.In(0);
        Dim[] spatial = [.. x.Shape!.Skip(2)];
        (long Begin, long End)[] padding = patches.Padding(spatial)!;
        long[] outputs = patches.OutputExtents(spatial)!;
        long[] axes = [.. outputs.Select((_, axis) => axis + 2L)];
        Value padded = op.Pad(x, [0, 0, .. padding.Select(p => p.Begin), 0, 0, .. padding.Select(p => p.End)]);

        var taps = new Value[patches.Taps];
        for (int tap = 0; tap < taps.Length; tap++)
        {
            long[] starts = Offsets(tap, patches);
            long[] ends = [.. starts.Select((start, axis) => start + ((outputs[axis] - 1) * patches.Strides[axis]) + 1)];
            taps[tap] = op.Reshape(op.Slice(padded, axes, starts, ends, patches.Strides), 0, 0, 1, -1); // [N, C, 1, O]
        }
        return op.Reshape(op.Concat(2, taps), -1, patches.Groups, patches.Features, 0);                 // [N, C, K, O] → [N, g, n, O]
    }

    /// <summary>Where in the padded input a tap begins, the last axis fastest.</summary>
    private static long[] Offsets(long tap, PatchGeometry patches)
    {
        var starts = new long[patches.Rank];
        for (int axis = patches.Rank - 1; axis >= 0; axis--)
        {
            starts[axis] = tap % patches.Kernel[axis] * patches.Dilations[axis];
            tap /= patches.Kernel[axis];
        }
        return starts;
    }
}

/// <summary>Windows that tile the input: nothing is copied twice.</summary>
internal sealed class TiledPatches : IPatchForm
{
    public string Name => "tiles";

    public bool Fits(Node node, PatchGeometry patches) => patches.Window(node) is { } window && Tiles.Fit(window);

    public Value Build(OpBuilder op, Node node, PatchGeometry patches) =>
        op.Reshape(Tiles.Planes(op, node.In(0), patches.Window(node)!), 0, patches.Groups, patches.Features, -1);
}
