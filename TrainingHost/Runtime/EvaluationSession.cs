using GraphRewrite.Diagnostics;
using GraphRewrite.IR;
using GraphRewrite.Lowering;
using Microsoft.ML.OnnxRuntime;

namespace TrainingHost.Runtime;

/// <summary>Runs a forward graph in evaluation mode over batches; parameters are graph inputs, bound once.</summary>
internal sealed class EvaluationSession : IDisposable
{
    private readonly InferenceSession session;
    private readonly RunOptions run = new();
    private readonly Dictionary<string, OrtValue> parameters;
    private readonly OrtIoBinding binding;

    /// <param name="model">The evaluation graph, of operators that the runtime has; a copy's convolutions get the device's formulations.</param>
    /// <param name="valueOf">The value of a parameter by name.</param>
    /// <param name="batchInputs">Graph inputs that a batch fills.</param>
    /// <param name="device">Where to run.</param>
    public EvaluationSession(Model model, Func<string, Tensor> valueOf, IReadOnlyList<string> batchInputs, Device device)
    {
        using (SessionOptions options = device.SessionOptions())
            session = Sessions.Open(LoweringPipeline.OfEvaluation(model, device.Target), options);
        parameters = session.InputNames.Except(batchInputs).ToDictionary(name => name, name => OrtTensors.ToOrtValue(valueOf(name)));
        binding = session.CreateIoBinding();
        foreach ((string name, OrtValue value) in parameters) binding.BindInput(name, value);
    }

    /// <summary>Writes other values into the parameters.</summary>
    public void SetParameters(Func<string, Tensor> valueOf)
    {
        foreach ((string name, OrtValue value) in parameters)
        {
            valueOf(name).Data.Span.CopyTo(OrtTensors.Bytes(value));
            binding.BindInput(name, value); // which copies to another device
        }
    }

    /// <summary>All outputs for a batch.</summary>
    public StepOutputs Run(IReadOnlyDictionary<string, OrtValue> batch)
    {
        foreach ((string name, OrtValue value) in batch.Where(pair => session.InputNames.Contains(pair.Key))) binding.BindInput(name, value);
        foreach (string output in session.OutputNames) binding.BindOutputToDevice(output, OrtMemoryInfo.DefaultInstance);
        try
        {
            session.RunWithBinding(run, binding);
        }
        catch (OnnxRuntimeException e)
        {
            throw new GraphRewriteException($"ONNX Runtime failed in evaluation: {e.Message.Split('\n')[0]}", e);
        }
        return new(binding.GetOutputNames(), binding.GetOutputValues());
    }

    public void Dispose()
    {
        binding.Dispose();
        foreach (OrtValue value in parameters.Values) value.Dispose();
        run.Dispose();
        session.Dispose();
    }
}
