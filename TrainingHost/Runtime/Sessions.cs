using GraphRewrite.Diagnostics;
using GraphRewrite.IR;
using GraphRewrite.Serialization;
using Microsoft.ML.OnnxRuntime;

namespace TrainingHost.Runtime;

/// <summary>Opens sessions; what the runtime refuses becomes one line.</summary>
internal static class Sessions
{
    /// <exception cref="GraphRewriteException">The runtime does not load the model.</exception>
    public static InferenceSession Open(Model model, SessionOptions options)
    {
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
