using GraphRewrite.Kernels;
using TrainingHost.Runtime;

namespace TrActOnnx.Tests.Runtime;

[TestClass]
public sealed class DeviceTests
{
    /// <summary>What a machine's runtime has is found out by a session; a property that is read twice must not open two.</summary>
    [TestMethod]
    public void ADeviceFindsOutOnceWhatItHas()
    {
        Device device = Device.Open(ExecutionDevice.Cpu, threads: 1);
        LoweringTarget first = device.Target;
        Assert.AreSame(first, device.Target);
        Assert.AreEqual(ExecutionDevice.Cpu, device.Kind);
        Assert.IsTrue(device.Target.ChannelBlock is 0 or 8 or 16, $"a block of {device.Target.ChannelBlock} channels");
    }

    [TestMethod]
    public void TheCpuOfAnyMachineHasNoLayoutOfItsOwn()
    {
        Assert.AreEqual(LoweringTarget.Cpu, Device.Cpu.Target);
        Assert.AreEqual(0, Device.Cpu.Target.ChannelBlock);
    }
}
