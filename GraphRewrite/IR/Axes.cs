namespace GraphRewrite.IR;

/// <summary>Axes of tensors, as operators take them.</summary>
internal static class Axes
{
    /// <summary>A number of axes in a row: from, from + 1, …</summary>
    public static long[] Range(int from, int count) => [.. Enumerable.Range(from, count).Select(axis => (long)axis)];
}
