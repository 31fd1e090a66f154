using GraphRewrite.IR;
using TrainingHost.Data.Sources;

namespace TrainingHost.Data;

/// <summary>Labels as the model's loss takes them; made by <see cref="LabelFit"/>.</summary>
/// <param name="tensor">The labels' name, type and dimensions.</param>
/// <param name="values">A row for each example of the source.</param>
/// <param name="oneHot">Whether a class index becomes a row of zeros with a one.</param>
/// <param name="index">Label → class, where the labels are other numbers; null: they are the classes.</param>
internal sealed class FittedLabels(ExampleTensor tensor, ExampleArray values, bool oneHot, IReadOnlyDictionary<long, long>? index)
{
    public ExampleTensor Tensor { get; } = tensor;

    /// <summary>Writes an example's labels into a row.</summary>
    public void Fill(int source, BatchTensor labels, int row)
    {
        int start = source * values.Length;
        if (Tensor.Type == ElementType.Int64)
        {
            Span<long> target = labels.IntegersOf(row);
            for (int k = 0; k < target.Length; k++) target[k] = Class(values.Integers![start + k]);
            return;
        }
        Span<float> numbers = labels.FloatsOf(row);
        if (oneHot)
        {
            numbers.Clear();
            numbers[(int)Class(values.Integers![start])] = 1;
        }
        else if (values.Floats is not null) values.Floats.AsSpan(start, numbers.Length).CopyTo(numbers);
        else
            for (int k = 0; k < numbers.Length; k++) numbers[k] = values.Integers![start + k];
    }

    private long Class(long label) => index is null ? label : index[label];
}
