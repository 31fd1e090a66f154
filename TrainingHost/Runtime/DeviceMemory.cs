using GraphRewrite.IR;
using GraphRewrite.Kernels;
using Microsoft.ML.OnnxRuntime;

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
        if (copy is null) return host;
        using (host) return Write(host);
    }

    /// <summary>The same, with those of a value in host memory.</summary>
    public OrtValue Write(OrtValue host)
    {
        OrtValue resident = Like(host);
        Copy(host, resident);
        return resident;
    }

    /// <summary>A new buffer of a value's type and shape, with any contents.</summary>
    public OrtValue Like(OrtValue value)
    {
        OrtTensorTypeAndShapeInfo shape = value.GetTensorTypeAndShape();
        return OrtValue.CreateAllocatedTensorValue(allocator ?? OrtAllocator.DefaultInstance, shape.ElementDataType, shape.Shape);
    }

    /// <summary>A buffer's contents.</summary>
    public Tensor Read(OrtValue resident)
    {
        if (copy is null) return OrtTensors.ToTensor(resident);
        using OrtValue host = ToHost(resident);
        return OrtTensors.ToTensor(host);
    }

    /// <summary>The same without a copy where it lies on the host: of use until the next step.</summary>
    public Tensor View(OrtValue resident) => copy is null ? OrtTensors.View(resident) : Read(resident);

    /// <summary>The same, as a new value in host memory.</summary>
    public OrtValue ToHost(OrtValue resident)
    {
        OrtTensorTypeAndShapeInfo shape = resident.GetTensorTypeAndShape();
        OrtValue host = OrtTensors.Allocate((ElementType)shape.ElementDataType, shape.Shape);
        Copy(resident, host);
        return host;
    }

    /// <summary>Between host and device, either way, or within one of them.</summary>
    public void Copy(OrtValue from, OrtValue to)
    {
        if (copy is null) OrtTensors.Bytes(from).CopyTo(OrtTensors.Bytes(to));
        else copy.Copy(from, to);
    }

    public void Dispose()
    {
        copy?.Dispose();
        allocator?.Dispose();
        info?.Dispose();
    }
}
