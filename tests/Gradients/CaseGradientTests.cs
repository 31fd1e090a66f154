using GraphRewrite.Gradients;
using GraphRewrite.IR;
using GraphRewrite.IR.Shapes;
using GraphRewrite.Kernels;
using GraphRewrite.Losses;
using GraphRewrite.Lowering;
using GraphRewrite.NormalForm;
using GraphRewrite.Passes;
using GraphRewrite.Serialization;
using TrainingHost.Runtime;

namespace TrActOnnx.Tests.Gradients;

/// <summary>Real models, as PyTorch exports them: the gradients of the first step against PyTorch's in float64.</summary>
[TestClass]
public sealed class CaseGradientTests
{
    /// <summary>
    /// Of each tensor's largest entry; of the model's largest for those that are zero in exact arithmetic (a bias before a normalization).
    /// </summary>
    private const double Tolerance = 1e-5;

    private const double ModelTolerance = 1e-6;

    /// <summary>All but the one with Dropout, which is random.</summary>
    public static IEnumerable<object[]> Cases => Directory.GetDirectories(TestData.Cases).Select(folder => Path.GetFileName(folder)!)
        .Where(name => name != "vgg_dropout" && File.Exists(Path.Combine(TestData.Case(name), "forward.onnx")))
            .Order().Select(name => new object[] { name });

    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void FirstGradientsAreTheTruth(string name)
    {
        IReadOnlyDictionary<string, Tensor> truth = OnnxReader.Read(
            Path.Combine(TestData.Case(name), "truth.onnx")).Graph.Initializers.ToDictionary(value => value.Name, value => value.Initializer!);
        Model model = InlineFunctions.Of(OnnxReader.Read(Path.Combine(TestData.Case(name), "forward.onnx")));
        Graph graph = model.Graph;
        string[] stored = [.. graph.Initializers.Select(value => value.Name)];
        Value[] inputs = [.. graph.Inputs.Where(input => !input.IsInitializer)];
        string[] wanted = [.. truth.Keys.Where(key => key.StartsWith("plain/grad/", StringComparison.Ordinal))
            .Select(key => key["plain/grad/".Length..])];

        ForwardNormalForm.Apply(graph, BatchNormMode.Train);
        (Value labels, Value loss) = LossOf(name).Append(graph, graph.Outputs[0]);
        ShapeInference.Apply(graph);
        IReadOnlyDictionary<Value, Value> gradients = ReverseMode.AppendGradients(graph, loss, [.. wanted.Select(graph.Get)]);
        foreach (Value gradient in gradients.Values) graph.MarkOutput(gradient);
        Dictionary<string, Tensor> parameters = AsInputs(graph, stored);
        LowerTrainingOps.Apply(graph, LoweringTarget.Cpu);
        RemoveUnusedNodes.Apply(graph);
        TopologicalSort.Apply(graph);
        CheckStockOps.Apply(graph, LoweringTarget.Cpu);

        model.IrVersion = Math.Max(model.IrVersion, 10);
        Dictionary<string, Tensor> feeds = inputs.Select((input, i) => (input.Name, Tensor: truth[$"batch0/input{i}"]))
            .ToDictionary(feed => feed.Name, feed => feed.Tensor);
        foreach ((string parameter, Tensor value) in parameters) feeds[parameter] = value;
        feeds[labels.Name] = truth["batch0/labels"];
        IReadOnlyDictionary<string, Tensor> outputs = new OrtGraphRunner().Run(model, feeds);

        double expectedLoss = truth["plain/losses"].ToDouble()[0];
        Assert.AreEqual(expectedLoss, outputs[loss.Name].ToDouble()[0], 2e-6 * expectedLoss, "loss");
        double largest = wanted.Max(parameter => Largest(truth[$"plain/grad/{parameter}"]));
        foreach (string parameter in wanted)
        {
            Tensor expected = truth[$"plain/grad/{parameter}"];
            double bound = Math.Max(Tolerance * Largest(expected), ModelTolerance * largest);
            double worst = expected.ToDouble().Zip(outputs[GradientNames.Of(parameter)].ToDouble(), (e, a) => Math.Abs(e - a)).Max();
            Assert.IsLessThanOrEqualTo(bound, worst, $"{parameter}: off by {worst:g3}, largest {Largest(expected):g3}, model's {largest:g3}");
        }
    }

    /// <summary>Parameters and running statistics become inputs, as they are in a training graph.</summary>
    private static Dictionary<string, Tensor> AsInputs(Graph graph, string[] stored)
    {
        var values = new Dictionary<string, Tensor>();
        foreach (Value value in stored.Select(graph.Find).OfType<Value>().Where(value => value.Type.IsFloating()))
        {
            values[value.Name] = value.Initializer!;
            graph.RemoveInitializer(value);
            graph.MarkInput(value);
        }
        return values;
    }

    private static double Largest(Tensor tensor) => tensor.ToDouble().Max(Math.Abs);

    private static Loss LossOf(string name) => name switch
    {
        "binary_bce" => new BceWithLogitsLoss(),
        "regress_l1" => new L1Loss(),
        "regress_mse" => new MseLoss(),
        _ => new CrossEntropyLoss(),
    };
}
