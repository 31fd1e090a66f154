using GraphRewrite.Artifacts;
using GraphRewrite.IR;
using GraphRewrite.Serialization;
using TrainingHost.Models;
using TrainingHost.Runtime;

namespace TrainingHost.Runs;

/// <summary>
/// What a run leaves: a folder of artifacts with the trained checkpoint (which ONNX Runtime Training loads, and --resume), the model for inference,
/// and the metrics of every step.
/// </summary>
internal static class RunFolder
{
    private const string InferenceFile = "model.onnx";
    private const string MetricsFile = "metrics.csv";

    public static IReadOnlyList<string> Files { get; } = [ArtifactFiles.Checkpoint, InferenceFile, MetricsFile];

    public static string MetricsPath(string folder)
    {
        Directory.CreateDirectory(folder);
        return Path.Combine(folder, MetricsFile);
    }

    /// <summary>Writes the artifacts with the trained checkpoint, and the inference model.</summary>
    public static void Write(string folder, TrainableModel model, StepSession session, float learningRate)
    {
        Checkpoint checkpoint = StepInitials.ToCheckpoint(session.Graph, model.Checkpoint, session.Read, learningRate);
        TrainingArtifacts trained = model.With(folder, checkpoint);
        ArtifactFolder.Write(trained, folder);
        Dictionary<string, Tensor> parameters = trained.Parameters.ToDictionary();
        Model inference = InferenceModel.From(trained.Evaluation, trained.Prediction, parameters.GetValueOrDefault);
        OnnxWriter.Write(inference, Path.Combine(folder, InferenceFile));
    }
}
