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
    private readonly DeviceCopy? copy;

    public DeviceMemory(InferenceSession session, Device device)
    {
        if (device.Kind == ExecutionDevice.Cpu) return;
        info = new("Cuda", OrtAllocatorType.DeviceAllocator, 0, OrtMemType.Default);
        allocator = new(session, info);
        copy = new(device);
    }

    /// <summary>A new buffer with a tensor's contents.</summary>
    public OrtValue Write(Tensor tensor)
    {
        OrtValue host = OrtTensors.ToOrtValue(tensor);
        if (allocator is null || copy is null) return host;
        OrtValue resident = OrtValue.CreateAllocatedTensorValue(allocator, (TensorElementType)tensor.Type, [.. tensor.Dims]);
        copy.Copy(host, resident);
        host.Dispose();
        return resident;
    }

    /// <summary>A buffer's contents.</summary>
    public Tensor Read(OrtValue resident)
    {
        if (copy is null) return OrtTensors.ToTensor(resident);
        OrtTensorTypeAndShapeInfo shape = resident.GetTensorTypeAndShape();
        using OrtValue host = OrtTensors.Allocate((ElementType)shape.ElementDataType, shape.Shape);
        copy.Copy(resident, host);
        return OrtTensors.ToTensor(host);
    }

    public void Dispose()
    {
        copy?.Dispose();
        allocator?.Dispose();
        info?.Dispose();
    }
}
