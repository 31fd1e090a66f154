using GraphRewrite.IR;
using GraphRewrite.IR.Building;
using Microsoft.ML.OnnxRuntime;

namespace TrainingHost.Runtime;

/// <summary>
/// Copies between host and device, by the provider's own means: a session of one Identity, whose input and output are bound to the two buffers. (The
/// environment's CopyTensors knows only providers that are registered with it, which CUDA's is not.)
/// </summary>
internal sealed class DeviceCopy(Device device) : IDisposable
{
    private const string From = "from";

    private readonly Dictionary<ElementType, InferenceSession> sessions = [];
    private readonly RunOptions run = new();

    /// <param name="from">On either side.</param>
    /// <param name="to">On either side; of the same element type and dimensions.</param>
    public void Copy(OrtValue from, OrtValue to)
    {
        InferenceSession session = Of((ElementType)from.GetTensorTypeAndShape().ElementDataType);
        using OrtIoBinding binding = session.CreateIoBinding();
        binding.BindInput(From, from);
        binding.BindOutput(session.OutputNames[0], to);
        binding.SynchronizeBoundInputs();
        session.RunWithBinding(run, binding);
        binding.SynchronizeBoundOutputs();
    }

    public void Dispose()
    {
        foreach (InferenceSession session in sessions.Values) session.Dispose();
        run.Dispose();
    }

    private InferenceSession Of(ElementType type)
    {
        if (sessions.TryGetValue(type, out InferenceSession? session)) return session;
        var graph = new Graph("copy", new Dictionary<string, long> { [OpId.Onnx] = 21 });
        Value from = graph.AddInput(From, type, null);
        using (OpBuilder op = graph.BuildAtEnd("copy"))
            graph.MarkOutput(op.Identity(from));
        using SessionOptions options = device.SessionOptions();
        return sessions[type] = Sessions.Open(new(graph), options);
    }
}
