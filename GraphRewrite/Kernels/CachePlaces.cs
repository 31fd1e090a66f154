namespace GraphRewrite.Kernels;

/// <summary>
/// Rows of a matrix that begin a multiple of 4096 bytes apart share a few places of a first-level cache: a product that reads a dozen of them at once
/// takes up to a quarter longer.
/// </summary>
internal static class CachePlaces
{
    private const long Floats = 4096 / sizeof(float);

    /// <summary>Whether rows of so many floats share their places.</summary>
    public static bool AreShared(long row) => row % Floats == 0;
}
