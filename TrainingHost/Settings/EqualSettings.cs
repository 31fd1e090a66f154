namespace TrainingHost.Settings;

/// <summary>equal: two models.</summary>
internal sealed record EqualSettings : ISettings
{
    /// <summary>A model file.</summary>
    public required string A { get; init; }

    /// <summary>Another.</summary>
    public required string B { get; init; }

    /// <summary>--format.</summary>
    public ReportFormat Format { get; init; }
}
