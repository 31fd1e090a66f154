using GraphRewrite.Diagnostics;
using GraphRewrite.IR;
using GraphRewrite.Kernels;
using GraphRewrite.Losses;
using GraphRewrite.Rules;

namespace GraphRewrite.Forward;

/// <summary>What a gradient graph is made of and for.</summary>
public sealed record GradientOptions
{
    /// <summary>The loss, which adds the input "labels"; null: the sum of the output is differentiated.</summary>
    public Loss? Loss { get; init; }

    /// <summary>The outputs that are differentiated; none: the model's first floating-point output.</summary>
    public IReadOnlyList<TrainedOutput> Outputs { get; init; } = [];

    /// <summary>Whether all outputs are compared with the same labels; else each has labels of its own.</summary>
    public bool SharesLabels { get; init; }

    /// <summary>What the graph is made for.</summary>
    public LoweringTarget Target { get; init; } = LoweringTarget.Cpu;

    /// <summary>Gradients, lowerings and shapes of the program's own.</summary>
    public CustomOperators Operators { get; init; } = CustomOperators.None;
}

/// <summary>A gradient graph.</summary>
/// <param name="Model">The graph, lowered for its target.</param>
/// <param name="Warnings">What the user should know about the model that it was made from, a line each.</param>
public sealed record GradientModel(Model Model, IReadOnlyList<Finding> Warnings);
