using System.CommandLine;
using GraphRewrite.Diagnostics;
using TrainingHost.Settings;

namespace TrainingHost.Commands;

/// <summary>Where a verb that runs a model runs it.</summary>
internal sealed class DeviceOptions
{
    private readonly Option<string> device = CommonOptions.DeviceName();
    private readonly Option<int?> threads = CommonOptions.Threads();
    private readonly Option<string?> library = CommonOptions.OrtLibrary();

    public void AddTo(Command command)
    {
        foreach (Option option in new Option[] { device, threads, library }) command.Add(option);
    }

    /// <exception cref="GraphRewriteException">There is no such device.</exception>
    public DeviceChoice Bind(ParseResult parsed) => new()
    {
        Kind = CommonOptions.ToKind(parsed.GetValue(device)!),
        Threads = parsed.GetValue(threads),
        Library = parsed.GetValue(library),
    };
}
