using GraphRewrite.Diagnostics;
using GraphRewrite.IR;
using GraphRewrite.Lowering;
using GraphRewrite.Serialization;

namespace GraphRewrite.Artifacts;

/// <summary>Writes a set of artifacts, all four files or none.</summary>
public static class ArtifactFolder
{
    /// <summary>Writes artifacts that were made here.</summary>
    /// <exception cref="GraphRewriteException">The folder cannot be written.</exception>
    public static void Write(TrainingArtifacts artifacts, string folder)
    {
        using var files = AtomicFiles.In(folder);
        OnnxWriter.WriteInto(files, WithoutTrActOperators(artifacts.Training.Model), Path.Combine(folder, ArtifactFiles.Training));
        OnnxWriter.WriteInto(files, artifacts.Evaluation, Path.Combine(folder, ArtifactFiles.Evaluation));
        OnnxWriter.WriteInto(files, OptimizerModel.Of(artifacts.Optimizer), Path.Combine(folder, ArtifactFiles.Optimizer));
        artifacts.Checkpoint!.Write(files, Path.Combine(folder, ArtifactFiles.Checkpoint));
        files.Commit();
    }

    /// <summary>
    /// Writes artifacts that were read and changed: the training model as it is now, the other files, and data files beside the models, as they were.
    /// </summary>
    /// <exception cref="GraphRewriteException">The folder cannot be written, or is the one that was read.</exception>
    public static void WriteRewritten(TrainingArtifacts artifacts, string folder)
    {
        OutputFiles.CheckFolder(folder, [artifacts.Folder]);
        Model training = WithoutTrActOperators(artifacts.Training.Model);
        using var files = AtomicFiles.In(folder);
        string[] asTheyWere = [.. ArtifactFiles.BesideTraining];
        foreach (string name in asTheyWere.Concat(artifacts.ExternalFiles))
            files.Write(Path.Combine(folder, name), stream => Copy(Path.Combine(artifacts.Folder, name), stream));
        OnnxWriter.WriteInto(files, training, Path.Combine(folder, ArtifactFiles.Training));
        files.Commit();
    }

    /// <summary>The model as runtimes know it: the rewrite's own operators made of those that every one has.</summary>
    private static Model WithoutTrActOperators(Model training)
    {
        if (!training.Graph.Nodes.Any(node => node.Op.Domain == OpId.TrAct)) return training;
        Model expanded = training.Clone();
        LoweringPipeline.ExpandTrAct(expanded.Graph);
        return expanded;
    }

    private static void Copy(string from, Stream to)
    {
        using FileStream source = RegularFile.OpenRead(from);
        source.CopyTo(to);
    }
}
