using System.CommandLine;
using GraphRewrite.Kernels;
using TrainingHost.Settings;

namespace TrainingHost.Commands;

/// <summary>Where a verb that runs a model runs it.</summary>
/// <param name="steps">Whether the verb does training steps, which can be captured.</param>
internal sealed class DeviceOptions(bool steps = false)
{
    private readonly Option<ExecutionDevice> device = CommonOptions.DeviceName();
    private readonly Option<int?> threads = CommonOptions.Threads();
    private readonly Option<string?> library = CommonOptions.OrtLibrary();
    private readonly Option<bool> tf32 = new("--tf32")
    {
        Description = "CUDA: products and convolutions in TensorFloat-32, which is faster and has 10 bits of mantissa.",
    };

    private readonly Option<bool> cudaGraph = new("--cuda-graph")
    {
        Description = "CUDA: captures a step's launches and replays them; nothing is replaced in place then.",
    };

    public void AddTo(VerbCommand command) =>
        command.Add(CommonOptions.DeviceHeading, [device, threads, library, tf32, .. steps ? new Option[] { cudaGraph } : []]);

    public DeviceChoice Bind(ParseResult parsed) => new()
    {
        Kind = parsed.GetValue(device),
        Threads = parsed.GetValue(threads),
        Library = parsed.GetValue(library),
        Tf32 = parsed.GetValue(tf32),
        CudaGraph = steps && parsed.GetValue(cudaGraph),
    };
}
