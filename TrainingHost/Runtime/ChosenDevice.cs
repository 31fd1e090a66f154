using GraphRewrite.Diagnostics;
using TrainingHost.Settings;

namespace TrainingHost.Runtime;

/// <summary>The device that a command line asks for.</summary>
internal static class ChosenDevice
{
    /// <summary>Loads the runtime, and finds out what it has; must come before anything of ONNX Runtime is used.</summary>
    /// <exception cref="GraphRewriteException">The library cannot be loaded, or TRACT_FORMS names what does not exist.</exception>
    public static Device Open(DeviceChoice choice)
    {
        OrtLibrary.Use(choice.Library);
        return Device.Open(choice.Kind, choice.Threads) with { Tf32 = choice.Tf32, CudaGraph = choice.CudaGraph };
    }
}
