using GraphRewrite.Artifacts;
using GraphRewrite.Forward;
using GraphRewrite.IR;
using GraphRewrite.IR.Building;
using GraphRewrite.Losses;
using GraphRewrite.Serialization;
using TrActOnnx.Tests.Commands;

namespace TrActOnnx.Tests.Forward;

/// <summary>Forward models as exporters leave them, which became no training graph, or not the whole one.</summary>
[TestClass]
public sealed class ForwardArtifactsTests
{
    /// <summary>Opset 18's scales are per group, so that the step to opset 21 needs the channels: of a value that no value_info describes.</summary>
    [TestMethod]
    public void GroupNormalizationOfOpset18BehindAConvolution() => Trains(18, ["conv.weight", "norm.weight", "norm.bias"], (op, x) =>
    {
        Value y = op.Op("Conv", [x, Weight(op, "conv.weight", 4, 2, 3, 3)]);
        return op.Op("GroupNormalization", [y, Weight(op, "norm.weight", 2), Weight(op, "norm.bias", 2)], ("num_groups", 2));
    });

    /// <summary>Written with older operators, it needs the width of the heads.</summary>
    [TestMethod]
    public void AttentionOfOpset23BehindALayer() => Trains(23, ["q.weight"], (op, x) =>
    {
        Value q = op.MatMul(op.Reshape(x, 0, 2, -1), Weight(op, "q.weight", 36, 8));
        return op.Op("Attention", [q, q, q], ("q_num_heads", 2), ("kv_num_heads", 2));
    });

    /// <summary>Constant folding unsqueezes the slope and gives it a made-up name; it has one element, but is a parameter.</summary>
    [TestMethod]
    public void ASlopeThatConstantFoldingHasRenamed()
    {
        string text = Trains(17, ["conv.weight", "onnx::PRelu_7"], (op, x) =>
        {
            Value y = op.Op("Conv", [x, Weight(op, "conv.weight", 4, 2, 3, 3)]);
            return op.Op("PRelu", [y, Weight(op, "onnx::PRelu_7", 1, 1, 1)]);
        });
        Assert.Contains("Constant folding has transposed or sliced and renamed 1 parameter: 'onnx::PRelu_7'", text);
        Assert.Contains("forward model, opset 17", text);
    }

    private static Value Weight(OpBuilder op, string name, params long[] dims) =>
        op.Graph.AddInitializer(name, Tensor.Filled(ElementType.Float, dims, 0.25));

    /// <summary>What inspect says of the model, once its parameters are those that are trained, in artifacts and in the gradient graph.</summary>
    private static string Trains(long opset, string[] parameters, Func<OpBuilder, Value, Value> model)
    {
        using var folder = new TemporaryFolder();
        var graph = new Graph("model", new Dictionary<string, long> { [OpId.Onnx] = opset });
        using (OpBuilder op = graph.BuildAtEnd("layer"))
        {
            Value y = model(op, graph.AddInput("x", ElementType.Float, Shape.Of(Dim.Symbol("batch"), 2, 6, 6)));
            graph.Rename(y, "y");
            graph.MarkOutput(y);
        }
        foreach (Value value in graph.Values.Where(value => value.Producer is not null)) value.Shape = null;
        graph.Get("y").Type = ElementType.Float;
        string path = folder.File("model.onnx");
        OnnxWriter.Write(new Model(graph), path);
        TrainingArtifacts artifacts = ForwardArtifacts.Build(path, new() { Loss = new MseLoss() });
        CollectionAssert.AreEqual(parameters, artifacts.Training.Trainable.ToArray());
        Graph gradient = GradientGraph.Build(path, parameters, new()).Model.Graph;
        string[] gradients = [.. parameters.Select(name => $"{name}_grad")];
        CollectionAssert.IsSubsetOf(gradients, gradient.Outputs.Select(value => value.Name).ToArray());
        return Verb.Run("inspect", path, "--loss", "mse");
    }
}
