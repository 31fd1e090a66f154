using GraphRewrite.Diagnostics;
using GraphRewrite.Kernels;
using Microsoft.ML.OnnxRuntime;

namespace TrainingHost.Runtime;

/// <summary>Where sessions run and where their buffers lie.</summary>
/// <param name="Kind">The execution provider.</param>
/// <param name="Threads">Threads of the CPU provider; null: one a core.</param>
internal sealed record Device(ExecutionDevice Kind, int? Threads = null)
{
    /// <summary>Where sessions write ONNX Runtime's profile; null: they do not.</summary>
    public string? ProfilePrefix { get; init; }

    public static Device Cpu { get; } = new(ExecutionDevice.Cpu);

    /// <summary>Formulations to take wherever they fit, as the environment variable TRACT_FORMS has them.</summary>
    public string Forms { get; init; } = Environment.GetEnvironmentVariable("TRACT_FORMS") ?? "";

    public LoweringTarget Target => new() { Device = Kind, ChannelBlock = Kind == ExecutionDevice.Cpu ? ChannelBlockProbe.Channels : 0, Forms = Formulations.Parse(Forms) };

    /// <summary>Options for a session on this device.</summary>
    /// <exception cref="GraphRewriteException">The provider's package, library or driver is missing; the message says which.</exception>
    public SessionOptions SessionOptions()
    {
        // Memory patterns lay out a step in one block of a quarter more, without being faster.
        var options = new SessionOptions { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL, EnableMemoryPattern = false };
        // Between two runs the cores belong to whoever loads the next batch.
        options.AddSessionConfigEntry("session.force_spinning_stop", "1");
        if (ProfilePrefix is not null)
        {
            options.ProfileOutputPathPrefix = ProfilePrefix; // EnableProfiling reads it
            options.EnableProfiling = true;
        }
        if (Threads is { } threads) options.IntraOpNumThreads = threads;
        if (Kind == ExecutionDevice.Cuda) AppendCuda(options);
        return options;
    }

    /// <summary>Fails now, before any work, where the device cannot be used.</summary>
    /// <exception cref="GraphRewriteException">The provider's package, library or driver is missing.</exception>
    public void Check() => SessionOptions().Dispose();

    private static void AppendCuda(SessionOptions options)
    {
        if (!OrtEnv.Instance().GetAvailableProviders().Contains("CUDAExecutionProvider"))
        {
            throw new GraphRewriteException("--device cuda: this ONNX Runtime library was built without CUDA. "
                + "Build with -p:OrtFlavor=Gpu, or give a CUDA build with --ort-library PATH.");
        }
        try
        {
            options.AppendExecutionProvider_CUDA();
        }
        catch (OnnxRuntimeException e)
        {
            throw new GraphRewriteException($"--device cuda: the CUDA provider does not start; is the NVIDIA driver, CUDA or cuDNN missing? ONNX Runtime says: {FirstLine(e)}", e);
        }
    }

    private static string FirstLine(Exception e) => e.Message.Split('\n')[0].Trim();
}
