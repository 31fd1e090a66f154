using GraphRewrite.Diagnostics;

namespace TrainingHost.Settings;

/// <summary>export: a trained model for inference.</summary>
internal sealed record ExportSettings : ISettings
{
    /// <summary>The folder that train wrote, a folder of artifacts, or a forward .onnx.</summary>
    public required string Run { get; init; }

    /// <summary>--weights; null: the run's default.</summary>
    public WeightsKind? Weights { get; init; }

    /// <summary>--output: the model's file.</summary>
    public required string Output { get; init; }

    /// <summary>--with-preprocessing: true, --no-preprocessing: false; null: with it where the run has some.</summary>
    public bool? Preprocessing { get; init; }

    /// <summary>--uint8: raw input in bytes.</summary>
    public bool Bytes { get; init; }

    /// <summary>--batch; null leaves the axis as it is.</summary>
    public BatchAxis? Batch { get; init; }

    /// <summary>--opset raised: the opset that training brings graphs to, not the forward model's own.</summary>
    public bool RaisesOpset { get; init; }

    /// <summary>--external-data: large weights go to a file beside the model.</summary>
    public bool ExternalData { get; init; }

    public Touched Touched => new([Run], ExternalData ? [Output, Output + ".data"] : [Output]);

    public void Validate()
    {
        if (Bytes && Preprocessing == false)
            throw new GraphRewriteException("--uint8: goes with the preprocessing that makes numbers of bytes, and --no-preprocessing leaves it out");
    }
}
