using GraphRewrite.Diagnostics;
using GraphRewrite.IR;
using GraphRewrite.Opsets;
using TrainingHost.Runtime;

namespace TrActOnnx.Tests.Opsets;

/// <summary>ONNX Runtime runs every old form itself: what it computes before the upgrade is the truth for after.</summary>
[TestClass]
public sealed class UpgradeOpsetTests
{
    public static IEnumerable<object[]> Forms
    {
        get
        {
            foreach (string op in new[] { "ReduceSum", "ReduceMean", "ReduceMax", "ReduceMin", "ReduceProd",
                "ReduceL1", "ReduceL2", "ReduceLogSum", "ReduceLogSumExp", "ReduceSumSquare" })
            {
                foreach (long opset in op == "ReduceSum" ? [11L, 12L] : new[] { 11L, 13L, 17L })
                {
                    yield return Case(op, opset, [Random(2, 3, 4)], ("axes", new long[] { 0, -1 }), ("keepdims", 0));
                    yield return Case(op, opset, [Random(2, 3, 4)]);
                }
            }
            yield return Case("Squeeze", 11, [Random(2, 1, 4, 1)], ("axes", new long[] { 1, -1 }));
            yield return Case("Squeeze", 12, [Random(2, 1, 4, 1)]);
            yield return Case("Unsqueeze", 11, [Random(2, 3)], ("axes", new long[] { 0, -1 }));
            yield return Case("Split", 11, 3, [Random(6, 4)], ("split", new long[] { 1, 3, 2 }));
            yield return Case("Split", 12, 2, [Random(6, 4)], ("axis", 1));
            yield return Case("Split", 13, 3, [Random(6, 4)]);
            foreach (string op in new[] { "Softmax", "LogSoftmax", "Hardmax" })
            {
                yield return Case(op, 11, [Random(2, 3, 4)]);
                yield return Case(op, 12, [Random(2, 3, 4)], ("axis", -2));
                yield return Case(op, 12, [Random(2, 3, 4)], ("axis", 0));
                yield return Case(op, 12, [Random(5, 4)]);
                yield return Case(op, 17, [Random(2, 3, 4)], ("axis", 1));
            }
            yield return Case("Dropout", 11, [Random(3, 4)], ("ratio", 0.3f));
            yield return Case("BatchNormalization", 11, [Random(2, 3, 4), Random(3), Random(3), Random(3), Random(3)], ("epsilon", 1e-3f));
            yield return Case("BatchNormalization", 14, 3,
                [Random(2, 3, 4), Random(3), Random(3), Random(3), Random(3)], ("training_mode", 1), ("momentum", 0.8f));
            yield return Case("Resize", 11,
                [Random(1, 2, 3, 4), Stored(Tensor.Of<float>([0])), Stored(Tensor.Vector(1f, 1f, 2f, 2f))], ("mode", "linear"));
            yield return Case("Resize", 11, [Random(1, 2, 3, 4), Stored(Tensor.Of<float>([0])),
                Stored(Tensor.Of<float>([0])), Stored(Tensor.Vector(1L, 2L, 5L, 9L))], ("mode", "cubic"));
            yield return Case("Resize", 13, [Random(1, 2, 3, 4), null, Stored(Tensor.Vector(1f, 1f, 2f, 3f))], ("mode", "nearest"));
            yield return Case("RoiAlign", 11, [Random(1, 2, 8, 8), Tensor.Of([1, 4], 0.6f, 0.3f, 6.2f, 5.1f), Tensor.Vector(0L)],
                ("output_height", 2), ("output_width", 3));
            yield return Case("GridSample", 16, [Random(1, 2, 4, 4), Random(1, 3, 3, 2)], ("mode", "bicubic"));
            yield return Case("GridSample", 16, [Random(1, 2, 4, 4), Random(1, 3, 3, 2)]);
            yield return Case("DFT", 17, [Random(2, 5, 1)]);
            yield return Case("GroupNormalization", 18, [Random(2, 6, 5), Random(3), Random(3)], ("num_groups", 3));
            yield return Case("Clip", 11, [Random(2, 3), Stored(Tensor.Scalar(-0.5f)), Stored(Tensor.Scalar(0.5f))]);
            yield return Case("Pad", 11, [Random(2, 3), Stored(Tensor.Vector(1L, 0L, 0L, 2L))]);
            yield return Case("LayerNormalization", 17, 3, [Random(2, 3, 4), Random(4), Random(4)]);
            yield return Case("RMSNormalization", 23, [Random(2, 3, 4), Random(3, 4)], ("axis", 1));
            yield return Case("RMSNormalization", 23, [Random(2, 3, 4), Random(4)], ("epsilon", 1e-2f));
            yield return Case("Relu", 22, [Random(2, 3)]);
        }
    }

    [TestMethod]
    [DynamicData(nameof(Forms))]
    public void ComputesWhatTheOldFormComputed(string op, long opset, int outputs, object[] inputs, object[] attributes)
    {
        var runner = new OrtGraphRunner();
        var model = OneNodeModel.Of(op, opset, [.. inputs.Cast<Arg?>()], outputs, [.. attributes.Cast<(string, object)>()]);
        IReadOnlyDictionary<string, Tensor> before = runner.Run(model.Model, model.Feeds);
        UpgradeOpset.Apply(model.Graph);
        Assert.AreEqual(21, model.Graph.OpsetOf(OpId.Onnx));
        IReadOnlyDictionary<string, Tensor> after = runner.Run(model.Model, model.Feeds);
        foreach ((string name, Tensor expected) in before)
        {
            CollectionAssert.AreEqual(expected.Dims.ToArray(), after[name].Dims.ToArray());
            double bound = 1e-6 * expected.ToDouble().Select(Math.Abs).Append(1).Max(); // one rounding: the new form may take another kernel
            foreach ((double x, double y) in expected.ToDouble().Zip(after[name].ToDouble())) Assert.AreEqual(x, y, bound, name);
        }
    }

    [TestMethod]
    [DataRow("Relu", 10L, "opset 10; opsets 11 to 26")]
    [DataRow("Relu", 27, "opset 27; opsets 11 to 26")]
    [DataRow("Upsample", 12L, "'node' (Upsample, opset 12): cannot be written in opset 21")]
    public void RefusesInWords(string op, long opset, string message)
    {
        var model = OneNodeModel.Of(op, opset, [Random(2, 3)], 1);
        GraphRewriteException error = Assert.ThrowsExactly<GraphRewriteException>(() => UpgradeOpset.Apply(model.Graph));
        StringAssert.Contains(error.Message, message);
    }

    [TestMethod]
    [DataRow("softcap", 5f, 4, "softcap is not 0")]
    [DataRow("scale", 1f, 6, "it continues from past keys and values")]
    public void AttentionBeyondSoftmaxIsRefused(string attribute, float value, int inputs, string message)
    {
        var model = OneNodeModel.Of(
            "Attention", 23, [.. Enumerable.Range(0, inputs).Select(i => i == 3 ? null : (Arg)Random(1, 2, 3, 4))], 1, [(attribute, value)]);
        GraphRewriteException error = Assert.ThrowsExactly<GraphRewriteException>(() => UpgradeOpset.Apply(model.Graph));
        Assert.Contains($"'node' (Attention, opset 23): cannot be written in opset 21: {message}. Export the model with opset 21.", error.Message);
    }

    [TestMethod]
    public void AllThatIsRefusedIsNamed()
    {
        var model = OneNodeModel.Of("Upsample", 12, [Random(1, 1, 2, 2), Random(4)], 1);
        Node second = model.Graph.AddNode("Scatter", "second", model.Graph.Nodes.Single().Inputs);
        second.SetOutput(0, model.Graph.NewValue("y1"));
        GraphRewriteException error = Assert.ThrowsExactly<GraphRewriteException>(() => UpgradeOpset.Apply(model.Graph));
        Assert.Contains("'node' (Upsample, opset 12)", error.Message);
        Assert.Contains("'second' (Scatter, opset 12)", error.Message);
    }

    [TestMethod]
    public void TrainingBatchNormalizationOfOpset9KeepsItsStatistics()
    {
        var model = OneNodeModel.Of("BatchNormalization", 11, [Random(2, 3, 4), Random(3), Random(3), Random(3), Random(3)], 5);
        model.Graph.UnmarkOutput(model.Graph.Get("y3"));
        model.Graph.UnmarkOutput(model.Graph.Get("y4"));
        UpgradeOpset.Apply(model.Graph);
        Node node = model.Graph.Nodes.Single();
        Assert.AreEqual(1, node.Int("training_mode", 0));
        Assert.HasCount(3, node.Outputs);
        Assert.IsNull(model.Graph.Find("y3"));
    }

    [TestMethod]
    public void SavedStatisticsInUseAreRefused()
    {
        var model = OneNodeModel.Of("BatchNormalization", 11, [Random(2, 3, 4), Random(3), Random(3), Random(3), Random(3)], 5);
        GraphRewriteException error = Assert.ThrowsExactly<GraphRewriteException>(() => UpgradeOpset.Apply(model.Graph));
        StringAssert.Contains(error.Message, "'y3'");
    }

    private static object[] Case(string op, long opset, Arg?[] inputs, params (string, object)[] attributes) =>
        Case(op, opset, 1, inputs, attributes);

    private static object[] Case(string op, long opset, int outputs, Arg?[] inputs, params (string, object)[] attributes) =>
        [op, opset, outputs, inputs.Cast<object?>().ToArray(), attributes.Cast<object>().ToArray()];

    private static Arg Stored(Tensor tensor) => new(tensor, Stored: true);

    /// <summary>Values in (0.1, 1): logarithms and variances of them exist.</summary>
    private static Tensor Random(params long[] dims)
    {
        var random = new Random((int)dims.Aggregate(17L, (seed, dim) => (seed * 31) + dim));
        return Tensor.Of(dims, [.. Enumerable.Range(0, (int)dims.Aggregate(1L, (a, b) => a * b)).Select(_ => 0.1f + (0.9f * random.NextSingle()))]);
    }
}
