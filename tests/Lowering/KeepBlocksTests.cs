using GraphRewrite.IR;
using GraphRewrite.IR.Building;
using GraphRewrite.Kernels;
using GraphRewrite.Lowering;
using TrainingHost.Runtime;

namespace TrActOnnx.Tests.Lowering;

/// <summary>What lies between two convolutions in blocks is computed in blocks, and comes to the same.</summary>
[TestClass]
public sealed class KeepBlocksTests
{
    private static readonly LoweringTarget Here = Device.Open(ExecutionDevice.Cpu).Target;

    /// <summary>Name, what it computes of X [2, 32, 5, 4] and a vector v [32], and whether it can be computed in blocks.</summary>
    private static readonly (string Name, Func<OpBuilder, Value, Value, Value> Compute, bool IsKept)[] Cases =
    [
        ("nothing", (_, x, _) => x, true),
        ("relu", (op, x, _) => op.Op("Relu", [x]), true),
        ("relu that others take before", (op, x, _) => op.Op("Relu", [x]) + x, true),
        ("leaky", (op, x, _) => op.Op("LeakyRelu", [x], ("alpha", 0.2f)), true),
        ("clip", (op, x, _) => op.Op("Clip", [x, null, op.ScalarLike(x, 0.3)]), true),
        ("a number", (op, x, _) => (x * op.ScalarLike(x, 0.5)) - op.ScalarLike(x, 2), true),
        ("a choice", (op, x, _) => op.Op("Where", [op.Op("Greater", [x, op.ScalarLike(x, 0)]), x, x * op.ScalarLike(x, 0.1)]), true),
        ("a mask", (op, x, _) => x * op.Cast(op.Op("Greater", [x, op.ScalarLike(x, 0)]), ElementType.Float), true),
        ("a mask that others take too", (op, x, _) => MaskedTwice(op, x, op.Op("Greater", [x, op.ScalarLike(x, 0)])), false),
        ("depthwise", (op, x, v) => op.Op("Conv", [x, op.Reshape(v, -1, 1, 1, 1)], ("group", 32L)), true),
        ("depthwise, offset", (op, x, v) => op.Op("Conv", [x, op.Reshape(v, -1, 1, 1, 1), v], ("group", 32L)), true),
        ("normalized", (op, x, v) => op.Op("BatchNormalization", [x, v, -v, v * op.ScalarLike(x, 2), v * v]), true),
        ("normalized by 1", (op, x, v) => op.Op("BatchNormalization", [x, v, -v, Filled(op, 0), Filled(op, 1)], ("epsilon", 0f)), true),
        ("less a mean", (op, x, v) => op.Op("BatchNormalization", [x, Filled(op, 1), Filled(op, 0), v, Filled(op, 1)], ("epsilon", 0f)), true),
        ("a strided depthwise", (op, x, v) => op.Op("Conv", [x, op.Reshape(v, -1, 1, 1, 1)], ("group", 32L), ("strides", new long[] { 2, 1 })), false),
        ("a vector", (op, x, v) => x * op.Reshape(v, 1, -1, 1, 1), false),
        ("a transpose", (op, x, _) => op.Transpose(op.Op("Relu", [op.Transpose(x, 0, 1, 3, 2)]), 0, 1, 3, 2), false),
    ];

    public static IEnumerable<object[]> Names => Cases.Select(each => new object[] { each.Name });

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void BetweenConvolutions(string name)
    {
        LoweringRun.NeedsBlocks(Here);
        (_, Func<OpBuilder, Value, Value, Value> compute, bool isKept) = Cases.Single(each => each.Name == name);
        LoweringTarget blocked = Here with { Forced = FormulationTable.Parse("conv=blocked") };
        Graph plain = Lowered(compute, LoweringTarget.Cpu), kept = Lowered(compute, blocked);
        var random = new Random(1);
        (string, Tensor)[] feeds =
        [
            ("X", LoweringRun.Uniform(random, 2, 32, 5, 4)), ("v", LoweringRun.Uniform(random, 32)),
            ("W1", LoweringRun.Uniform(random, 32, 32, 3, 3)), ("W2", LoweringRun.Uniform(random, 32, 32, 1, 1)),
        ];
        IReadOnlyDictionary<string, Tensor> expected = LoweringRun.Run(plain, feeds), found = LoweringRun.Run(kept, feeds);
        foreach (string output in new[] { "Y", "sum" }) LoweringRun.AssertClose(expected[output].ToDouble(), found[output], 1e-5, $"{name}: {output}");

        Assert.IsFalse(LoweringRun.Reorders(kept, "ReorderInput").Any(node => node.In(0).Producer?.Op == $"{OpId.Nchwc}::ReorderOutput"), name);
        Assert.AreEqual(isKept, LoweringRun.Reorders(kept, "ReorderOutput").Length == 1, name); // then Y alone is plain
    }

    /// <summary>The norm of an image in a branch is that of its blocks; what else a branch reads of an image is put in order in the branch.</summary>
    [TestMethod]
    [DataRow("ReduceL2", 0)]
    [DataRow("ReduceMax", 1)]
    public void InABranch(string reduction, int reorders)
    {
        LoweringRun.NeedsBlocks(Here);
        Graph plain = Lowered(Reduced, LoweringTarget.Cpu), kept = Lowered(Reduced, Here with { Forced = FormulationTable.Parse("conv=blocked") });
        Node branches = kept.Nodes.Single(node => node.Op == "If");
        Assert.AreEqual(reorders, Walk.NodesInside(branches).Count(node => node.Op == $"{OpId.Nchwc}::ReorderOutput"));
        Assert.HasCount(1, LoweringRun.Reorders(kept, "ReorderOutput")); // Y
        var random = new Random(1);
        foreach (float first in new[] { -1f, 1f })
        {
            Tensor v = Tensor.Of([32], [first, .. LoweringRun.Uniform(random, 31).Span<float>()]);
            (string, Tensor)[] feeds =
            [
                ("X", LoweringRun.Uniform(random, 2, 32, 5, 4)), ("v", v),
                ("W1", LoweringRun.Uniform(random, 32, 32, 3, 3)), ("W2", LoweringRun.Uniform(random, 32, 32, 1, 1)),
            ];
            IReadOnlyDictionary<string, Tensor> expected = LoweringRun.Run(plain, feeds), found = LoweringRun.Run(kept, feeds);
            LoweringRun.AssertClose(expected["Y"].ToDouble(), found["Y"], 1e-5, reduction);
        }

        // v₀ > 0 ? X / ‖X‖ : X
        Value Reduced(OpBuilder op, Value x, Value v)
        {
            Value isLarge = op.Op("Greater", [op.Gather(v, op.Constant(Tensor.Scalar(0L))), op.ScalarLike(v, 0)]);
            return x / op.If(isLarge, then => then.Op(reduction, [then.Here(x)], ("keepdims", 0L)), other => other.Constant(Tensor.Scalar(1f)));
        }
    }

    private static Graph Lowered(Func<OpBuilder, Value, Value, Value> compute, LoweringTarget target)
    {
        Graph graph = LoweringRun.NewGraph();
        Value x = Input("X", 2, 32, 5, 4), v = Input("v", 32), w1 = Input("W1", 32, 32, 3, 3), w2 = Input("W2", 32, 32, 1, 1);
        using (OpBuilder op = graph.BuildAtEnd("net"))
        {
            Value between = compute(op, op.Op("Conv", [x, w1], ("pads", new long[] { 1, 1, 1, 1 })), v);
            Output(op.Op("Conv", [between, w2]), "Y");
            Output(op.ReduceSum(between, [2, 3], keepDims: false), "sum");
        }
        LoweringPipeline.Apply(new Model(graph), target);
        return graph;

        Value Input(string name, params long[] dims) => graph.AddInput(name, ElementType.Float, Shape.From(dims));

        void Output(Value value, string name)
        {
            graph.Rename(value, name);
            graph.MarkOutput(value);
        }
    }

    private static Value MaskedTwice(OpBuilder op, Value x, Value mask) =>
        op.Op("Where", [mask, x, x * op.ScalarLike(x, 0.1)]) + op.Transpose(op.Cast(op.Transpose(mask, 0, 1, 3, 2), ElementType.Float), 0, 1, 3, 2);

    private static Value Filled(OpBuilder op, double number) => op.Constant(Tensor.Filled(ElementType.Float, [32], number));
}
