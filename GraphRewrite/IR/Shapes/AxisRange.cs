namespace GraphRewrite.IR.Shapes;

/// <summary>start:end:step along one axis, as Slice has it: negative bounds count from the end, bounds outside are clamped.</summary>
internal readonly record struct AxisRange(Dim Start, Dim End, Dim Step)
{
    /// <summary>How many elements it takes from an axis.</summary>
    public Dim Length(Dim extent)
    {
        if (IsWhole(extent)) return extent;
        if (!Start.IsKnown || !End.IsKnown || !Step.IsKnown) return Dim.Unknown;
        if (!extent.IsKnown) return FromEnd();
        (long start, long end) = Clamp(extent.Value);
        return Count(start, end);
    }

    /// <summary>The elements it takes, where all bounds are known.</summary>
    public IReadOnlyList<Dim>? Of(IReadOnlyList<Dim> elements)
    {
        if (!Start.IsKnown || !End.IsKnown || !Step.IsKnown) return IsWhole(elements.Count) ? elements : null;
        (long start, long end) = Clamp(elements.Count);
        var taken = new Dim[Count(start, end)];
        for (int i = 0; i < taken.Length; i++) taken[i] = elements[(int)(start + (i * Step.Value))];
        return taken;
    }

    /// <summary>All of the axis, whatever its extent: 0 to the extent itself or beyond, or backwards from the last to before the first.</summary>
    private bool IsWhole(Dim extent) =>
        (Step == 1 && Start == 0 && (IsBeyond(End) || (!extent.IsUnknown && End == extent)))
        || (Step == -1 && (Start == -1 || IsBeyond(Start)) && End.IsKnown && End.Value <= -int.MaxValue);

    /// <summary>
    /// A range over an unknown extent whose bounds lie on the same side has at most so many elements; only an empty one is certain.
    /// </summary>
    private Dim FromEnd() => Step.Value > 0 && Start.Value >= End.Value && Start.Value < 0 == End.Value < 0 ? 0 : Dim.Unknown;

    private static bool IsBeyond(Dim bound) => bound.IsKnown && bound.Value >= int.MaxValue;

    private (long Start, long End) Clamp(long extent)
    {
        long start = Start.Value < 0 ? Start.Value + extent : Start.Value;
        long end = End.Value < 0 ? End.Value + extent : End.Value;
        return Step.Value > 0
            ? (Math.Clamp(start, 0, extent), Math.Clamp(end, 0, extent))
            : (Math.Clamp(start, -1, extent - 1), Math.Clamp(end, -1, extent - 1));
    }

    private long Count(long start, long end)
    {
        long step = Step.Value;
        return Math.Max(0, step > 0 ? (end - start + step - 1) / step : (start - end - step - 1) / -step);
    }
}
