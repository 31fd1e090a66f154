using Google.Protobuf;
using GraphRewrite.IR;
using GraphRewrite.IR.Building;
using GraphRewrite.Serialization;
using GraphRewrite.Serialization.Protos;
using TrainingHost.Commands;

namespace TrActOnnx.Tests.Commands;

/// <summary>
/// A branch that only computes a shape stands beside the differentiable path and trains; one that the prediction goes through is refused.
/// </summary>
[TestClass]
public sealed class SubgraphBesideTests
{
    [TestMethod]
    public void BranchThatComputesAShapeTrains()
    {
        (int code, string error) = Trace("Reshape", Shape());
        Assert.AreEqual(0, code, error);
    }

    [TestMethod]
    public void BranchOnThePathIsRefused()
    {
        GraphProto through = new() { Name = "through", Node = { Node("Relu", "", ["y"], "kept") }, Output = { Info("kept", ElementType.Float) } };
        (int code, string error) = Trace("Add", through);
        Assert.AreEqual(2, code);
        Assert.Contains("'branch' (If, opset 21): branches that depend on data have no gradient here; export with the branch fixed", error);
        Assert.HasCount(2, error.Split('\n'), error);
    }

    private static GraphProto Shape()
    {
        NodeProto constant = Node("Constant", "", [], "kept");
        constant.Attribute.Add(new AttributeProto { Name = "value_ints", Type = AttributeProto.Types.AttributeType.Ints, Ints = { -1, 3 } });
        return new() { Name = "shape", Node = { constant }, Output = { Info("kept", ElementType.Int64) } };
    }

    /// <summary>y = x w; z = user(y, If(size of x &gt; 1, branch, branch)).</summary>
    private static (int Code, string Error) Trace(string user, GraphProto branch)
    {
        var graph = new Graph("model", new Dictionary<string, long> { [OpId.Onnx] = 21 });
        using (OpBuilder op = graph.BuildAtEnd("layer"))
        {
            Value x = graph.AddInput("x", ElementType.Float, GraphRewrite.IR.Shape.Of(Dim.Symbol("batch"), 4));
            Value y = op.MatMul(x, graph.AddInitializer("w", Tensor.Filled(ElementType.Float, [4, 3], 0.5)));
            graph.Rename(y, "y");
            graph.Rename(op.Op("Greater", [op.Size(x), op.Constant(Tensor.Scalar(1L))]), "large");
            graph.MarkOutput(y);
        }
        ModelProto model = ModelProto.Parser.ParseFrom(OnnxWriter.ToBytes(new Model(graph)));
        NodeProto choice = Node("If", "branch", ["large"], "chosen");
        choice.Attribute.Add(new AttributeProto { Name = "then_branch", Type = AttributeProto.Types.AttributeType.Graph, G = branch });
        choice.Attribute.Add(new AttributeProto { Name = "else_branch", Type = AttributeProto.Types.AttributeType.Graph, G = branch });
        model.Graph.Node.Add([choice, Node(user, "user", ["y", "chosen"], "z")]);
        model.Graph.Output[0].Name = "z";

        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.Path, "model.onnx"), batches = Path.Combine(folder.Path, "batches.onnx");
        File.WriteAllBytes(path, model.ToByteArray());
        TensorFile.Write(batches, [new("batch0/input0", Tensor.Filled(ElementType.Float, [2, 4], 1)), new("batch0/labels", Tensor.Vector(0L, 2L))]);
        var error = new StringWriter();
        string[] trace = ["trace", path, "--batches", batches, "--no-tract", "--output", Path.Combine(folder.Path, "out.onnx")];
        return (CommandLine.Run(trace, TextWriter.Null, error), error.ToString());
    }

    private static NodeProto Node(string type, string name, string[] inputs, string output) =>
        new() { OpType = type, Name = name, Input = { inputs }, Output = { output } };

    private static ValueInfoProto Info(string name, ElementType type) =>
        new() { Name = name, Type = new() { TensorType = new() { ElemType = (int)type } } };
}
