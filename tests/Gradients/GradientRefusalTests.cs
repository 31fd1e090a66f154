using GraphRewrite.Diagnostics;
using GraphRewrite.Gradients;
using GraphRewrite.IR;
using GraphRewrite.IR.Building;
using GraphRewrite.Opsets;

namespace TrActOnnx.Tests.Gradients;

/// <summary>What an operator's rule cannot differentiate is refused in words, at the node; the gradient would be wrong otherwise.</summary>
[TestClass]
public sealed class GradientRefusalTests
{
    private static readonly long[] Image = [1, 2, 4, 4];

    /// <summary>What is said; the operator; the shape of what is differentiated, null where it is not known; the other inputs; attributes.</summary>
    public static IEnumerable<object?[]> Rows =>
    [
        ["ceil_mode=1 has no gradient here", "LpPool", Image, null, Attributes(("kernel_shape", Ints(2, 2)), ("ceil_mode", 1))],
        ["its gradient needs the output Indices", "MaxPool", Image, null, Attributes(("kernel_shape", Ints(2, 2)))],
        ["its gradient needs the outputs Mean and InvStdDev", "LayerNormalization", Image, Stored(Tensor.Vector(1f)), null],
        ["its gradient needs the output log_prob", "SoftmaxCrossEntropyLoss", Ints(2, 3), Stored(Tensor.Vector(0L, 1L)), null],
        ["batch statistics are differentiated as BatchNormInternal", "BatchNormalization", Image, Stored(Ones, Ones, Ones, Ones),
            Attributes(("training_mode", 1))],
        ["mode=area has no gradient here; nearest, linear and cubic have", "Resize", Image, Scales, Attributes(("mode", "area"))],
        ["coordinate_transformation_mode=center has no gradient here", "Resize", Image, Scales,
            Attributes(("coordinate_transformation_mode", "center"))],
        ["the extents that it resizes are not known", "Resize", Ints(1, 2, 0, 4), Scales, null],
        ["the extents that it resizes are not known", "Resize", Ints(1, 2, 4, 0), Scales, null],
        ["the extents that it resizes are not known", "Resize", Ints(1, 2, 0, 4), Stored(null, null, Tensor.Vector(1L, 2L, 8L, 8L)), null],
        ["mode=max has no gradient here", "RoiAlign", Image, Stored(Tensor.Of([1, 4], 0f, 0f, 2f, 2f), Tensor.Vector(0L)),
            Attributes(("mode", "max"))],
        ["strides, dilations and pads over 1 axes have no gradient here", "Col2Im", Ints(1, 2, 6), Windows, Attributes(("pads", Ints(1, 1)))],
        ["strides, dilations and pads over 1 axes have no gradient here", "Col2Im", Ints(1, 2, 5), Windows, Attributes(("pads", Ints(1, 0)))],
        ["strides, dilations and pads over 1 axes have no gradient here", "Col2Im", Ints(1, 2, 2), Windows, Attributes(("strides", Ints(2)))],
        ["strides, dilations and pads over 1 axes have no gradient here", "Col2Im", Ints(1, 2, 3), Windows, Attributes(("dilations", Ints(2)))],
        ["reduction=mean has no gradient here", "ScatterElements", Ints(2), Stored(Tensor.Vector(0L), Tensor.Vector(1f)),
            Attributes(("reduction", "mean"))],
        ["the rank of its input is not known", "Det", null, null, null],
        ["the rank of its input is not known", "GlobalAveragePool", null, null, null],
        ["the ranks of its operands are not known", "MatMul", null, Stored(Tensor.Of([1, 1], 1f)), null],
        ["but the ellipsis stands for its axes", "Einsum", null, null, Attributes(("equation", "...i->..."))],
    ];

    private static Tensor Ones => Tensor.Vector(1f, 1f);

    private static Tensor?[] Scales => Stored(null, Tensor.Vector(1f, 1f, 2f, 2f));

    /// <summary>An image of 5 and a window of 2.</summary>
    private static Tensor?[] Windows => Stored(Tensor.Vector(5L), Tensor.Vector(2L));

    [TestMethod]
    [DynamicData(nameof(Rows))]
    public void IsSaid(string expected, string op, long[]? x, Tensor?[]? others, (string Name, object Value)[]? attributes)
    {
        var graph = new Graph("g", new Dictionary<string, long> { [OpId.Onnx] = UpgradeOpset.Target, [OpId.Microsoft] = 1 });
        Shape? shape = x is null ? null : new([.. x.Select((extent, axis) => extent == 0 ? Dim.Symbol($"d{axis}") : (Dim)extent)]);
        Value input = graph.AddInput("x", ElementType.Float, shape);
        Value?[] stored = [.. (others ?? []).Select((tensor, i) => tensor is null ? null : graph.AddInitializer($"stored{i}", tensor))];
        using OpBuilder builder = graph.BuildAtEnd("test");
        Value y = builder.Op(op, [input, .. stored], attributes ?? []);
        Value loss = builder.Op("ReduceSum", [y], ("keepdims", 0));
        string message = Assert.ThrowsExactly<GraphRewriteException>(() => ReverseMode.AppendGradients(graph, loss, [input])).Message;
        StringAssert.Contains(message, expected);
        StringAssert.Contains(message, op);
    }

    private static long[] Ints(params long[] integers) => integers;

    private static Tensor?[] Stored(params Tensor?[] tensors) => tensors;

    private static (string Name, object Value)[] Attributes(params (string Name, object Value)[] attributes) => attributes;
}
