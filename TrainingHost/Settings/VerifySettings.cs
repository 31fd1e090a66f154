namespace TrainingHost.Settings;

/// <summary>verify: what a rewrite changed.</summary>
internal sealed record VerifySettings : ISettings
{
    /// <summary>The folder of plain artifacts.</summary>
    public required string Before { get; init; }

    /// <summary>The folder of rewritten ones.</summary>
    public required string After { get; init; }

    /// <summary>--lambda that is expected; null: the recorded one.</summary>
    public double? Lambda { get; init; }

    /// <summary>--format.</summary>
    public ReportFormat Format { get; init; }

    /// <summary>--ort-library; null: the environment's, or the package's.</summary>
    public string? Library { get; init; }

    public void Validate() => TrActChoice.CheckLambda(Lambda);
}
