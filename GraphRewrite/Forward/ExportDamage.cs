using GraphRewrite.Diagnostics;
using GraphRewrite.IR;

namespace GraphRewrite.Forward;

/// <summary>
/// What PyTorch's export with its defaults has done to a model that is to be trained. The evaluation mode of the torchscript exporter and
/// optimize=True of the dynamo exporter fold, merge and rename parameters; the numbers of a forward pass stay the same, the training does not.
/// </summary>
internal static class ExportDamage
{
    /// <summary>Looks for the traces that the exporters leave.</summary>
    /// <param name="forward">The forward graph as it was read.</param>
    /// <returns>A finding for each kind of damage: what was found, what follows from it, and how to export instead.</returns>
    public static IReadOnlyList<Finding> Find(Graph forward)
    {
        var record = TorchRecord.Of(forward);
        Phrase?[] found =
        [
            FoldedBatchNorm.Describe(forward, record),
            MergedInitializers.Describe(forward, record),
            RenamedWeights.Describe(forward, record),
            FrozenConstants.Describe(forward, record),
        ];
        return [.. found.OfType<Phrase>().Select(damage => new Finding(damage, Remedy(record)))];
    }

    private static string Remedy(TorchRecord record) => record.IsDynamo
        ? "Export with torch.onnx.export(model.train(), …, dynamo=True, optimize=False)"
        : "Export with torch.onnx.export(model.train(), …, dynamo=False, training=torch.onnx.TrainingMode.TRAINING, do_constant_folding=False)";
}
