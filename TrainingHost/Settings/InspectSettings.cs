namespace TrainingHost.Settings;

/// <summary>inspect: what a model is.</summary>
internal sealed record InspectSettings : ISettings
{
    /// <summary>A folder of artifacts, or a forward .onnx.</summary>
    public required string Model { get; init; }

    /// <summary>--layer, repeated; empty: the first layer.</summary>
    public IReadOnlyList<string> Layers { get; init; } = [];

    public ForwardChoice Forward { get; init; } = new();

    /// <summary>--svg: the file for a drawing of the first layer; null: none.</summary>
    public string? Svg { get; init; }

    public Touched Touched => new([Model], Svg is null ? [] : [Svg]);
}
