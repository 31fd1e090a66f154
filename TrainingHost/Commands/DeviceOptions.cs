using System.CommandLine;
using GraphRewrite.Kernels;
using TrainingHost.Settings;

namespace TrainingHost.Commands;

/// <summary>Where a verb that runs a model runs it.</summary>
internal sealed class DeviceOptions
{
    private readonly Option<ExecutionDevice> device = CommonOptions.DeviceName();
    private readonly Option<int?> threads = CommonOptions.Threads();
    private readonly Option<string?> library = CommonOptions.OrtLibrary();

    public void AddTo(VerbCommand command) => command.Add(CommonOptions.DeviceHeading, device, threads, library);

    public DeviceChoice Bind(ParseResult parsed) => new()
    {
        Kind = parsed.GetValue(device),
        Threads = parsed.GetValue(threads),
        Library = parsed.GetValue(library),
    };
}
