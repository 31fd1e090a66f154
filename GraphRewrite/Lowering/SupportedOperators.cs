using GraphRewrite.IR;
using GraphRewrite.Passes;

namespace GraphRewrite.Lowering;

/// <summary>An operator and what this library knows of it.</summary>
public sealed record SupportedOperator(OpId Id, bool Lowered, bool Shapes);

/// <summary>The union of the rule tables.</summary>
public static class SupportedOperators
{
    public static IEnumerable<SupportedOperator> All() => LoweringRules.Table.Keys.Union(ShapeRules.Table.Keys)
        .Where(id => id.Domain != OpId.TrAct)
        .OrderBy(id => id.Domain, StringComparer.Ordinal).ThenBy(id => id.Type, StringComparer.Ordinal)
        .Select(id => new SupportedOperator(id, LoweringRules.Table.ContainsKey(id), ShapeRules.Table.ContainsKey(id)));
}
