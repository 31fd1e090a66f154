using GraphRewrite.Diagnostics;
using GraphRewrite.IR;
using TrainingHost.Data.Sources;

namespace TrainingHost.Data;

/// <summary>
/// Arrays of numbers with labels: for each input of the model one, as it is or, given a normalization, by columns (the first axis).
/// </summary>
internal sealed class ArrayDataset : IDataset
{
    private readonly Examples examples;
    private readonly ExampleArray[] arrays;
    private readonly FittedLabels labels;
    private readonly (float Factor, float Offset)[]? lines;

    /// <param name="inputs">What the model takes.</param>
    /// <param name="examples">Which of the rows.</param>
    /// <param name="labels">All of theirs.</param>
    /// <param name="normalization">Of the only array's first axis; null: none.</param>
    public ArrayDataset(IReadOnlyList<ExampleTensor> inputs, Examples examples, FittedLabels labels, Normalization? normalization)
    {
        (Inputs, this.examples, this.labels) = (inputs, examples, labels);
        arrays = [.. ((ArrayInputs)examples.Inputs).Arrays];
        if (normalization is not null)
            lines = [.. normalization.Mean.Zip(normalization.Std, (mean, std) => ((float)(1 / std), (float)(-mean / std)))];
    }

    public string Name => examples.Name;

    public int Count => examples.Count;

    public IReadOnlyList<ExampleTensor> Inputs { get; }

    public ExampleTensor Labels => labels.Tensor;

    /// <summary>Per entry of the first axis: mean, and deviation (1 where that is zero), over the rows of some examples.</summary>
    public static Normalization Statistics(Examples examples)
    {
        ExampleArray array = ((ArrayInputs)examples.Inputs).Arrays[0];
        int columns = array.Dims.Count == 0 ? 1 : (int)array.Dims[0], each = array.Length / columns;
        (double[] mean, double[] square) = (new double[columns], new double[columns]);
        for (int pass = 0; pass < 2; pass++)
        {
            for (int i = 0; i < examples.Count; i++)
            {
                ReadOnlySpan<float> row = array.Floats.AsSpan(examples.RowOf(i) * array.Length, array.Length);
                for (int k = 0; k < row.Length; k++)
                {
                    int column = k / each;
                    if (pass == 0) mean[column] += row[k] / ((double)each * examples.Count);
                    else square[column] += (row[k] - mean[column]) * (row[k] - mean[column]) / ((double)each * examples.Count);
                }
            }
        }
        return new(mean, [.. square.Select(variance => variance > 0 ? Math.Sqrt(variance) : 1)]);
    }

    /// <summary>What the model's inputs take of the arrays.</summary>
    /// <exception cref="GraphRewriteException">Dimensions or types do not go together.</exception>
    public static IReadOnlyList<ExampleTensor> Fit(IReadOnlyList<(string Name, ElementType Type, Shape? Shape)> inputs, ArrayInputs data)
    {
        if (inputs.Count != data.Arrays.Count)
        {
            throw new GraphRewriteException(
                $"The model has {inputs.Count} inputs ({string.Join(", ", inputs.Select(input => input.Name))}), "
                + $"the data brings {data.Arrays.Count}. "
                + "Give arrays (.npz) of the inputs' names, or --data synthetic");
        }
        return [.. inputs.Zip(data.Arrays, Tensor)];
    }

    public void Fill(int index, Batch batch, int row, Draw? draw = null)
    {
        int source = examples.RowOf(index);
        for (int i = 0; i < arrays.Length; i++)
        {
            ExampleArray array = arrays[i];
            if (batch.Inputs[i].Example.Type == ElementType.Int64)
            {
                array.Integers.AsSpan(source * array.Length, array.Length).CopyTo(batch.Inputs[i].IntegersOf(row));
                continue;
            }
            Span<float> values = batch.Inputs[i].FloatsOf(row);
            if (array.Floats is not null) array.Floats.AsSpan(source * array.Length, array.Length).CopyTo(values);
            else
                for (int k = 0; k < values.Length; k++) values[k] = array.Integers![(source * array.Length) + k];
            if (lines is null) continue;
            int each = values.Length / lines.Length;
            for (int k = 0; k < values.Length; k++) values[k] = (values[k] * lines[k / each].Factor) + lines[k / each].Offset;
        }
        labels.Fill(source, batch.Labels, row);
    }

    /// <summary>The model's extents where they hold so many elements, one of them open at most; else null.</summary>
    private static long[]? Laid(Dim[] taken, long elements)
    {
        long known = taken.Where(dim => dim.IsKnown).Aggregate(1L, (product, dim) => product * dim.Value);
        int open = taken.Count(dim => !dim.IsKnown);
        return known > 0 && (open == 0 ? known == elements : open == 1 && elements % known == 0)
            ? [.. taken.Select(dim => dim.IsKnown ? dim.Value : elements / known)] : null;
    }

    private static ExampleTensor Tensor((string Name, ElementType Type, Shape? Shape) input, ExampleArray array)
    {
        string found = $"{array.Name}: an example is {(array.Floats is null ? "Int64" : "Float")}[{string.Join(", ", array.Dims)}]";
        string wanted = $"the model's input '{input.Name}' is {input.Type}{input.Shape}";
        if (input.Type is not (ElementType.Float or ElementType.Int64))
            throw new GraphRewriteException($"{wanted}; Float and Int64 can be filled");
        if (input.Type == ElementType.Int64 && array.Integers is null)
            throw new GraphRewriteException($"{found}, {wanted}. Convert it: array.astype('int64')");
        if (input.Shape is not { } shape) return new(input.Name, input.Type, array.Dims);
        long[] own = [.. array.Dims.Where(dim => dim != 1)];
        Dim[] taken = [.. shape.Skip(1)], counted = [.. taken.Where(dim => !(dim.IsKnown && dim.Value == 1))];
        bool same = taken.Length == array.Dims.Count && taken.Zip(array.Dims).All(pair => !pair.First.IsKnown || pair.First.Value == pair.Second);
        // A one more or less changes no element's meaning: a table's [F] for [1, F].
        bool butForOnes = counted.Length == own.Length && counted.Zip(own).All(pair => !pair.First.IsKnown || pair.First.Value == pair.Second);
        if (same) return new(input.Name, input.Type, array.Dims);
        // A row without axes is laid out by the model's: the pixels of a table, say.
        if (array.Dims.Count == 1 && Laid(taken, array.Length) is { } laid) return new(input.Name, input.Type, laid);
        if (!butForOnes) throw new GraphRewriteException($"{found}, {wanted}. Give examples of its shape");
        int next = 0;
        return new(input.Name, input.Type, [.. taken.Select(dim => dim.IsKnown && dim.Value == 1 ? 1 : own[next++])]);
    }
}
