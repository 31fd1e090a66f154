using GraphRewrite.Diagnostics;
using GraphRewrite.IR;
using GraphRewrite.Serialization;
using Microsoft.ML.OnnxRuntime;

namespace TrainingHost.Runtime;

/// <summary>Runs a model once on ONNX Runtime's CPU provider. For proofs and tests; training binds its buffers instead.</summary>
public sealed class OrtGraphRunner : IGraphRunner
{
    /// <summary>What the runtime may fuse.</summary>
    internal GraphOptimizationLevel Optimization { get; init; } = GraphOptimizationLevel.ORT_ENABLE_BASIC;

    public IReadOnlyDictionary<string, Tensor> Run(Model model, IReadOnlyDictionary<string, Tensor> feeds)
    {
        using var options = new SessionOptions
        {
            GraphOptimizationLevel = Optimization,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
        };
        try
        {
            using var session = new InferenceSession(OnnxWriter.ToBytes(model), options);
            return Run(session, feeds);
        }
        catch (OnnxRuntimeException e)
        {
            throw new GraphRewriteException($"ONNX Runtime refused the graph '{model.Graph.Name}': {e.Message}", e);
        }
    }

    private static Dictionary<string, Tensor> Run(InferenceSession session, IReadOnlyDictionary<string, Tensor> feeds)
    {
        Dictionary<string, OrtValue> inputs = session.InputNames.ToDictionary(name => name, name => OrtTensors.ToOrtValue(feeds[name]));
        try
        {
            using var run = new RunOptions();
            using IDisposableReadOnlyCollection<OrtValue> outputs = session.Run(run, inputs, session.OutputNames);
            return session.OutputNames.Zip(outputs).ToDictionary(pair => pair.First, pair => OrtTensors.ToTensor(pair.Second));
        }
        finally
        {
            foreach (OrtValue input in inputs.Values) input.Dispose();
        }
    }
}
