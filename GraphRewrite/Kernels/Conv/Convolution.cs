using GraphRewrite.Diagnostics;
using GraphRewrite.IR;
using GraphRewrite.IR.Windows;

namespace GraphRewrite.Kernels.Conv;

/// <summary>A convolution or its gradient: X [N, C, H, W], W [O, C/g, kh, kw], Y or dY [N, O, OH, OW], for any number of spatial axes.</summary>
internal sealed class Convolution
{
    /// <summary>The batch that costs are estimated for where it is symbolic.</summary>
    private const long NominalBatch = 64;

    private Convolution(Node node, Value x, Value w, Value y, Shape weight)
    {
        (X, W, Y) = (x, w, y);
        Groups = node.Int("group", 1);
        WeightShape = weight.Extents();
        Window = SlidingWindow.Of(node, WeightShape[2..], x.Shape);
        Batch = BatchOf(x);
    }

    public Value X { get; }

    public Value W { get; }

    /// <summary>Y of a Conv, dY of a ConvGrad.</summary>
    public Value Y { get; }

    /// <summary>[O], of a Conv that has one.</summary>
    public Value? Bias { get; private init; }

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

    /// <summary>Reads a ConvGrad(dY, X, W).</summary>
    /// <exception cref="GraphRewriteException">The shape of W is not known.</exception>
    public static Convolution Of(Node node)
    {
        if (node.In(2).Shape is not { IsStatic: true, Rank: > 2 } weight)
            throw new GraphRewriteException($"Node {node}: the shape of the weight '{node.In(2).Name}' is not known ({node.In(2).Shape?.ToString() ?? "no rank"}). Declare it in value_info: run ONNX shape inference on the model.");
        return new(node, node.In(1), node.In(2), node.In(0), weight);
    }

    /// <summary>Reads a Conv(X, W, B) whose weight has a known shape.</summary>
    public static Convolution OfForward(Node node) => new(node, node.In(0), node.In(1), node.Out(0), node.In(1).Shape!) { Bias = node.InOrNull(2) };

    /// <summary>The batch's extent, or a usual one where it is symbolic.</summary>
    public static long BatchOf(Value x) => x.Shape is { Rank: > 0 } shape && shape[0].IsKnown ? shape[0].Value : NominalBatch;

    /// <summary>The order of axes with N and C (or O and C/g) exchanged.</summary>
    public long[] Swapped() => [1, 0, .. Window.Axes];
}
