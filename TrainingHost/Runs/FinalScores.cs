using GraphRewrite.Forward;
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

    public string NameOf(int label) => ClassificationScores.NameOf(label, names);

    /// <param name="batch">Evaluated examples.</param>
    /// <param name="logits">Of them, row after row.</param>
    public void See(Batch batch, ReadOnlySpan<float> logits) => Scores?.Add(batch, logits, (row, label, predicted) =>
    {
        List<(byte[] Png, string Caption)> kind = predicted == label ? right : wrong;
        if (kind.Count == Shown || preprocessing is not { Layout: not InputLayout.Columns } pixels) return;
        string caption = predicted == label ? NameOf(label) : $"{NameOf(label)}, taken for {NameOf(predicted)}";
        kind.Add((ExamplePicture.Png(batch.Inputs[0].FloatsOf(row), pixels), caption));
    });
}
