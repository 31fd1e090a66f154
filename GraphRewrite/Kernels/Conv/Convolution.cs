using GraphRewrite.Diagnostics;
using GraphRewrite.IR;
using GraphRewrite.IR.Windows;

namespace GraphRewrite.Kernels.Conv;

/// <summary>
/// What a convolution and its gradients have in common: X [N, C, H, W] and W [O, C/g, kh, kw] under a window, for any number of spatial axes.
/// </summary>
internal abstract class Convolution
{
    /// <summary>The batch that costs are estimated for where it is symbolic.</summary>
    private const long NominalBatch = 64;

    protected Convolution(Node node, Value x, Value w, Shape weight)
    {
        (X, W) = (x, w);
        Groups = node.Int("group", 1);
        WeightShape = weight.Extents();
        if (Groups < 1 || WeightShape[0] % Groups != 0) throw node.Refuse($"its {WeightShape[0]} outputs are not {Groups} groups");
        Window = SlidingWindow.Of(node, WeightShape[2..], x.Shape);
        Batch = BatchOf(x);
    }

    public Value X { get; }

    public Value W { get; }

    public SlidingWindow Window { get; }

    public long Groups { get; }

    /// <summary>[O, C/g, k…]</summary>
    public long[] WeightShape { get; }

    public long Outputs => WeightShape[0];

    public long Inputs => WeightShape[1] * Groups;

    public long OutputsPerGroup => Outputs / Groups;

    public long InputsPerGroup => WeightShape[1];

    /// <summary>The batch's extent, or a usual one where it is symbolic: for costs only.</summary>
    public long Batch { get; }

    /// <summary>The batch's extent, or a usual one where it is symbolic.</summary>
    public static long BatchOf(Value x) => x.Shape is { Rank: > 0 } shape && shape[0].IsKnown ? shape[0].Value : NominalBatch;

    /// <summary>The order of axes with N and C (or O and C/g) exchanged.</summary>
    public long[] Swapped() => [1, 0, .. Window.Axes];
}

/// <summary>Conv(X, W, B) → Y [N, O, OH, OW], of a weight whose shape is known.</summary>
internal sealed class ForwardConvolution(Node node) : Convolution(node, node.In(0), node.In(1), node.In(1).Shape!)
{
    /// <summary>The output of ONNX's own Conv.</summary>
    public Value Y { get; } = node.Out(0);

    /// <summary>[O], of a Conv that has one.</summary>
    public Value? Bias { get; } = node.InOrNull(2);
}

/// <summary>ConvGrad(dY [N, O, OH, OW], X, W) → dX, dW.</summary>
/// <exception cref="GraphRewriteException">The shape of W is not known.</exception>
internal sealed class ConvolutionGradient(Node node) : Convolution(node, node.In(1), node.In(2), WeightOf(node))
{
    public Value DY { get; } = node.In(0);

    /// <summary>Whether the taps of X are stacked for TrAct's Gram matrix too.</summary>
    public bool IsStackedForGram { get; init; }

    /// <summary>Whether TrAct's solve magnifies the rounding of dW.</summary>
    public bool IsSolved { get; init; }

    private static Shape WeightOf(Node node)
    {
        Value w = node.In(2);
        return w.Shape is { IsStatic: true, Rank: > 2 } weight ? weight
            : throw new GraphRewriteException($"Node {node}: the shape of the weight '{w.Name}' is not known ({w.Shape?.ToString() ?? "no rank"}). "
                + "Declare it in value_info: run ONNX shape inference on the model.");
    }
}
