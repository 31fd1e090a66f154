using System.Buffers.Binary;
using System.IO.Compression;
using GraphRewrite.IR;
using TrainingHost.Data;
using TrainingHost.Data.Images;
using TrainingHost.Data.Sources;

namespace TrActOnnx.Tests.Data.Sources;

/// <summary>Idx files made in memory.</summary>
internal static class IdxBytes
{
    public static byte[] Of(int[] dims, byte[] data)
    {
        var header = new byte[4 + (4 * dims.Length)];
        (header[2], header[3]) = (8, (byte)dims.Length);
        for (int axis = 0; axis < dims.Length; axis++) BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4 + (4 * axis)), dims[axis]);
        return [.. header, .. data];
    }

    public static byte[] Gzip(byte[] bytes)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest)) gzip.Write(bytes);
        return packed.ToArray();
    }

    public static IdxFile Read(byte[] bytes, string name = "x")
    {
        using var stream = new MemoryStream(bytes);
        return IdxFile.Read(stream, name);
    }

    /// <summary>Images whose first pixel is their number, with label = number mod classes.</summary>
    public static ImageDataset Numbered(int count, int classes = 10, int height = 2, int width = 3)
    {
        var pixels = new byte[count * height * width];
        for (int i = 0; i < count; i++) pixels[i * height * width] = (byte)i;
        byte[] labels = [.. Enumerable.Range(0, count).Select(i => (byte)(i % classes))];
        Examples examples = IdxFolder.Pair("numbered", new("images", [count, height, width], pixels), new("labels", [count], labels));
        // mean 0, std 1/255: a normalized value is the byte itself
        return Dataset(examples, new([0], [1 / 255.0]), classes, 1, height, width);
    }

    /// <summary>Images for a model's input 'x' of a shape, normalized.</summary>
    public static ImageDataset Dataset(Examples examples, Normalization normalization, long classes, params Dim[] model)
    {
        IImageSource source = ((ImageInputs)examples.Inputs).Images;
        ImageTarget target = ImageTarget.Of("x", ElementType.Float, new Shape([Dim.Symbol("batch"), .. model]), source.Size);
        FittedLabels labels = new LabelFit(new("labels", ElementType.Int64, Shape.Of(Dim.Symbol("batch")), classes), examples).Of(examples);
        return new("x", examples, new(source, new("x", target, source.Size)), labels, normalization);
    }
}
