using GraphRewrite.Artifacts;
using GraphRewrite.IR;
using GraphRewrite.Serialization;
using GraphRewrite.Training;
using TrainingHost.Runtime;

namespace TrainingHost.Training;

/// <summary>
/// What a run leaves: a folder of artifacts with the trained checkpoint (which ONNX Runtime Training loads, and --resume), the model for inference,
/// and the metrics of every step.
/// </summary>
internal static class RunFolder
{
    private const string InferenceFile = "model.onnx";
    private const string MetricsFile = "metrics.csv";

    public static IReadOnlyList<string> Files { get; } = [TrainingArtifacts.CheckpointFile, InferenceFile, MetricsFile];

    public static string MetricsPath(string folder)
    {
        Directory.CreateDirectory(folder);
        return Path.Combine(folder, MetricsFile);
    }

    /// <summary>Writes checkpoint and inference model, and copies the artifacts beside them.</summary>
    public static void Write(string folder, TrainableModel model, StepSession session, float learningRate)
    {
        Checkpoint checkpoint = StepInitials.ToCheckpoint(session.Graph, model.Checkpoint, session.Read, learningRate);
        checkpoint.Write(Path.Combine(folder, TrainingArtifacts.CheckpointFile));
        foreach (string file in new[] { TrainingArtifacts.TrainingFile, TrainingArtifacts.EvaluationFile, TrainingArtifacts.OptimizerFile }) Copy(model.Path, folder, file);
        Model evaluation = OnnxReader.Read(Path.Combine(model.Path, TrainingArtifacts.EvaluationFile));
        Dictionary<string, Tensor> parameters = checkpoint.Trainable.Concat(checkpoint.Frozen).ToDictionary();
        OnnxWriter.Write(InferenceModel.From(evaluation, model.Logits, parameters.GetValueOrDefault), Path.Combine(folder, InferenceFile));
    }

    private static void Copy(string from, string to, string file)
    {
        string target = Path.Combine(to, file);
        if (Path.GetFullPath(Path.Combine(from, file)) == Path.GetFullPath(target)) return;
        using var files = new AtomicFiles(target);
        files.Write(target, stream =>
        {
            using FileStream source = File.OpenRead(Path.Combine(from, file));
            source.CopyTo(stream);
        });
        files.Commit();
    }
}
