using System.CommandLine;
using TrainingHost.Settings;

namespace TrainingHost.Commands;

/// <summary>TrAct in a model that is trained: λ, where, or not at all.</summary>
internal sealed class FirstLayerOptions
{
    private readonly Option<double?> lambda = CommonOptions.Lambda();
    private readonly Option<string[]> layer = CommonOptions.Layer();
    private readonly Option<bool> off = CommonOptions.NoTrAct();

    public void AddTo(VerbCommand command) => command.Add(CommonOptions.TrActHeading, lambda, layer, off);

    public TrActChoice Bind(ParseResult parsed) => new()
    {
        Off = parsed.GetValue(off),
        Lambda = parsed.GetValue(lambda),
        Layers = parsed.GetValue(layer)!,
    };
}
