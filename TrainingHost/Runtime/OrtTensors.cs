using System.Buffers;
using GraphRewrite.IR;
using Microsoft.ML.OnnxRuntime;
using TensorElementType = Microsoft.ML.OnnxRuntime.Tensors.TensorElementType;

namespace TrainingHost.Runtime;

/// <summary><see cref="Tensor"/> ↔ <see cref="OrtValue"/> in host memory.</summary>
internal static class OrtTensors
{
    /// <summary>A new value that owns its memory.</summary>
    public static OrtValue ToOrtValue(Tensor tensor)
    {
        OrtValue value = Allocate(tensor.Type, [.. tensor.Dims]);
        tensor.Data.Span.CopyTo(Bytes(value));
        return value;
    }

    /// <summary>A value of the host as it is: no copy, and of use no longer than the value keeps its contents.</summary>
    public static Tensor View(OrtValue value)
    {
        OrtTensorTypeAndShapeInfo info = value.GetTensorTypeAndShape();
        return new((ElementType)info.ElementDataType, info.Shape, new HostMemory(value).Memory);
    }

    public static OrtValue Allocate(ElementType type, long[] dims) =>
        OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, (TensorElementType)type, dims);

    public static Tensor ToTensor(OrtValue value)
    {
        OrtTensorTypeAndShapeInfo info = value.GetTensorTypeAndShape();
        return new((ElementType)info.ElementDataType, info.Shape, Bytes(value).ToArray());
    }

    /// <summary>The memory of a value on the host.</summary>
    public static Span<byte> Bytes(OrtValue value) => value.GetTensorMutableRawData();

    /// <summary>The same as memory; it is never pinned.</summary>
    private sealed class HostMemory(OrtValue value) : MemoryManager<byte>
    {
        public override Span<byte> GetSpan() => Bytes(value);

        public override MemoryHandle Pin(int elementIndex = 0) => throw new NotSupportedException("ONNX Runtime's memory is not pinned.");

        public override void Unpin()
        {
        }

        protected override void Dispose(bool disposing)
        {
        }
    }
}
