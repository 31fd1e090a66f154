using GraphRewrite.IR;
using GraphRewrite.IR.Building;
using GraphRewrite.IR.Shapes;
using GraphRewrite.Kernels.Conv;

namespace GraphRewrite.Lowering;

/// <summary>
/// How operators compute in NCHWc blocks, [N, C/B, H, W, B] under the shape [N, C, H, W], what they compute in the plain layout: element by element
/// in the same way, channel by channel as a depthwise convolution, sums over space by way of [N·C/B, H·W, B].
/// </summary>
internal static class BlockedRules
{
    private static readonly HashSet<string> Elementwise =
    [
        "Abs", "Add", "And", "Cast", "Celu", "Clip", "Div", "Elu", "Equal", "Erf", "Exp", "Greater", "GreaterOrEqual", "HardSigmoid", "HardSwish",
        "LeakyRelu", "Less", "LessOrEqual", "Log", "Max", "Min", "Mul", "Neg", "Not", "Or", "Pow", "Reciprocal", "Relu", "Selu", "Sigmoid", "Softplus",
        "Softsign", "Sqrt", "Sub", "Tanh", "ThresholdedRelu", "Where",
    ];

    /// <summary>The images [N, C, H, W] among a node's inputs, each of the same extents; null where it cannot be computed in blocks.</summary>
    public static IReadOnlyList<Value>? Images(Node node)
    {
        if (node.Op.Domain != OpId.Onnx || node.Outputs is not [{ } output]) return null;
        if (Elementwise.Contains(node.Op.Type)) return ImagesOf(node, output);
        return IsDepthwise(node) || IsAffine(node) || IsSum(node) ? [node.In(0)] : null;
    }

    /// <summary>Whether it is a sum over space, whose result has no layout.</summary>
    public static bool IsSum(Node node) => node.Op == "ReduceSum" && IsImage(node.In(0)) && node.Int("keepdims", 1) == 0
        && node.TryInts("axes", 1, out long[]? axes) && axes is not null && node.Axes(node.In(0).Shape!, axes).Order().SequenceEqual([2, 3]);

    /// <summary>Whether it is the norm of all entries, which has no layout and asks for none.</summary>
    public static bool IsNorm(Node node) => node.Op == "ReduceL2" && node.Inputs.Count == 1 && !node.Has("axes");

    /// <summary>Σ X over space, [N, C].</summary>
    /// <param name="op">Where the nodes go.</param>
    /// <param name="node">The sum.</param>
    /// <param name="x">X in blocks.</param>
    /// <param name="block">B.</param>
    public static Value Sum(OpBuilder op, Node node, Value x, int block)
    {
        Shape shape = node.In(0).Shape!;
        Value rows = op.Reshape(x, -1, shape[2].Value * shape[3].Value, block);
        return op.Reshape(op.ReduceSum(rows, [1], keepDims: false), -1, shape[1].Value);
    }

    /// <summary>The node in blocks.</summary>
    /// <param name="op">Where the nodes go.</param>
    /// <param name="blocks">The layout.</param>
    /// <param name="node">A node with images.</param>
    /// <param name="images">Their blocks.</param>
    public static Value Emit(OpBuilder op, ChannelBlocks blocks, Node node, IReadOnlyDictionary<Value, Value> images)
    {
        if (node.Op == "Conv") return Depthwise(blocks, images[node.In(0)], node.In(1), node.InOrNull(2));
        if (node.Op == "BatchNormalization") return Affine(op, blocks, node, images[node.In(0)]);
        IEnumerable<Value?> inputs = node.Inputs.Select(input => input is not null && images.TryGetValue(input, out Value? image) ? image : input);
        return op.Op(node.Op, [.. inputs], [.. node.Attributes.Select(attribute => (attribute.Name, attribute.Value!))]);
    }

    /// <summary>All inputs but single numbers, if they have the output's extents.</summary>
    private static Value[]? ImagesOf(Node node, Value output)
    {
        Value[] images = [.. node.Inputs.OfType<Value>().Where(input => input.Shape is not { IsStatic: true, Size.Value: 1 })];
        return images.Length > 0 && IsImage(output) && images.All(image => IsImage(image) && image.Shape!.SequenceEqual(output.Shape!)) ? images : null;
    }

    private static bool IsImage(Value value) => value.Shape is { Rank: 4 } shape && shape.Skip(1).All(extent => extent.IsKnown);

    /// <summary>Conv with the weights [C, 1, 1, 1], each channel a group.</summary>
    private static bool IsDepthwise(Node node) => node.Op == "Conv" && IsImage(node.In(0)) && node.In(1).Shape is { IsStatic: true, Rank: 4 } weight
        && weight[0].Value == node.In(0).Shape![1].Value && weight.Skip(1).All(extent => extent.Value == 1) && node.Int("group", 1) == weight[0].Value
        && (node.Ints("strides") ?? []).All(stride => stride == 1) && (node.Ints("pads") ?? []).All(pad => pad == 0);

    /// <summary>BatchNormalization by given statistics.</summary>
    private static bool IsAffine(Node node) => node.Op == "BatchNormalization" && IsImage(node.In(0)) && node.Int("training_mode", 0) == 0;

    /// <summary>(X − mean) / √(variance + ε) ⊙ scale + shift = X ⊙ factor + (shift − mean ⊙ factor).</summary>
    private static Value Affine(OpBuilder op, ChannelBlocks blocks, Node node, Value x)
    {
        (Value scale, Value shift, Value mean, Value variance) = (node.In(1), node.In(2), node.In(3), node.In(4));
        float epsilon = node.Float("epsilon", 1e-5f);
        Value factor = epsilon == 0 && IsFilled(variance, 1) ? scale
            : scale * op.Reciprocal(op.Sqrt(variance + op.ScalarLike(variance, epsilon)));
        Value offset = IsFilled(mean, 0) ? shift : shift - (mean * factor);
        return Depthwise(blocks, x, op.Unsqueeze(factor, Axes.Range(1, 3)), offset);
    }

    private static Value Depthwise(ChannelBlocks blocks, Value x, Value weight, Value? offset) =>
        blocks.Conv(x, weight, offset, ("group", x.Shape![1].Value), ("kernel_shape", new long[] { 1, 1 }));

    private static bool IsFilled(Value value, double number) => value.Initializer is { } tensor && tensor.ToDouble().All(entry => entry == number);
}
