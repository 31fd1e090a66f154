using GraphRewrite.IR;
using GraphRewrite.NormalForm.Expansions;
using GraphRewrite.Opsets;
using GraphRewrite.Passes.Contracts;

namespace GraphRewrite.NormalForm;

/// <summary>What a normal form promises of the operators in it.</summary>
internal static class NormalFormConditions
{
    /// <summary>The opset that gradients and lowerings know.</summary>
    public static Condition OneOpset { get; } = Conditions.Opset(UpgradeOpset.Target);

    public static Condition NothingToExpand { get; } =
        Condition.NoNode("NothingToExpand", "no node is a function of others that have gradients", ExpandOperators.IsExpanded);

    public static Condition NothingPassedOn { get; } =
        Condition.NoNode("NothingPassedOn", "no node only passes a value on", RemovePassedOn.IsPassedOn);

    public static Condition NoBernoulli { get; } = Condition.NoNode("NoBernoulli", "no node is a Bernoulli", node => node.Op == "Bernoulli");
}
