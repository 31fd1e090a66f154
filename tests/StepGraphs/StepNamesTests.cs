using GraphRewrite.IR;
using GraphRewrite.IR.Building;
using GraphRewrite.Serialization;
using TrActOnnx.Tests.Commands;

namespace TrActOnnx.Tests.StepGraphs;

/// <summary>A model may call its values as the step graph calls its own: it trains to the very numbers that it trains to under other names.</summary>
[TestClass]
public sealed class StepNamesTests
{
    [TestMethod]
    [DataRow("step", "w", "w.m", "hidden")]
    [DataRow("learning_rate", "step", "w.new", "loss")]
    [DataRow("lazy_reset_grad", "w", "w_1", "w_grad")]
    [DataRow("apply_update", "learning_rate", "step.new", "w.v.new")]
    [DataRow("labels", "labels.m", "loss", "w.m")]
    [DataRow("x", "w", "w.accumulated", "labels")]
    [DataRow("x", "w", "b", "w_grad.accumulation.out")]
    public void NamesOfTheModelAndOfTheStepDoNotMeet(string input, string weight, string bias, string hidden)
    {
        using var folder = new TemporaryFolder();
        CollectionAssert.AreEqual(Losses(folder, "x", "weight", "bias", "h"), Losses(folder, input, weight, bias, hidden));
    }

    private static double[] Losses(TemporaryFolder folder, string input, string weight, string bias, string hidden)
    {
        Write(folder.File("m.onnx"), input, weight, bias, hidden);
        TensorFile.Write(folder.File("batches.onnx"), Enumerable.Range(0, 3).SelectMany(i => new KeyValuePair<string, Tensor>[]
        {
            new($"batch{i}/input0", Tensor.Of([2, 4], [.. Enumerable.Range(0, 8).Select(k => (float)Math.Sin(k + (8 * i)))])),
            new($"batch{i}/labels", Tensor.Vector(0L, 2L)),
        }));
        foreach (string file in Directory.GetDirectories(folder.Path)) Directory.Delete(file, recursive: true);
        Verb.Run("artifacts", folder.File("m.onnx"), "--output", folder.File("artifacts"));
        Verb.Run("lower", folder.File("artifacts"), "--output", folder.File("step.onnx"));
        double[][] losses = [.. new[] { "m.onnx", "artifacts" }.Select(model =>
        {
            Verb.Run("trace", folder.File(model), "--batches", folder.File("batches.onnx"), "--output", folder.File("trace.onnx"), "--lr", "0.1");
            return TensorFile.Read(folder.File("trace.onnx"))["losses"].ToDouble();
        })];
        return [.. losses[0], .. losses[1]];
    }

    private static void Write(string path, string input, string weight, string bias, string hidden)
    {
        var graph = new Graph("g", new Dictionary<string, long> { [OpId.Onnx] = 17 });
        using OpBuilder op = graph.BuildAtEnd("top");
        Value x = graph.AddInput(input, ElementType.Float, Shape.Of(Dim.Symbol("batch"), 4));
        Value w = graph.AddInitializer(weight, Tensor.Of([4, 3], [.. Enumerable.Range(0, 12).Select(k => (float)Math.Cos(k))]));
        Value h = op.MatMul(x, w);
        graph.Rename(h, hidden);
        Value y = op.Op("Tanh", [h]) + graph.AddInitializer(bias, Tensor.Vector(0.1f, 0.2f, 0.3f));
        (y.Type, y.Shape) = (ElementType.Float, Shape.Of(Dim.Symbol("batch"), 3));
        graph.MarkOutput(y);
        OnnxWriter.Write(new Model(graph), path);
    }
}
