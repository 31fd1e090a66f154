namespace TrainingHost.Settings;

/// <summary>predict: classes of images, classes or numbers of the rows of tables.</summary>
internal sealed record PredictSettings : ISettings
{
    /// <summary>A run's folder, or a model that export wrote.</summary>
    public required string Model { get; init; }

    /// <summary>Image files or tables, folders of them, or - for standard input.</summary>
    public required IReadOnlyList<string> Inputs { get; init; }

    /// <summary>--weights; null: the run's default.</summary>
    public WeightsKind? Weights { get; init; }

    /// <summary>--top: how many classes to name.</summary>
    public required int Top { get; init; }

    /// <summary>--batch-size: images at once.</summary>
    public required int BatchSize { get; init; }

    public DeviceChoice Device { get; init; } = new();

    public IEnumerable<string> Warnings => Device.Warnings;

    public void Validate()
    {
        Ranges.AtLeastOne("--top", Top);
        Ranges.AtLeastOne("--batch-size", BatchSize);
        Device.Validate();
    }
}
