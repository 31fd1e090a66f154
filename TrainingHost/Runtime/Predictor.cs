using GraphRewrite.Diagnostics;
using GraphRewrite.IR;
using GraphRewrite.Lowering;
using Microsoft.ML.OnnxRuntime;

namespace TrainingHost.Runtime;

/// <summary>Runs a model of one input and one output over raw examples.</summary>
internal sealed class Predictor : IDisposable
{
    private readonly InferenceSession session;
    private readonly RunOptions run = new();
    private readonly Value input;
    private readonly long[] dims;

    /// <param name="model">The input [N, …] in Float or UInt8, extents behind N known.</param>
    /// <param name="device">Where to run.</param>
    public Predictor(Model model, Device device)
    {
        input = model.Graph.Inputs[0];
        Shape shape = input.Shape ?? throw new GraphRewriteException($"The input '{input.Name}' declares no shape.");
        if (!shape.Skip(1).All(dim => dim.IsKnown)) throw new GraphRewriteException($"The input '{input.Name}' {shape} is open behind the batch.");
        dims = [.. shape.Skip(1).Select(dim => dim.Value)];
        FixedBatch = shape[0].IsKnown ? (int)shape[0].Value : null;
        using SessionOptions options = device.SessionOptions();
        session = Sessions.Open(LoweringPipeline.OfEvaluation(model, device.Target), options);
    }

    /// <summary>The batch size that the model was made for; null for any.</summary>
    public int? FixedBatch { get; }

    /// <summary>Elements of one example.</summary>
    public int Length => checked((int)dims.Aggregate(1L, (product, dim) => product * dim));

    /// <param name="raw">Bytes, example after example; what the fixed batch lacks is zero.</param>
    /// <param name="count">Examples.</param>
    /// <returns>[count, classes], row after row.</returns>
    public float[] Run(ReadOnlySpan<byte> raw, int count)
    {
        if (input.Type != ElementType.UInt8) return Run(Array.ConvertAll(raw[..(count * Length)].ToArray(), pixel => (float)pixel), count);
        int batch = FixedBatch ?? count;
        var bytes = new byte[batch * Length];
        raw[..(count * Length)].CopyTo(bytes);
        using OrtValue fed = OrtValue.CreateTensorValueFromMemory(bytes, [batch, .. dims]);
        return Run(fed, batch, count);
    }

    /// <inheritdoc cref="Run(ReadOnlySpan{byte}, int)"/>
    /// <param name="raw">Numbers, example after example; what the fixed batch lacks is zero.</param>
    /// <param name="count">Examples.</param>
    public float[] Run(ReadOnlySpan<float> raw, int count)
    {
        int batch = FixedBatch ?? count;
        var numbers = new float[batch * Length];
        raw[..(count * Length)].CopyTo(numbers);
        using OrtValue fed = OrtValue.CreateTensorValueFromMemory(numbers, [batch, .. dims]);
        return Run(fed, batch, count);
    }

    public void Dispose()
    {
        run.Dispose();
        session.Dispose();
    }

    private float[] Run(OrtValue fed, int batch, int count)
    {
        var feeds = new Dictionary<string, OrtValue> { [input.Name] = fed };
        using IDisposableReadOnlyCollection<OrtValue> outputs = session.Run(run, feeds, session.OutputNames);
        ReadOnlySpan<float> all = outputs[0].GetTensorDataAsSpan<float>();
        return all[..(all.Length / batch * count)].ToArray();
    }
}
