using GraphRewrite.Diagnostics;

namespace TrainingHost.Settings;

/// <summary>export: a trained model for inference.</summary>
internal sealed record ExportSettings : ISettings
{
    /// <summary>The folder that train wrote, a folder of artifacts, or a forward .onnx.</summary>
    public required string Run { get; init; }

    /// <summary>--output: the model's file.</summary>
    public required string Output { get; init; }

    public Touched Touched => new([Run], [Output]);

    /// <summary>--with-preprocessing: true, --no-preprocessing: false; null: with it where the run has some.</summary>
    public bool? Preprocessing { get; init; }

    /// <summary>--uint8: raw input in bytes.</summary>
    public bool Bytes { get; init; }

    public void Validate()
    {
        if (Bytes && Preprocessing == false)
            throw new GraphRewriteException("--uint8: goes with the preprocessing that makes numbers of bytes, and --no-preprocessing leaves it out");
    }
}
