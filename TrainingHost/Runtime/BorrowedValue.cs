using System.Runtime.InteropServices;
using GraphRewrite.IR;
using Microsoft.ML.OnnxRuntime;
using TensorElementType = Microsoft.ML.OnnxRuntime.Tensors.TensorElementType;

namespace TrainingHost.Runtime;

/// <summary>A tensor as a value of ONNX Runtime that reads the tensor's own memory, which is pinned meanwhile.</summary>
internal sealed class BorrowedValue : IDisposable
{
    private readonly GCHandle pinned;

    public BorrowedValue(Tensor tensor)
    {
        if (tensor.Data.IsEmpty || !MemoryMarshal.TryGetArray(tensor.Data, out ArraySegment<byte> bytes))
        {
            Value = OrtTensors.ToOrtValue(tensor);
            return;
        }
        pinned = GCHandle.Alloc(bytes.Array, GCHandleType.Pinned);
        Value = OrtValue.CreateTensorValueWithData(
            OrtMemoryInfo.DefaultInstance, (TensorElementType)tensor.Type, [.. tensor.Dims], pinned.AddrOfPinnedObject() + bytes.Offset, bytes.Count);
    }

    public OrtValue Value { get; }

    public void Dispose()
    {
        Value.Dispose();
        if (pinned.IsAllocated) pinned.Free();
    }
}
