using GraphRewrite.Artifacts;

namespace TrainingHost.Models;

/// <summary>The files that a model is read from, external data aside.</summary>
internal static class ModelFiles
{
    /// <param name="path">A file, or a folder of artifacts.</param>
    public static IEnumerable<string> Of(string path) => !Directory.Exists(path) ? [path]
        : new[] { ArtifactFiles.Training, ArtifactFiles.Evaluation, ArtifactFiles.Optimizer, ArtifactFiles.Checkpoint }
            .Select(file => Path.Combine(path, file));
}
