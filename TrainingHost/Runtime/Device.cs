using GraphRewrite.Diagnostics;
using GraphRewrite.Kernels;
using GraphRewrite.Lowering;
using Microsoft.ML.OnnxRuntime;

namespace TrainingHost.Runtime;

/// <summary>Where sessions run, where their buffers lie, and what graphs are lowered for to run there.</summary>
/// <param name="Target">What graphs are lowered for.</param>
/// <param name="Threads">Threads of the CPU provider; null: one a core.</param>
internal sealed record Device(LoweringTarget Target, int? Threads = null)
{
    /// <summary>Formulations to take wherever they fit, such as "dW=volume,solve=inverse".</summary>
    private const string FormsVariable = "TRACT_FORMS";

    /// <summary>The CPU provider, for graphs that run on any machine.</summary>
    public static Device Cpu { get; } = new(LoweringTarget.Cpu);

    /// <summary>The execution provider.</summary>
    public ExecutionDevice Kind => Target.Device;

    /// <summary>CUDA: whether products and convolutions may be in TensorFloat-32.</summary>
    public bool Tf32 { get; init; }

    /// <summary>CUDA: whether training steps are captured as CUDA graphs.</summary>
    public bool CudaGraph { get; init; }

    /// <summary>Where sessions write ONNX Runtime's profile; null: they do not.</summary>
    public string? ProfilePrefix { get; init; }

    /// <summary>
    /// This very machine: what its ONNX Runtime has is found out by a session, and the environment variable TRACT_FORMS is read. A verb does it
    /// once, at its begin.
    /// </summary>
    /// <exception cref="GraphRewriteException">The variable names a formulation that does not exist.</exception>
    public static Device Open(ExecutionDevice kind, int? threads = null) => new(
        new LoweringTarget
        {
            Device = kind,
            ChannelBlock = kind == ExecutionDevice.Cpu ? ChannelBlockProbe.Run() : 0,
            Forced = FormulationTable.Parse(Environment.GetEnvironmentVariable(FormsVariable) ?? ""),
        },
        threads);

    /// <summary>Options for a session on this device.</summary>
    /// <param name="captured">Whether its runs can be captured as CUDA graphs.</param>
    /// <exception cref="GraphRewriteException">The provider's package, library or driver is missing; the message says which.</exception>
    public SessionOptions SessionOptions(bool captured = false)
    {
        // Memory patterns lay out a step in one block of a quarter more, without being faster.
        var options = new SessionOptions { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL, EnableMemoryPattern = false };
        // A thread that waits by spinning slows, in some processes, the one that works: nodes of one thread to a third, as long as it spins.
        options.AddSessionConfigEntry("session.intra_op.spin_duration_us", "200");
        // Between two runs the cores belong to whoever loads the next batch.
        options.AddSessionConfigEntry("session.force_spinning_stop", "1");
        if (ProfilePrefix is not null)
        {
            options.ProfileOutputPathPrefix = ProfilePrefix; // EnableProfiling reads it
            options.EnableProfiling = true;
        }
        if (Threads is { } threads) options.IntraOpNumThreads = threads;
        if (Kind == ExecutionDevice.Cuda) AppendCuda(options, captured);
        return options;
    }

    /// <summary>Fails now, before any work, where the device cannot be used.</summary>
    /// <exception cref="GraphRewriteException">The provider's package, library or driver is missing.</exception>
    public void Check() => SessionOptions().Dispose();

    private void AppendCuda(SessionOptions options, bool captured)
    {
        if (!OrtEnv.Instance().GetAvailableProviders().Contains("CUDAExecutionProvider"))
        {
            throw new GraphRewriteException("--device cuda: this ONNX Runtime library was built without CUDA. "
                + "Build with -p:OrtFlavor=Gpu, or give a CUDA build with --ort-library PATH.");
        }
        try
        {
            using var cuda = new OrtCUDAProviderOptions();
            cuda.UpdateOptions(CudaOptions(captured));
            options.AppendExecutionProvider_CUDA(cuda);
        }
        catch (OnnxRuntimeException e)
        {
            throw new GraphRewriteException("--device cuda: the CUDA provider does not start; is the NVIDIA driver, CUDA or cuDNN missing? "
                + $"ONNX Runtime says: {FirstLine(e)}", e);
        }
    }

    private Dictionary<string, string> CudaOptions(bool captured) => new()
    {
        // Timing every algorithm of every convolution is a long first step, and another choice in every process.
        ["cudnn_conv_algo_search"] = "HEURISTIC",
        ["use_tf32"] = Tf32 ? "1" : "0",
        ["prefer_nhwc"] = "0",
        ["enable_cuda_graph"] = captured ? "1" : "0",
    };

    private static string FirstLine(Exception e) => e.Message.Split('\n')[0].Trim();
}
