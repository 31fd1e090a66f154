using GraphRewrite.IR;
using GraphRewrite.IR.Building;

namespace GraphRewrite.Kernels;

/// <summary>One of several ways to compute the same numbers: what reports, options and tests call it.</summary>
internal interface IFormulation
{
    /// <summary>Unique among the formulations of a part.</summary>
    string Name { get; }
}

/// <summary>One of several ways to solve a problem. All that fit compute the same numbers; the cheapest is taken.</summary>
/// <typeparam name="TProblem">What is to be computed: operands, shapes, attributes.</typeparam>
internal interface IFormulation<in TProblem> : IFormulation
{
    /// <summary>Whether what is known of the problem, and what the target has, is enough.</summary>
    bool Fits(TProblem problem, LoweringTarget target);

    /// <summary>
    /// Estimated nanoseconds of a problem that it fits; only the order among the formulations matters. Where there is no estimate, all formulations
    /// of a part leave it at 0, and are listed best first: of equals the first is taken.
    /// </summary>
    double Cost(TProblem problem, LoweringTarget target) => 0;

    /// <summary>The nodes, and of them the values that the problem asks for, in its order.</summary>
    IReadOnlyList<Value> Emit(OpBuilder op, TProblem problem, LoweringTarget target);
}
