using System.Globalization;
using System.Text.Json.Serialization;

namespace TrainingHost.Runs;

/// <summary>A class, and how probable it is.</summary>
internal sealed record PredictedClass(string Class, int Index, double Probability)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Class} {Probability:P2}");

    /// <summary>The most probable classes, the first one first.</summary>
    /// <param name="probabilities">Of all classes.</param>
    /// <param name="names">Of the classes; null for their numbers.</param>
    /// <param name="top">How many.</param>
    public static IReadOnlyList<PredictedClass> Top(ReadOnlySpan<float> probabilities, IReadOnlyList<string>? names, int top)
    {
        float[] p = probabilities.ToArray();
        return [.. Enumerable.Range(0, p.Length).OrderByDescending(c => p[c]).Take(top)
            .Select(c => new PredictedClass(ClassificationScores.NameOf(c, names), c, p[c]))];
    }
}

/// <summary>What a model says of one example: a line that says it is its text, and its own properties are its JSON.</summary>
internal abstract record Prediction([property: JsonPropertyOrder(-1)] string File)
{
    protected static string Text(IReadOnlyList<float> values) =>
        string.Join(", ", values.Select(value => value.ToString("G6", CultureInfo.InvariantCulture)));
}

/// <summary>The most probable classes of an image.</summary>
internal sealed record ImagePrediction(string File, IReadOnlyList<PredictedClass> Classes) : Prediction(File)
{
    public override string ToString() => $"{File}: {string.Join(", ", Classes)}";
}

/// <summary>The numbers that are predicted of an image.</summary>
internal sealed record ImageValues(string File, IReadOnlyList<float> Values) : Prediction(File)
{
    public override string ToString() => $"{File}: {Text(Values)}";
}

/// <summary>The most probable classes of a row of a table.</summary>
/// <param name="File">The table.</param>
/// <param name="Row">From 1, the heading not counted.</param>
/// <param name="Classes">The first one first.</param>
internal sealed record RowClasses(string File, int Row, IReadOnlyList<PredictedClass> Classes) : Prediction(File)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{File}, row {Row}: {string.Join(", ", Classes)}");
}

/// <summary>The numbers that are predicted of a row of a table.</summary>
/// <param name="File">The table.</param>
/// <param name="Row">From 1, the heading not counted.</param>
/// <param name="Values">One for each column that was predicted.</param>
internal sealed record RowValues(string File, int Row, IReadOnlyList<float> Values) : Prediction(File)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{File}, row {Row}: {Text(Values)}");
}
