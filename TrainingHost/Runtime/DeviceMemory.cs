using GraphRewrite.IR;
using GraphRewrite.Kernels;
using Microsoft.ML.OnnxRuntime;
using TensorElementType = Microsoft.ML.OnnxRuntime.Tensors.TensorElementType;

namespace TrainingHost.Runtime;

/// <summary>Buffers on the device that a session runs on, and copies between them and the host.</summary>
internal sealed class DeviceMemory : IDisposable
{
    private readonly OrtMemoryInfo? info;
    private readonly OrtAllocator? allocator;

    public DeviceMemory(InferenceSession session, Device device)
    {
        if (device.Kind == ExecutionDevice.Cpu) return;
        info = new("Cuda", OrtAllocatorType.DeviceAllocator, 0, OrtMemType.Default);
        allocator = new(session, info);
    }

    /// <summary>A new buffer with a tensor's contents.</summary>
    public OrtValue Write(Tensor tensor)
    {
        OrtValue host = OrtTensors.ToOrtValue(tensor);
        if (allocator is null) return host;
        OrtValue resident = OrtValue.CreateAllocatedTensorValue(allocator, (TensorElementType)tensor.Type, [.. tensor.Dims]);
        Copy(host, resident);
        host.Dispose();
        return resident;
    }

    /// <summary>A buffer's contents.</summary>
    public Tensor Read(OrtValue resident)
    {
        if (allocator is null) return OrtTensors.ToTensor(resident);
        OrtTensorTypeAndShapeInfo shape = resident.GetTensorTypeAndShape();
        using OrtValue host = OrtTensors.Allocate((ElementType)shape.ElementDataType, shape.Shape);
        Copy(resident, host);
        return OrtTensors.ToTensor(host);
    }

    public void Dispose()
    {
        allocator?.Dispose();
        info?.Dispose();
    }

    private static void Copy(OrtValue from, OrtValue to) => OrtEnv.Instance().CopyTensors([from], [to], null);
}
