using GraphRewrite.IR;
using GraphRewrite.IR.Building;

namespace GraphRewrite.Kernels.Solve;

/// <summary>A way to compute tract::SolveSpd: (B, A) → B A⁻¹, or A⁻¹ B where left; A symmetric positive definite, B and A matrices or stacks of them.</summary>
internal interface ISolveSpdForm : IFormulation
{
    bool Fits(Shape? a, LoweringTarget? target);

    /// <summary>Estimated milliseconds; only the order among forms matters.</summary>
    double Cost(Shape? a);

    Value Build(OpBuilder op, Node node);
}

/// <summary>The forms of the solve, best first.</summary>
internal static class SolveSpdForms
{
    public static IReadOnlyList<ISolveSpdForm> Forms { get; } = [new BlockElimination(), new InverseSolve()];

    public static ISolveSpdForm Choose(Node node, LoweringTarget? target, Formulations forms) =>
        forms.Choose(node.Name, "solve", Forms.Where(form => form.Fits(node.In(1).Shape, target)), form => form.Cost(node.In(1).Shape))!;
}

/// <summary>com.microsoft::Inverse, which the training runtime and the stock one both have.</summary>
internal sealed class InverseSolve : ISolveSpdForm
{
    public string Name => "inverse";

    public bool Fits(Shape? a, LoweringTarget? target) => true;

    public double Cost(Shape? a) => a is not null && a[^1].IsKnown ? 2.2e-7 * Math.Pow(a[^1].Value, 3) : 0;

    public Value Build(OpBuilder op, Node node)
    {
        Value inverse = op.Op("com.microsoft::Inverse", [node.In(1)]);
        return node.Int("left", 0) != 0 ? op.MatMul(inverse, node.In(0)) : op.MatMul(node.In(0), inverse);
    }
}
