using GraphRewrite.IR;
using Microsoft.ML.OnnxRuntime;
using TrainingHost.Data;

namespace TrainingHost.Runs;

/// <summary>A loaded batch as the runtime takes it: the buffers themselves, not copies.</summary>
internal sealed class LoadedBatch : IDisposable
{
    /// <param name="batch">The batch; it must stay as it is until this is disposed.</param>
    /// <param name="names">The model's batch inputs, labels last.</param>
    public LoadedBatch(Batch batch, IReadOnlyList<string> names)
    {
        BatchTensor[] tensors = [.. batch.Inputs, batch.Labels];
        Values = names.Zip(tensors).ToDictionary(pair => pair.First, pair => Wrap(pair.Second, batch.Count));
    }

    public IReadOnlyDictionary<string, OrtValue> Values { get; }

    public void Dispose()
    {
        foreach (OrtValue value in Values.Values) value.Dispose();
    }

    private static OrtValue Wrap(BatchTensor tensor, int count)
    {
        long[] dims = [count, .. tensor.Example.Dims];
        return tensor.Example.Type == ElementType.Int64
            ? OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, tensor.Integers.AsMemory(0, count * tensor.Example.Length), dims)
            : OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, tensor.Floats.AsMemory(0, count * tensor.Example.Length), dims);
    }
}
