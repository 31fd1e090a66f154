using System.Numerics.Tensors;
using GraphRewrite.IR;
using TrainingHost.Data;

namespace TrainingHost.Runs;

/// <summary>The part of a batch whose largest logit is that of the label, among the examples that count.</summary>
internal static class Accuracy
{
    /// <param name="logits">[examples, classes], row after row.</param>
    /// <param name="batch">The batch with its labels.</param>
    /// <param name="ignored">The label whose examples do not count; null: all do.</param>
    /// <returns>0 to 1; null where the labels are no classes, or there is not one label an example.</returns>
    public static double? Of(ReadOnlySpan<float> logits, Batch batch, long? ignored)
    {
        ExampleTensor labels = batch.Labels.Example;
        bool indices = labels.Type == ElementType.Int64 && labels.Length == 1;
        if ((!indices && !labels.IsDistribution) || logits.Length % batch.Count != 0) return null;
        int classes = logits.Length / batch.Count;
        int correct = 0;
        for (int row = 0; row < batch.Count; row++)
        {
            // Of a mixed example the class that it has most of counts.
            long label = indices ? batch.Labels.Integers[row] : TensorPrimitives.IndexOfMax<float>(batch.Labels.FloatsOf(row));
            if (TensorPrimitives.IndexOfMax(logits.Slice(row * classes, classes)) == label && label != ignored) correct++;
        }
        double counting = batch.Counting(ignored);
        return counting == 0 ? 0 : correct / counting;
    }
}
