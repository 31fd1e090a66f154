namespace GraphRewrite.IR;

/// <summary>Extents of tensors, of which several make a number of elements.</summary>
internal static class Extents
{
    /// <summary>The number of elements; 1 of no extents.</summary>
    public static long Product(this IEnumerable<long> extents) => extents.Aggregate(1L, (product, extent) => product * extent);

    /// <summary>All indices below the extents, the last axis fastest.</summary>
    public static IEnumerable<long[]> Indices(this IReadOnlyList<long> extents)
    {
        long count = extents.Product();
        for (long flat = 0; flat < count; flat++)
        {
            var index = new long[extents.Count];
            long rest = flat;
            for (int axis = index.Length - 1; axis >= 0; axis--) (rest, index[axis]) = Math.DivRem(rest, extents[axis]);
            yield return index;
        }
    }
}
