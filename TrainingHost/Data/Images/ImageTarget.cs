using GraphRewrite.Diagnostics;
using GraphRewrite.Forward;
using GraphRewrite.IR;

namespace TrainingHost.Data.Images;

/// <summary>The image that a model's input takes.</summary>
/// <param name="Size">Channels, height and width.</param>
/// <param name="Layout">How the input lays it out.</param>
/// <param name="Dims">The input's dimensions without the batch.</param>
internal sealed record ImageTarget(ImageSize Size, InputLayout Layout, IReadOnlyList<long> Dims)
{
    private const int DefaultExtent = 224;

    /// <summary>
    /// [C, H, W] and [H, W, C] are told apart by the axis that can count channels (<see cref="ChannelAxis"/>); [H, W] is grey;
    /// [F] holds C · H · W elements: the data's own size, or a square in the data's colours, or a grey one.
    /// Open extents are those of the data; where its images differ, 224 x 224.
    /// </summary>
    /// <param name="input">The input's name.</param>
    /// <param name="type">Its element type.</param>
    /// <param name="shape">Its shape, batch axis first.</param>
    /// <param name="data">The size of the data's images, where all have the same.</param>
    /// <param name="asked">--image-size: height and width for open extents.</param>
    /// <exception cref="GraphRewriteException">The input takes no image.</exception>
    public static ImageTarget Of(string input, ElementType type, Shape shape, ImageSize? data, (int Height, int Width)? asked = null)
    {
        string place = $"Input '{input}' {type}{shape}";
        if (!type.IsFloating())
            throw new GraphRewriteException($"{place}: takes {type}, the data brings pixels. Train this model with --data synthetic");
        if (shape.Rank < 2) throw new GraphRewriteException($"{place}: has no axis but the batch, and no room for an image");
        (int height, int width) open = asked ?? (data is { } size ? (size.Height, size.Width) : (DefaultExtent, DefaultExtent));
        Dim[] dims = [.. shape.Skip(1)];
        ImageTarget target = dims switch
        {
            [_, { IsKnown: true, Value: 1 }, { IsKnown: true, Value: 1 }] when !ChannelAxis.Counts(Known(dims[0])) => Flat(dims[0]),
            [_, _, _] when ChannelAxis.IsLast(Known(dims[0]), Known(dims[2])) =>
                new(new((int)dims[2].Value, Extent(dims[0], open.height), Extent(dims[1], open.width)), InputLayout.ChannelsLast, []),
            [_, _, _] => new(
                new(Extent(dims[0], data?.Channels ?? 3), Extent(dims[1], open.height), Extent(dims[2], open.width)), InputLayout.ChannelsFirst, []),
            [_, _] => new(new(1, Extent(dims[0], open.height), Extent(dims[1], open.width)), InputLayout.Flat, []),
            [_] => Flat(dims[0]),
            _ => throw new GraphRewriteException($"{place}: is no image: [C, H, W], [H, W, C], [H, W] or [F]. Give the data as .npy files"),
        };
        return target.Layout == InputLayout.Flat && dims.Length != 2 ? target : target with { Dims = target.DimsOf(dims.Length) };

        ImageTarget Flat(Dim elements)
        {
            long[] laid = [.. dims.Select((dim, axis) => axis > 0 ? 1 : dim.IsKnown ? dim.Value : (data?.Channels ?? 3) * open.height * open.width)];
            return new(SizeOf(laid[0], data, asked) ?? throw new GraphRewriteException(
                $"{place}: {laid[0]} elements are no square image in grey or in colour{(data is { } found ? $", nor the data's {found}" : "")}. "
                + "Give --image-size HEIGHTxWIDTH, or other data"), InputLayout.Flat, laid);
        }
    }

    private static ImageSize? SizeOf(long elements, ImageSize? data, (int Height, int Width)? asked)
    {
        if (asked is { } size && elements % ((long)size.Height * size.Width) == 0)
            return new((int)(elements / ((long)size.Height * size.Width)), size.Height, size.Width);
        if (data is { } known && (long)known.Channels * known.Height * known.Width == elements) return known;
        int[] channels = data is { Channels: 1 } ? [1, 3] : [3, 1];
        foreach (int count in channels)
        {
            int side = (int)Math.Round(Math.Sqrt((double)elements / count));
            if ((long)side * side * count == elements) return new(count, side, side);
        }
        return null;
    }

    private static long Known(Dim dim) => dim.IsKnown ? dim.Value : 0;

    private static int Extent(Dim dim, int open) => dim.IsKnown ? checked((int)dim.Value) : open;

    private long[] DimsOf(int rank) => Layout switch
    {
        InputLayout.ChannelsLast => [Size.Height, Size.Width, Size.Channels],
        InputLayout.Flat when rank == 2 => [Size.Height, Size.Width],
        _ => [Size.Channels, Size.Height, Size.Width],
    };
}
