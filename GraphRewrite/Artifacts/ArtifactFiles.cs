namespace GraphRewrite.Artifacts;

/// <summary>The four files that onnxruntime.training.artifacts.generate_artifacts writes into one folder.</summary>
public static class ArtifactFiles
{
    /// <summary>Forward, loss and gradients.</summary>
    public const string Training = "training_model.onnx";

    /// <summary>Forward and loss in inference mode.</summary>
    public const string Evaluation = "eval_model.onnx";

    /// <summary>The optimizer's one node.</summary>
    public const string Optimizer = "optimizer_model.onnx";

    /// <summary>The parameters' values, in FlatBuffers.</summary>
    public const string Checkpoint = "checkpoint";

    /// <summary>All but the training model: what a rewrite copies as it is.</summary>
    internal static IReadOnlyList<string> BesideTraining { get; } = [Evaluation, Optimizer, Checkpoint];
}
