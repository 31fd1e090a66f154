using GraphRewrite.IR;
using GraphRewrite.IR.Building;
using GraphRewrite.Kernels;

namespace GraphRewrite.Lowering;

/// <summary>One run of the lowering: what it is for, and which formulations it chose.</summary>
internal sealed class LoweringContext(LoweringTarget target)
{
    private readonly List<FormChoice> choices = [];

    public LoweringTarget Target { get; } = target;

    /// <summary>The inputs of layers whose taps were stacked for TrAct's Gram matrix.</summary>
    public HashSet<Value> StackedInputs { get; } = [];

    /// <summary>The inputs of convolutions whose weight gradients TrAct's solve takes.</summary>
    public HashSet<Value> SolvedInputs { get; } = [];

    /// <summary>What was chosen so far, in order.</summary>
    public IReadOnlyList<FormChoice> Choices => choices;

    /// <summary>Emits a part of a node in the formulation that is chosen for it, and notes the choice; null where none fits.</summary>
    public IReadOnlyList<Value>? Emit<TProblem>(Part<TProblem> part, OpBuilder op, Node node, TProblem problem)
    {
        if (part.Choose(problem, Target) is not { } formulation) return null;
        choices.Add(new(node.Name, part.Name, formulation.Name));
        return formulation.Emit(op, problem, Target);
    }
}
