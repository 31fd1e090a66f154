using GraphRewrite.IR;
using GraphRewrite.Lowering;

namespace GraphRewrite.TrAct;

/// <summary>A way to compute tract::SolveSpd: (B, A) → B A⁻¹, or A⁻¹ B where left; A symmetric positive definite, B and A matrices or stacks of them.</summary>
internal interface ISolveSpdForm : IFormulation
{
    bool Fits(Shape? a, LoweringTarget? target);

    Value Build(OpBuilder op, Node node);
}

/// <summary>The forms of the solve, best first.</summary>
internal static class SolveSpdForms
{
    public static IReadOnlyList<ISolveSpdForm> Forms { get; } = [new InverseSolve()];

    public static ISolveSpdForm Choose(Node node, LoweringTarget? target, Formulations forms) =>
        forms.Choose(node.Name, "solve", Forms.Where(form => form.Fits(node.In(1).Shape, target)), _ => 0)!;
}

/// <summary>com.microsoft::Inverse, which the training runtime and the stock one both have.</summary>
internal sealed class InverseSolve : ISolveSpdForm
{
    public string Name => "inverse";

    public bool Fits(Shape? a, LoweringTarget? target) => true;

    public Value Build(OpBuilder op, Node node)
    {
        Value inverse = op.Op("com.microsoft::Inverse", [node.In(1)]);
        return node.Int("left", 0) != 0 ? op.MatMul(inverse, node.In(0)) : op.MatMul(node.In(0), inverse);
    }
}
