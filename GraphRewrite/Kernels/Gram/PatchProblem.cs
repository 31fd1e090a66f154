using GraphRewrite.IR;
using GraphRewrite.IR.Building;
using GraphRewrite.IR.Windows;

namespace GraphRewrite.Kernels.Gram;

/// <summary>X [N, C, …], and how it is cut into patches (or, of a linear layer, into rows).</summary>
/// <param name="X">The layer's input.</param>
/// <param name="Patches">The layer's window, or its features.</param>
internal sealed record PatchProblem(Value X, PatchGeometry Patches)
{
    /// <summary>The window of a Conv over known spatial extents; null without.</summary>
    public SlidingWindow? Window { get; } = Patches.Window(X.Shape);

    /// <summary>The operands of tract::PatchGram and tract::PatchRows.</summary>
    public static PatchProblem Of(Node node) => new(node.In(0), PatchGeometry.Of(node));
}

/// <summary>tract::PatchGram: X → XᵀX [n, n] or [g, n, n], and b.</summary>
/// <param name="Rows">X and its patches.</param>
/// <param name="Planes">Emits the matrix of all patches [N, g, n, O], in the formulation that was chosen for it.</param>
internal sealed record GramProblem(PatchProblem Rows, Func<OpBuilder, Value> Planes)
{
    public Value X => Rows.X;

    public PatchGeometry Patches => Rows.Patches;

    public SlidingWindow? Window => Rows.Window;
}

/// <summary>tract::PatchProducts: X, dY → XᵀX [n, n] or [g, n, n], dYᵀX [m, n] or [g, m/g, n], and b; all in Double.</summary>
/// <param name="Rows">X and its patches.</param>
/// <param name="DY">Of a Conv [N, m, …]; else rows [b, m].</param>
/// <param name="Planes">Emits the matrix of all patches [N, g, n, O], in the formulation that was chosen for it.</param>
/// <param name="Outputs">m, of all groups.</param>
internal sealed record ProductsProblem(PatchProblem Rows, Value DY, Func<OpBuilder, Value> Planes, long Outputs)
{
    public static ProductsProblem Of(Node node, Func<OpBuilder, Value> planes) =>
        new(PatchProblem.Of(node), node.In(1), planes, node.Int("outputs", 0));
}
