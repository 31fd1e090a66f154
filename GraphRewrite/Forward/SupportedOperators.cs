using GraphRewrite.Gradients;
using GraphRewrite.IR;
using GraphRewrite.IR.Shapes;
using GraphRewrite.Lowering;
using GraphRewrite.NormalForm;

namespace GraphRewrite.Forward;

/// <summary>An operator and what this library knows of it.</summary>
/// <param name="Id">Domain and type.</param>
/// <param name="Gradient">"yes", "yes, unrolled", "none, on purpose", "refused", or empty where the operator has no place in a forward model.</param>
/// <param name="Lowered">Whether it is replaced by standard operators for a stock runtime.</param>
/// <param name="Shapes">Whether its output shapes are inferred.</param>
public sealed record SupportedOperator(OpId Id, string Gradient, bool Lowered, bool Shapes);

/// <summary>The union of the rule tables.</summary>
public static class SupportedOperators
{
    /// <summary>Every operator that a rule of this library speaks of, by domain and type.</summary>
    public static IEnumerable<SupportedOperator> All() => LoweringRules.Table.Keys
        .Union(ShapeRules.Table.Keys)
        .Union(GradientRules.Table.Keys).Union(GradientRules.SeveralOutputs.Keys)
        .Union(GradientRules.NoGradient).Union(GradientRules.Refused.Keys)
        .Where(id => id.Domain != OpId.TrAct)
        .OrderBy(id => id.Domain, StringComparer.Ordinal).ThenBy(id => id.Type, StringComparer.Ordinal)
        .Select(id => new SupportedOperator(id, GradientOf(id), LoweringRules.Table.ContainsKey(id), ShapeRules.Table.ContainsKey(id)));

    private static string GradientOf(OpId id) =>
        GradientRules.Table.ContainsKey(id) || GradientRules.SeveralOutputs.ContainsKey(id) ? "yes"
        : UnrollRecurrent.Operators.Contains(id) ? "yes, unrolled"
        : GradientRules.NoGradient.Contains(id) ? "none, on purpose"
        : GradientRules.Refused.ContainsKey(id) ? "refused"
        : "";
}
