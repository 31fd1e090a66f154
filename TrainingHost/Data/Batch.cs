using GraphRewrite.IR;

namespace TrainingHost.Data;

/// <summary>
/// The elements of one input, or the labels, of a batch: row-major, one example after the other, room for <paramref name="capacity"/> examples.
/// </summary>
internal sealed class BatchTensor(ExampleTensor example, int capacity)
{
    private readonly int length = example.Length;

    public ExampleTensor Example { get; } = example;

    /// <summary>The elements of a Float tensor, else empty.</summary>
    public float[] Floats { get; } = example.Type == ElementType.Float ? new float[checked(capacity * example.Length)] : [];

    /// <summary>The elements of an Int64 tensor, else empty.</summary>
    public long[] Integers { get; } = example.Type == ElementType.Int64 ? new long[checked(capacity * example.Length)] : [];

    public Span<float> FloatsOf(int row) => Floats.AsSpan(row * length, length);

    public Span<long> IntegersOf(int row) => Integers.AsSpan(row * length, length);
}

/// <summary>Examples side by side: the inputs in the model's order, and the labels. The first <see cref="Count"/> rows are filled.</summary>
internal sealed class Batch
{
    public Batch(IDataset dataset, int capacity)
    {
        Capacity = capacity;
        Inputs = [.. dataset.Inputs.Select(input => new BatchTensor(input, capacity))];
        Labels = new(dataset.Labels, capacity);
    }

    public int Capacity { get; }

    public IReadOnlyList<BatchTensor> Inputs { get; }

    public BatchTensor Labels { get; }

    public int Count { get; set; }

    /// <summary>Examples' worth of labels that the loss counts: <see cref="Count"/>, less what it ignores.</summary>
    /// <param name="ignored">The label that does not count; null: all do.</param>
    public double Counting(long? ignored) => ignored is not { } label || Labels.Example.Type != ElementType.Int64 ? Count
        : Count - ((double)Labels.Integers.AsSpan(0, Count * Labels.Example.Length).Count(label) / Labels.Example.Length);

    /// <summary>The epoch that it belongs to.</summary>
    public int Epoch { get; set; }

    /// <summary>Its place in the epoch, from 0. Training resumes from (seed, epoch, index + 1).</summary>
    public int Index { get; set; }
}
