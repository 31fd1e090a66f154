using GraphRewrite.IR;
using GraphRewrite.Passes.Contracts;

namespace GraphRewrite.Lowering;

/// <summary>What the lowering promises of the operators that it leaves.</summary>
internal static class LoweringConditions
{
    public static Condition NoTrActOperators { get; } =
        Condition.NoNode("NoTrActOperators", "no operator of the TrAct rewrite's own is left", IsTrAct);

    public static Condition NoTrainingOperators { get; } =
        Condition.NoNode("NoTrainingOperators", "no operator that has a lowering is left", node => LoweringRules.Table.ContainsKey(node.Op));

    private static bool IsTrAct(Node node) => Walk.NodesInside(node).Prepend(node).Any(inner => inner.Op.Domain == OpId.TrAct);
}
