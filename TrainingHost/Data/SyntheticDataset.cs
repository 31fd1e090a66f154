using GraphRewrite.IR;
using GraphRewrite.Randomness;
using TrainingHost.Data.Sources;

namespace TrainingHost.Data;

/// <summary>How the numbers of a synthetic tensor are drawn.</summary>
internal enum SyntheticValues
{
    /// <summary>Standard normal.</summary>
    Normal,

    /// <summary>Uniform over [0, 1): targets of mse, l1, huber and bce-with-logits.</summary>
    Uniform,

    /// <summary>Positive, each row of the last axis sums to 1: targets of kl-div.</summary>
    Probabilities,

    /// <summary>Integers from 0 to the bound − 1: class indices, token ids.</summary>
    Integers,
}

/// <summary>One synthetic input, or the labels.</summary>
/// <param name="Tensor">Name, element type and dimensions.</param>
/// <param name="Values">How its numbers are drawn; Int64 goes with <see cref="SyntheticValues.Integers"/>.</param>
/// <param name="Bound">Classes or size of the vocabulary, for integers.</param>
internal sealed record SyntheticTensor(ExampleTensor Tensor, SyntheticValues Values, uint Bound = 0);

/// <summary>Random examples of a model's own shapes: example i is a function of (seed, i) alone.</summary>
internal sealed class SyntheticDataset : IDataset
{
    private readonly SyntheticTensor[] tensors;
    private readonly int seed;

    /// <param name="inputs">One for each input of the model.</param>
    /// <param name="labels">The labels.</param>
    /// <param name="count">How many examples there are.</param>
    /// <param name="seed">Of the random numbers.</param>
    public SyntheticDataset(IReadOnlyList<SyntheticTensor> inputs, SyntheticTensor labels, int count, int seed)
    {
        tensors = [.. inputs, labels];
        this.seed = seed;
        Count = count;
        Inputs = [.. inputs.Select(input => input.Tensor)];
        foreach (SyntheticTensor tensor in tensors)
        {
            bool integers = tensor.Values == SyntheticValues.Integers;
            if (tensor.Tensor.Type != (integers ? ElementType.Int64 : ElementType.Float) || (integers && tensor.Bound == 0))
                throw new ArgumentException($"{tensor.Tensor} cannot hold {tensor.Values} below {tensor.Bound}.", nameof(inputs));
        }
    }

    public string Name => DataSource.Synthetic;

    public int Count { get; }

    public IReadOnlyList<ExampleTensor> Inputs { get; }

    public ExampleTensor Labels => tensors[^1].Tensor;

    public void Fill(int index, Batch batch, int row, Draw? draw = null)
    {
        for (int t = 0; t < tensors.Length; t++)
        {
            BatchTensor target = t < batch.Inputs.Count ? batch.Inputs[t] : batch.Labels;
            DrawRow(Pcg32.For(seed, t, index), tensors[t], target, row);
        }
    }

    private static void DrawRow(Pcg32 random, SyntheticTensor tensor, BatchTensor target, int row)
    {
        if (tensor.Values == SyntheticValues.Integers)
        {
            foreach (ref long element in target.IntegersOf(row)) element = random.Next(tensor.Bound);
            return;
        }
        Span<float> values = target.FloatsOf(row);
        foreach (ref float element in values) element = tensor.Values == SyntheticValues.Normal ? random.NextNormal() : random.NextSingle();
        if (tensor.Values == SyntheticValues.Probabilities) Normalize(values, tensor.Tensor.Dims.Count == 0 ? 1 : (int)tensor.Tensor.Dims[^1]);
    }

    private static void Normalize(Span<float> values, int width)
    {
        for (int start = 0; start < values.Length; start += width)
        {
            Span<float> row = values.Slice(start, width);
            float sum = 0;
            // A zero has no logarithm.
            foreach (ref float element in row) sum += element += 1e-3f;
            foreach (ref float element in row) element /= sum;
        }
    }
}
