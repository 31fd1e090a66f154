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

    public static OrtValue Allocate(ElementType type, long[] dims) =>
        OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, (TensorElementType)type, dims);

    public static Tensor ToTensor(OrtValue value)
    {
        OrtTensorTypeAndShapeInfo info = value.GetTensorTypeAndShape();
        return new((ElementType)info.ElementDataType, info.Shape, Bytes(value).ToArray());
    }

    /// <summary>The memory of a value on the host.</summary>
    public static Span<byte> Bytes(OrtValue value) => value.GetTensorMutableRawData();
}
