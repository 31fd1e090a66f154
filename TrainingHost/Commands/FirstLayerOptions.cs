using System.CommandLine;
using TrainingHost.Settings;

namespace TrainingHost.Commands;

/// <summary>TrAct in a model that is trained: λ, where, or not at all.</summary>
internal sealed class FirstLayerOptions
{
    private readonly Option<double?> lambda = CommonOptions.Lambda();
    private readonly Option<string[]> layer = CommonOptions.Layer();
    private readonly Option<bool> off = CommonOptions.NoTrAct();

    public void AddTo(Command command)
    {
        foreach (Option option in new Option[] { lambda, layer, off }) command.Add(option);
    }

    public TrActChoice Bind(ParseResult parsed) => new()
    {
        Off = parsed.GetValue(off),
        Lambda = parsed.GetValue(lambda),
        Layers = parsed.GetValue(layer)!,
    };
}
