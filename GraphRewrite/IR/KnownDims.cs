namespace GraphRewrite.IR;

/// <summary>Shapes, parts of shapes and contents of which every dimension is known.</summary>
internal static class KnownDims
{
    /// <summary>The extents where all of them are known (and the dimensions themselves are), else null.</summary>
    public static long[]? KnownExtents(this IEnumerable<Dim>? dims)
    {
        if (dims is null) return null;
        Dim[] all = [.. dims];
        return Array.TrueForAll(all, dim => dim.IsKnown) ? Array.ConvertAll(all, dim => dim.Value) : null;
    }
}
