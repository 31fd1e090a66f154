using GraphRewrite.IR;
using Microsoft.ML.OnnxRuntime;

namespace TrainingHost.Runtime;

/// <summary>A batch of tensors in the runtime's memory.</summary>
internal sealed class BatchFeeds(IReadOnlyDictionary<string, Tensor> batch) : IDisposable
{
    public IReadOnlyDictionary<string, OrtValue> Values { get; } = batch.ToDictionary(pair => pair.Key, pair => OrtTensors.ToOrtValue(pair.Value));

    public void Dispose()
    {
        foreach (OrtValue value in Values.Values) value.Dispose();
    }
}
