using System.Globalization;
using System.Numerics.Tensors;
using GraphRewrite.Forward;
using GraphRewrite.IR;
using TrainingHost.Data;
using TrainingHost.Reporting;

namespace TrainingHost.Runs;

/// <summary>What the last evaluation of a run saw: its result, which classes were taken for which, pictures that were right and wrong.</summary>
/// <param name="classes">Their number; null where the labels are no classes.</param>
/// <param name="names">Of the classes; null for their numbers.</param>
/// <param name="preprocessing">How pictures were made of pixels; null where there are none.</param>
internal sealed class FinalScores(long? classes, IReadOnlyList<string>? names, Preprocessing? preprocessing)
{
    private const int Shown = 12;

    private readonly List<(byte[] Png, string Caption)> right = [], wrong = [];

    /// <summary>Null where the labels are no classes.</summary>
    public ClassificationScores? Scores { get; } = classes is { } count ? new((int)count) : null;

    public required HeldOutReport? Result { get; set; }

    public IReadOnlyList<(byte[] Png, string Caption)> Right => right;

    public IReadOnlyList<(byte[] Png, string Caption)> Wrong => wrong;

    public string NameOf(long label) => names is not null && label < names.Count ? names[(int)label] : label.ToString(CultureInfo.InvariantCulture);

    /// <param name="batch">Evaluated examples.</param>
    /// <param name="logits">Of them, row after row.</param>
    public void See(Batch batch, ReadOnlySpan<float> logits)
    {
        if (Scores is not { } scores || batch.Labels.Example.Type != ElementType.Int64 || logits.Length != batch.Count * scores.Classes) return;
        for (int row = 0; row < batch.Count; row++)
        {
            ReadOnlySpan<float> own = logits.Slice(row * scores.Classes, scores.Classes);
            long label = batch.Labels.Integers[row];
            if (label < 0 || label >= scores.Classes) continue; // an ignored one
            scores.Add(own, label, areProbabilities: false);
            int predicted = TensorPrimitives.IndexOfMax(own);
            List<(byte[] Png, string Caption)> kind = predicted == label ? right : wrong;
            if (kind.Count == Shown || preprocessing is not { Layout: not InputLayout.Columns } pixels) continue;
            string caption = predicted == label ? NameOf(label) : $"{NameOf(label)}, taken for {NameOf(predicted)}";
            kind.Add((ExamplePicture.Png(batch.Inputs[0].FloatsOf(row), pixels), caption));
        }
    }
}
