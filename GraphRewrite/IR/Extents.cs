namespace GraphRewrite.IR;

/// <summary>Extents of tensors, of which several make a number of elements.</summary>
internal static class Extents
{
    /// <summary>The number of elements; 1 of no extents.</summary>
    public static long Product(this IEnumerable<long> extents) => extents.Aggregate(1L, (product, extent) => product * extent);
}
