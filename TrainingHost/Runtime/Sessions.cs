using GraphRewrite.Diagnostics;
using GraphRewrite.IR;
using GraphRewrite.Serialization;
using Microsoft.ML.OnnxRuntime;

namespace TrainingHost.Runtime;

/// <summary>Opens sessions; what the runtime refuses becomes one line.</summary>
internal static class Sessions
{
    /// <summary>
    /// From so many nodes on the runtime's own optimizations, which take half of the time that it needs to load them (14 s for 75,000), are left out:
    /// a graph that is lowered gains a fiftieth from them at most.
    /// </summary>
    private const int ManyNodes = 50_000;

    /// <exception cref="GraphRewriteException">The runtime does not load the model.</exception>
    public static InferenceSession Open(Model model, SessionOptions options)
    {
        if (model.Graph.Nodes.Count >= ManyNodes) options.GraphOptimizationLevel = GraphOptimizationLevel.ORT_DISABLE_ALL;
        try
        {
            return new(OnnxWriter.ToBytes(model), options);
        }
        catch (OnnxRuntimeException e)
        {
            string version = OrtEnv.Instance().GetVersionString(), reason = e.Message.Split('\n')[0];
            throw new GraphRewriteException($"ONNX Runtime {version} does not load the graph '{model.Graph.Name}': {reason}", e);
        }
    }
}
