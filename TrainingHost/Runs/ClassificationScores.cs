using System.Numerics.Tensors;
using TrainingHost.Data;

namespace TrainingHost.Runs;

/// <summary>One class: how much of it is found, and how much of what is taken for it is it.</summary>
/// <param name="Name">The class.</param>
/// <param name="Examples">Labels of it.</param>
/// <param name="Predicted">Predictions of it.</param>
/// <param name="Recall">Right ones / labels; null where there are none.</param>
/// <param name="Precision">Right ones / predictions; null where there are none.</param>
/// <param name="F1">Their harmonic mean; null where one of them is.</param>
internal sealed record ClassScore(string Name, long Examples, long Predicted, double? Recall, double? Precision, double? F1);

/// <summary>
/// Counts over predictions of classes. The prediction is the class of the largest logit, the first of equal ones; a label is in the top k where fewer
/// than k classes come before it in that order.
/// </summary>
/// <param name="classes">Their number.</param>
internal sealed class ClassificationScores(int classes)
{
    private const int Top = 5;

    private readonly long[,] confusion = new long[classes, classes];
    private long examples, inTop;

    /// <summary>Their number.</summary>
    public int Classes => classes;

    public Calibration Calibration { get; } = new();

    public long Examples => examples;

    /// <summary>[label, prediction].</summary>
    public long this[int label, int prediction] => confusion[label, prediction];

    public double Top1 => (double)Enumerable.Range(0, classes).Sum(c => confusion[c, c]) / examples;

    /// <summary>Null where there are no more than five classes.</summary>
    public double? Top5 => classes > Top ? (double)inTop / examples : null;

    /// <param name="logits">Of one example, or its probabilities.</param>
    /// <param name="label">Its class.</param>
    /// <param name="areProbabilities">Whether they sum to 1 already.</param>
    /// <returns>The class that is predicted.</returns>
    public int Add(ReadOnlySpan<float> logits, long label, bool areProbabilities)
    {
        int predicted = TensorPrimitives.IndexOfMax(logits);
        confusion[label, predicted]++;
        examples++;
        int before = 0;
        for (int c = 0; c < classes; c++)
            if (logits[c] > logits[(int)label] || (logits[c] == logits[(int)label] && c < label)) before++;
        if (before < Top) inTop++;
        Calibration.Add(areProbabilities ? logits[predicted] : Softmax(logits)[predicted], predicted == label);
        return predicted;
    }

    /// <summary>All examples of a batch but those whose labels are no classes; none where there is not a row of logits for each.</summary>
    /// <param name="batch">Evaluated examples.</param>
    /// <param name="logits">Of them, row after row.</param>
    /// <param name="see">Is told of every example: its row, its label, what is predicted; null: nobody is.</param>
    public void Add(Batch batch, ReadOnlySpan<float> logits, Action<int, int, int>? see = null)
    {
        if (logits.Length != batch.Count * classes) return;
        for (int row = 0; row < batch.Count; row++)
        {
            long label = batch.Labels.Integers[row];
            if (label < 0 || label >= classes) continue;
            int predicted = Add(logits.Slice(row * classes, classes), label, areProbabilities: false);
            see?.Invoke(row, (int)label, predicted);
        }
    }

    /// <param name="names">Of the classes; null for their numbers.</param>
    public IReadOnlyList<ClassScore> PerClass(IReadOnlyList<string>? names) => [.. Enumerable.Range(0, classes).Select(c =>
    {
        long labels = Enumerable.Range(0, classes).Sum(p => confusion[c, p]), predicted = Enumerable.Range(0, classes).Sum(l => confusion[l, c]);
        double? recall = labels > 0 ? (double)confusion[c, c] / labels : null, precision = predicted > 0 ? (double)confusion[c, c] / predicted : null;
        double? f1 = recall is { } r && precision is { } p ? (r + p > 0 ? 2 * r * p / (r + p) : 0) : null;
        return new ClassScore(NameOf(c, names), labels, predicted, recall, precision, f1);
    })];

    public static string NameOf(int c, IReadOnlyList<string>? names) =>
        names?.ElementAtOrDefault(c) ?? c.ToString(System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>p = exp(x − max x) / Σ exp(x − max x), in float64.</summary>
    public static double[] Softmax(ReadOnlySpan<float> logits)
    {
        double largest = TensorPrimitives.Max(logits), sum = 0;
        var p = new double[logits.Length];
        for (int i = 0; i < p.Length; i++) sum += p[i] = Math.Exp(logits[i] - largest);
        for (int i = 0; i < p.Length; i++) p[i] /= sum;
        return p;
    }
}
