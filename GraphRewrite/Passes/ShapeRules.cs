using GraphRewrite.IR;

namespace GraphRewrite.Passes;

/// <summary>THE table of shape rules, operator → rule.</summary>
internal static class ShapeRules
{
    public static Dictionary<OpId, ShapeRule> Table { get; } = [];
}
