using GraphRewrite.Diagnostics;
using GraphRewrite.IR;
using GraphRewrite.Serialization;
using Microsoft.ML.OnnxRuntime;

namespace TrainingHost.Runtime;

/// <summary>Runs models on ONNX Runtime's CPU provider. For proofs and tests; training binds its buffers instead.</summary>
public sealed class OrtGraphRunner : IGraphRunner
{
    /// <summary>What the runtime may fuse.</summary>
    internal GraphOptimizationLevel Optimization { get; init; } = GraphOptimizationLevel.ORT_ENABLE_BASIC;

    public IGraphSession Open(Model model)
    {
        using var options = new SessionOptions
        {
            GraphOptimizationLevel = Optimization,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
            EnableCpuMemArena = false, // which grows to powers of two, and keeps them
            EnableMemoryPattern = false, // of 70,000 nodes takes longer to lay out than the few runs
        };
        return Refusing(model.Graph.Name, () => new Session(model.Graph.Name, new(OnnxWriter.ToBytes(model), options)));
    }

    /// <summary>One run of a model.</summary>
    public IReadOnlyDictionary<string, Tensor> Run(Model model, IReadOnlyDictionary<string, Tensor> feeds)
    {
        using IGraphSession session = Open(model);
        return session.Run(feeds).ToDictionary(pair => pair.Key, pair => new Tensor(pair.Value.Type, pair.Value.Dims, pair.Value.Data.ToArray()));
    }

    private static T Refusing<T>(string graph, Func<T> work)
    {
        try
        {
            return work();
        }
        catch (OnnxRuntimeException e)
        {
            throw new GraphRewriteException($"ONNX Runtime refused the graph '{graph}': {e.Message}", e);
        }
    }

    private sealed class Session(string graph, InferenceSession session) : IGraphSession
    {
        private IDisposableReadOnlyCollection<OrtValue>? outputs;

        public IReadOnlyDictionary<string, Tensor> Run(IReadOnlyDictionary<string, Tensor> feeds)
        {
            outputs?.Dispose();
            Dictionary<string, BorrowedValue> inputs = session.InputNames.ToDictionary(name => name, name => new BorrowedValue(feeds[name]));
            try
            {
                using var run = new RunOptions();
                Dictionary<string, OrtValue> values = inputs.ToDictionary(pair => pair.Key, pair => pair.Value.Value);
                outputs = Refusing(graph, () => session.Run(run, values, session.OutputNames));
                return session.OutputNames.Zip(outputs).ToDictionary(pair => pair.First, pair => OrtTensors.View(pair.Second));
            }
            finally
            {
                foreach (BorrowedValue input in inputs.Values) input.Dispose();
            }
        }

        public void Dispose()
        {
            outputs?.Dispose();
            session.Dispose();
        }
    }
}
