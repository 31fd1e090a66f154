namespace TrainingHost.Settings;

/// <summary>export: a trained model for inference.</summary>
internal sealed record ExportSettings : ISettings
{
    /// <summary>The folder that train wrote, a folder of artifacts, or a forward .onnx.</summary>
    public required string Run { get; init; }

    /// <summary>--output: the model's file.</summary>
    public required string Output { get; init; }

    public Touched Touched => new([Run], [Output]);
}
