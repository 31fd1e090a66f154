using GraphRewrite.Diagnostics;
using TrainingHost.Data.Images;

namespace TrainingHost.Data.Sources;

/// <summary>
/// Bytes with dimensions → images by what the axes mean: N x H x W are grey; N x C x H x W and N x H x W x C are told apart by the axis that can
/// count channels (<see cref="ChannelAxis"/>); N x F is one row an example, which the model's own size lays out.
/// </summary>
internal static class PixelArrays
{
    /// <param name="name">The file.</param>
    /// <param name="dims">Dimensions, examples first.</param>
    /// <param name="bytes">The bytes; they may be rearranged.</param>
    /// <exception cref="GraphRewriteException">They are no images.</exception>
    public static ByteImages Of(string name, IReadOnlyList<int> dims, byte[] bytes) => dims switch
    {
        [_, int length] => new(name, bytes, new(1, 1, length)),
        [_, int height, int width] => new(name, bytes, new(1, height, width)),
        [_, int height, int width, int channels] when ChannelAxis.IsLast(height, channels) => new(name, bytes, new(channels, height, width)),
        [_, int channels, int height, int width] => ByteImages.OfPlanes(name, bytes, new(channels, height, width)),
        _ => throw new GraphRewriteException($"{name}: holds {string.Join(" x ", dims)} bytes, which are no images (N x H x W, N x C x H x W, "
            + "N x H x W x C or N x F). Are images and labels swapped?"),
    };
}
