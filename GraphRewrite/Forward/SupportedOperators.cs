using GraphRewrite.Gradients;
using GraphRewrite.IR;
using GraphRewrite.IR.Shapes;
using GraphRewrite.Kernels;
using GraphRewrite.Lowering;
using GraphRewrite.NormalForm;
using GraphRewrite.NormalForm.Expansions;
using GraphRewrite.Opsets;

namespace GraphRewrite.Forward;

/// <summary>An operator and what this library knows of it.</summary>
/// <param name="Id">Domain and type.</param>
/// <param name="Gradient">
/// "yes", "yes, unrolled", "yes, by others" (the normal form writes it with them), "none, on purpose", "refused", or empty where the operator has no
/// place in a forward model.
/// </param>
/// <param name="Opsets">The opsets that it is read in, "11 to 26", and those that changed its form; empty outside ONNX's own domain.</param>
/// <param name="Lowered">Whether it is replaced by standard operators for a stock runtime.</param>
/// <param name="Shapes">Whether its output shapes are inferred.</param>
public sealed record SupportedOperator(OpId Id, string Gradient, string Opsets, bool Lowered, bool Shapes);

/// <summary>The union of the rule tables.</summary>
public static class SupportedOperators
{
    /// <summary>The opsets that are read.</summary>
    public static (long Oldest, long Newest) Opsets => (UpgradeOpset.Oldest, UpgradeOpset.Newest);

    /// <summary>The opset that all of them are brought to.</summary>
    public static long Opset => UpgradeOpset.Target;

    /// <summary>Every operator that a rule of this library speaks of, by domain and type.</summary>
    public static IEnumerable<SupportedOperator> All() => LoweringRules.Table.Keys
        .Union(ShapeRules.Table.Keys)
        .Union(GradientRules.Table.Keys).Union(GradientRules.SeveralOutputs.Keys)
        .Union(GradientRules.NoGradient).Union(GradientRules.Refused.Keys)
        .Union(ExpandOperators.Table.Keys).Union(OpsetUpgrades.Newer).Union(SplitSequences.Operators)
        .Where(id => id.Domain != OpId.TrAct)
        .OrderBy(id => id.Domain, StringComparer.Ordinal).ThenBy(id => id.Type, StringComparer.Ordinal)
        .Select(id => new SupportedOperator(id, GradientOf(id), OpsetsOf(id), LoweringRules.Table.ContainsKey(id), ShapeRules.Table.ContainsKey(id)));

    private static string GradientOf(OpId id) =>
        GradientRules.Table.ContainsKey(id) || GradientRules.SeveralOutputs.ContainsKey(id) ? "yes"
        : UnrollRecurrent.Operators.Contains(id) || UnrollLoops.Operators.Contains(id) ? "yes, unrolled"
        : IsRewritten(id) ? "yes, by others"
        : GradientRules.NoGradient.Contains(id) ? "none, on purpose"
        : GradientRules.Refused.ContainsKey(id) ? "refused"
        : "";

    /// <summary>Whether the normal form writes it with operators that have gradients.</summary>
    private static bool IsRewritten(OpId id) =>
        ExpandOperators.Table.ContainsKey(id) || OpsetUpgrades.Newer.Contains(id) || SplitSequences.Operators.Contains(id);

    /// <summary>From the opset that brought it (or the oldest that is read) to the newest; where its form changed between, since when.</summary>
    private static string OpsetsOf(OpId id)
    {
        if (id.Domain != OpId.Onnx || GradientOf(id).Length == 0) return "";
        long first = Math.Max(UpgradeOpset.Oldest, OpsetUpgrades.FirstOf(id) ?? KernelTable.Cpu.FirstOf(id) ?? UpgradeOpset.Oldest);
        long[] changes = [.. OpsetUpgrades.ChangesOf(id).Where(since => since > first)];
        string range = $"{first} to {UpgradeOpset.Newest}";
        return changes.Length == 0 ? range : $"{range}, changed in {string.Join(" and ", changes)}";
    }
}
