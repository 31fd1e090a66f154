using GraphRewrite.Artifacts;
using GraphRewrite.Diagnostics;
using GraphRewrite.Forward;

namespace TrainingHost.Models;

/// <summary>Artifacts of whatever a user gives as a model.</summary>
internal static class OpenedArtifacts
{
    /// <param name="path">A folder of artifacts, or a forward .onnx.</param>
    /// <param name="forward">What to make of a forward model.</param>
    /// <param name="needsCheckpoint">Whether a folder must have one.</param>
    /// <exception cref="GraphRewriteException">The model cannot be read, or has no gradient.</exception>
    public static TrainingArtifacts Read(string path, ForwardOptions forward, bool needsCheckpoint = true) =>
        File.Exists(path) ? ForwardArtifacts.Build(path, forward) : TrainingArtifacts.Read(path, needsCheckpoint);

    /// <inheritdoc cref="Read(string, ForwardOptions, bool)"/>
    /// <param name="path">A folder of artifacts, or a forward .onnx.</param>
    /// <param name="forward">What to make of a forward model.</param>
    /// <param name="weights">Other weights than those of the folder; null for its own.</param>
    public static TrainingArtifacts Read(string path, ForwardOptions forward, ChosenWeights? weights)
    {
        TrainingArtifacts artifacts = Read(path, forward);
        return weights is null ? artifacts : artifacts.With(path, weights.For(artifacts.Training));
    }

    /// <summary>The same artifacts with another checkpoint.</summary>
    public static TrainingArtifacts With(this TrainingArtifacts artifacts, string folder, Checkpoint checkpoint) => new()
    {
        Folder = folder,
        Training = artifacts.Training,
        Evaluation = artifacts.Evaluation,
        Optimizer = artifacts.Optimizer,
        Checkpoint = checkpoint,
        Prediction = artifacts.Prediction,
        Warnings = artifacts.Warnings,
    };
}
