using System.Buffers;
using System.Numerics.Tensors;
using GraphRewrite.Forward;
using GraphRewrite.IR;
using TrainingHost.Data.Augmentations;
using TrainingHost.Data.Images;
using TrainingHost.Data.Sources;

namespace TrainingHost.Data;

/// <summary>Images with labels as a model takes them: fitted, varied where a draw says so, normalized.</summary>
internal sealed class ImageDataset : IDataset
{
    private readonly Examples examples;
    private readonly FittedImages images;
    private readonly FittedLabels labels;
    private readonly ImageTarget target;
    private readonly float[][] tables;
    private readonly (float Factor, float Offset)[] lines;

    /// <param name="input">The model input's name.</param>
    /// <param name="examples">Which of the images.</param>
    /// <param name="images">All of them.</param>
    /// <param name="labels">All of theirs.</param>
    /// <param name="normalization">Mean and deviation of each channel.</param>
    public ImageDataset(string input, Examples examples, FittedImages images, FittedLabels labels, Normalization normalization)
    {
        (this.examples, this.images, this.labels) = (examples, images, labels);
        target = images.Fit.Target;
        Inputs = [new(input, ElementType.Float, target.Dims)];
        tables = [.. Enumerable.Range(0, target.Size.Channels).Select(normalization.Table)];
        lines = [.. Enumerable.Range(0, target.Size.Channels).Select(normalization.Line)];
    }

    public string Name => examples.Name;

    public int Count => examples.Count;

    public IReadOnlyList<ExampleTensor> Inputs { get; }

    public ExampleTensor Labels => labels.Tensor;

    public ImageTarget? Image => target;

    public void Fill(int index, Batch batch, int row, Draw? draw = null)
    {
        int source = examples.RowOf(index);
        Span<float> values = batch.Inputs[0].FloatsOf(row);
        byte[] scratch = ArrayPool<byte>.Shared.Rent(images.Fit.Length);
        if (draw is { } varied) Varied(source, values, scratch, varied);
        else
        {
            ReadOnlySpan<byte> planes = images.Of(source, scratch);
            int area = planes.Length / tables.Length;
            for (int c = 0; c < tables.Length; c++)
            {
                ReadOnlySpan<byte> plane = planes.Slice(c * area, area);
                Span<float> normalized = values.Slice(c * area, area);
                float[] table = tables[c];
                for (int i = 0; i < plane.Length; i++) normalized[i] = table[plane[i]];
            }
        }
        ArrayPool<byte>.Shared.Return(scratch);
        if (target.Layout == InputLayout.ChannelsLast) Interleave(values);
        labels.Fill(source, batch.Labels, row);
    }

    private void Varied(int source, Span<float> values, byte[] scratch, Draw draw)
    {
        (Augmentation augmentation, var random) = draw;
        ReadOnlySpan<byte> pixels;
        if (augmentation.ResizedCrop is { } crop)
        {
            images.OfWindow(source, size => crop.Draw(size, target.Size, ref random), scratch);
            pixels = scratch.AsSpan(0, images.Fit.Length);
        }
        else pixels = images.Of(source, scratch);
        TensorPrimitives.ConvertTruncating(pixels, values);
        var planes = new Planes(values, target.Size);
        augmentation.Apply(planes, ref random);
        for (int c = 0; c < lines.Length; c++)
        {
            Span<float> plane = planes.Channel(c);
            TensorPrimitives.Multiply(plane, lines[c].Factor, plane);
            TensorPrimitives.Add(plane, lines[c].Offset, plane);
        }
        augmentation.Erasing?.Apply(planes, ref random);
    }

    /// <summary>CHW → HWC.</summary>
    private void Interleave(Span<float> values)
    {
        int channels = target.Size.Channels, area = values.Length / channels;
        float[] planes = ArrayPool<float>.Shared.Rent(values.Length);
        values.CopyTo(planes);
        for (int c = 0; c < channels; c++)
            for (int i = 0; i < area; i++) values[(i * channels) + c] = planes[(c * area) + i];
        ArrayPool<float>.Shared.Return(planes);
    }
}
