using GraphRewrite.IR;
using GraphRewrite.IR.Building;

namespace GraphRewrite.Gradients;

/// <summary>Slice and Pad: each other's adjoint; where elements are skipped or repeated, dY is added up at their positions.</summary>
internal static class SliceGradient
{
    public static IReadOnlyList<Value?> OfSlice(OpBuilder op, Node n, Value dY)
    {
        Value x = n.In(0);
        return Margins(n) is { } pads
            ? [op.Pad(dY, pads)]
            : [op.ScatterPicked(x, dY, positions => op.Op("Slice", [positions, .. n.Inputs.Skip(1)]))];
    }

    /// <summary>Zeros around: cut off, by negative pads. Reflected or repeated elements: added to their sources.</summary>
    public static IReadOnlyList<Value?> OfPad(OpBuilder op, Node n, Value dY)
    {
        string mode = n.String("mode", "constant");
        if (mode != "constant") return [op.ScatterPicked(n.In(0), dY, Padded)];
        Value cut = n.In(1).Elements.KnownExtents() is { } pads ? op.Ints([.. pads.Select(pad => -pad)]) : -n.In(1);
        return [op.Op("Pad", [dY, cut, null, n.InOrNull(3)])];

        Value Padded(Value positions) => op.Op("Pad", [positions, n.In(1), null, n.InOrNull(3)], ("mode", mode));
    }

    /// <summary>What a slice of step 1 leaves before and after it, as pads; null where that is not known.</summary>
    private static long[]? Margins(Node n)
    {
        if (n.In(0).Shape is not { } x || n.Out(0).Shape is not { } y || n.In(1).Elements.KnownExtents() is not { } starts) return null;
        if (n.InOrNull(4) is { } given && (given.Elements.KnownExtents() is not { } steps || steps.Any(step => step != 1))) return null;
        long[]? axes = n.InOrNull(3) is { } chosen ? chosen.Elements.KnownExtents() : Axes.Range(0, starts.Length);
        if (axes is null) return null;
        var pads = new long[2 * x.Rank];
        for (int i = 0; i < axes.Length; i++)
        {
            int axis = x.Axis(axes[i]);
            if (!x[axis].IsKnown || !y[axis].IsKnown) return null;
            long extent = x[axis].Value;
            pads[axis] = Math.Clamp(starts[i] < 0 ? starts[i] + extent : starts[i], 0, extent);
            pads[axis + x.Rank] = extent - pads[axis] - y[axis].Value;
        }
        return pads;
    }
}
