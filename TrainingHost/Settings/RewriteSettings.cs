namespace TrainingHost.Settings;

/// <summary>rewrite: TrAct into artifacts.</summary>
internal sealed record RewriteSettings : ISettings
{
    /// <summary>A folder of plain artifacts.</summary>
    public required string Model { get; init; }

    /// <summary>--output: the folder for the rewritten ones.</summary>
    public required string Output { get; init; }

    public TrActChoice TrAct { get; init; } = new();

    public Touched Touched => new([Model], [], Output);

    public void Validate() => TrAct.Validate();
}
