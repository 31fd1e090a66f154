namespace TrActOnnx.Tests.Reference;

/// <summary>Row-major indices over a number of axes.</summary>
internal static class Grid
{
    public static long Size(IEnumerable<long> extents) => extents.Aggregate(1L, (product, extent) => product * extent);

    /// <summary>All indices, the last axis fastest.</summary>
    public static IEnumerable<long[]> Indices(long[] extents)
    {
        for (long flat = 0; flat < Size(extents); flat++)
        {
            var index = new long[extents.Length];
            long rest = flat;
            for (int axis = extents.Length - 1; axis >= 0; axis--) (rest, index[axis]) = long.DivRem(rest, extents[axis]);
            yield return index;
        }
    }

    /// <summary>The flat position of an index; −1 outside.</summary>
    public static long Flat(long[] index, long[] extents)
    {
        long flat = 0;
        for (int axis = 0; axis < extents.Length; axis++)
        {
            if (index[axis] < 0 || index[axis] >= extents[axis]) return -1;
            flat = (flat * extents[axis]) + index[axis];
        }
        return flat;
    }
}
