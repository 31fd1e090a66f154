using GraphRewrite.Diagnostics;
using GraphRewrite.IR;

namespace TrainingHost.Data;

/// <summary>
/// Images and class labels from two idx files. An example is [1, H, W] (from N x H x W), [C, H, W] (from N x C x H x W) or [F] (from N x F);
/// its values are (p/255 − mean) / std.
/// </summary>
internal sealed class IdxDataset : IDataset
{
    private readonly byte[] images;
    private readonly IdxFile labels;
    private readonly float[] normalized;

    /// <param name="name">For messages.</param>
    /// <param name="images">The images.</param>
    /// <param name="labels">As many labels as images.</param>
    /// <param name="statistics">Those of the training set; null computes them from these images.</param>
    public IdxDataset(string name, IdxFile images, IdxFile labels, PixelStatistics? statistics = null)
    {
        if (labels.Dims.Count != 1)
        {
            throw new GraphRewriteException(
                $"{labels.Name}: holds {string.Join(" x ", labels.Dims)} bytes, not one label an image. Are images and labels swapped?");
        }
        if (images.Dims.Count < 2)
            throw new GraphRewriteException($"{images.Name}: holds a single row of bytes, not images. Are images and labels swapped?");
        if (images.Dims[0] != labels.Dims[0])
        {
            throw new GraphRewriteException(
                $"{images.Name} holds {images.Dims[0]} images, {labels.Name} {labels.Dims[0]} labels. Give two files of one set.");
        }
        Name = name;
        this.images = images.Data;
        this.labels = labels;
        Statistics = statistics ?? PixelStatistics.Of(images.Data);
        normalized = Statistics.Table();
        long[] dims = [.. images.Dims.Skip(1).Select(dim => (long)dim)];
        Inputs = [new("images", ElementType.Float, dims.Length == 2 ? [1, .. dims] : dims, Blank: normalized[0])];
        Labels = new("labels", ElementType.Int64, []);
    }

    public string Name { get; }

    public int Count => labels.Data.Length;

    public IReadOnlyList<ExampleTensor> Inputs { get; }

    public ExampleTensor Labels { get; }

    public PixelStatistics Statistics { get; }

    public static IdxDataset Read(string imagesPath, string labelsPath, PixelStatistics? statistics = null) =>
        new(imagesPath, IdxFile.Read(imagesPath), IdxFile.Read(labelsPath), statistics);

    public void Fill(ReadOnlySpan<int> indices, Batch batch)
    {
        int length = Inputs[0].Length;
        for (int row = 0; row < indices.Length; row++)
        {
            ReadOnlySpan<byte> pixels = images.AsSpan(indices[row] * length, length);
            Span<float> values = batch.Inputs[0].FloatsOf(row);
            for (int i = 0; i < pixels.Length; i++) values[i] = normalized[pixels[i]];
            batch.Labels.Integers[row] = labels.Data[indices[row]];
        }
        batch.Count = indices.Length;
    }

    public void CheckLabels(long classes)
    {
        int index = Array.FindIndex(labels.Data, label => label >= classes);
        if (index >= 0)
        {
            throw new GraphRewriteException(
                $"{labels.Name}: label {labels.Data[index]} of example {index} is out of range, "
                + $"the model has {classes} classes (0 to {classes - 1}).");
        }
    }
}
