using GraphRewrite.Artifacts;
using GraphRewrite.Diagnostics;
using GraphRewrite.Forward;
using GraphRewrite.Gradients;
using GraphRewrite.IR;
using GraphRewrite.IR.Building;
using GraphRewrite.Kernels;
using GraphRewrite.Losses;
using GraphRewrite.Lowering;
using GraphRewrite.Optimizers;
using GraphRewrite.Rules;
using GraphRewrite.Serialization;
using GraphRewrite.StepGraphs;
using TrActOnnx.Tests.Architecture;
using TrainingHost.Runtime;

namespace TrActOnnx.Tests.Rules;

/// <summary>
/// Operators that a program brings its own rules for, in a model file, through a real session: P = (X W)³ with mine::Cube, mean squared error,
/// one step of gradient descent. Everything is held against the formulas in float64.
/// </summary>
[TestClass]
public sealed class CustomOperatorsTests
{
    private const int Batch = 5, Features = 4, Classes = 3;
    private const float Rate = 0.05f;

    /// <summary>float32's rounding over sums of a few terms, relative to the largest entry.</summary>
    private const double Bound = 2e-6;

    private static readonly CustomOperators Operators = new()
    {
        // begin docs/extending.md
        Gradients = new Dictionary<OpId, CustomGradient>
        {
            ["mine::Cube"] = (op, n, dY) => [dY * op.ScalarLike(dY, 3) * n.In(0) * n.In(0)], // dX = 3 X² ⊙ dY
        },
        Lowerings = new Dictionary<OpId, CustomLowering>
        {
            ["mine::Cube"] = (op, n) => [n.In(0) * n.In(0) * n.In(0)], // Y = X³
        },
        Shapes = new Dictionary<OpId, CustomShape>
        {
            ["mine::Cube"] = n => [(n.In(0).Type, n.In(0).Shape)],
        },
        // end docs/extending.md
    };

    private static readonly float[] X = [.. Enumerable.Range(0, Batch * Features).Select(i => MathF.Sin(i + 1))];
    private static readonly float[] W = [.. Enumerable.Range(0, Features * Classes).Select(i => MathF.Cos((3 * i) + 1))];
    private static readonly float[] T = [.. Enumerable.Range(0, Batch * Classes).Select(i => MathF.Sin((2 * i) + 3))];

    [TestMethod]
    public void AStepIsTheFormulas()
    {
        using var folder = new TemporaryFolder();
        TrainingArtifacts artifacts = ForwardArtifacts.Build(Forward(folder, "mine::Cube"), Options(Operators));
        StepGraph graph = StepGraphBuilder.Build(artifacts.Training, artifacts.Prediction, StepOptions(Operators));
        Assert.IsFalse(graph.Model.Graph.Nodes.Any(node => node.Op.Domain == "mine"), "an operator that no runtime has is left");

        (double[] prediction, double loss, double[] dW) = Expected();
        OrderedDictionary<string, Tensor> initial = StepInitials.From(artifacts.Checkpoint!, StepNames.Beside(artifacts.Training));
        using var session = new StepSession(graph, initial, Device.Cpu) { LearningRate = Rate };
        using (var feeds = new BatchFeeds(Feeds()))
        using (StepOutputs outputs = session.Step(feeds.Values))
        {
            AreClose([loss], [outputs.Scalar(graph.Loss)], "loss");
            AreClose(prediction, outputs.Tensor(graph.Prediction).ToDouble(), "prediction");
            AreClose(dW, outputs.Tensor(GradientNames.Of("w")).ToDouble(), "dW");
        }
        AreClose([.. W.Zip(dW, (w, d) => w - (Rate * d))], session.Read("w").ToDouble(), "W after the step");
    }

    [TestMethod]
    public void AGradientGraphAndAnEvaluationGraphHaveIt()
    {
        using var folder = new TemporaryFolder();
        string path = Forward(folder, "mine::Cube");
        (_, double loss, double[] dW) = Expected();
        Dictionary<string, Tensor> feeds = Feeds();

        Model gradients = GradientGraph.Build(path, ["w"], new() { Loss = new MseLoss(), Operators = Operators }).Model;
        IReadOnlyDictionary<string, Tensor> run = new OrtGraphRunner().Run(gradients, feeds);
        AreClose([loss], run["loss"].ToDouble(), "loss of the gradient graph");
        AreClose(dW, run[GradientNames.Of("w")].ToDouble(), "dW of the gradient graph");

        TrainingArtifacts artifacts = ForwardArtifacts.Build(path, Options(Operators));
        Model evaluation = LoweringPipeline.OfEvaluation(artifacts.RunnableEvaluation(seed: 1), LoweringTarget.Cpu, Operators);
        feeds["w"] = Tensor.Of([Features, Classes], W);
        AreClose([loss], new OrtGraphRunner().Run(evaluation, feeds)["loss"].ToDouble(), "loss of the evaluation graph");
    }

    [TestMethod]
    public void WithoutRulesItIsRefusedByName()
    {
        using var folder = new TemporaryFolder();
        string path = Forward(folder, "mine::Cube");
        GraphRewriteException noGradient = Assert.ThrowsExactly<GraphRewriteException>(
            () => ForwardArtifacts.Build(path, Options(CustomOperators.None)));
        StringAssert.Contains(noGradient.Message, "No gradient for 1 node between the parameters and the loss: 'cube' (mine::Cube, opset 1)");

        TrainingArtifacts artifacts = ForwardArtifacts.Build(path, Options(Operators));
        GraphRewriteException noLowering = Assert.ThrowsExactly<GraphRewriteException>(
            () => StepGraphBuilder.Build(artifacts.Training, artifacts.Prediction, StepOptions(CustomOperators.None)));
        StringAssert.Contains(noLowering.Message, "mine::Cube");
        StringAssert.Contains(noLowering.Message, "operators of domain 'mine' are not part of ONNX Runtime");
    }

    /// <summary>A straight-through estimator: Round has no gradient in the library, so dW would be none at all.</summary>
    [TestMethod]
    public void AnOwnRuleComesBeforeTheLibrarys()
    {
        using var folder = new TemporaryFolder();
        string path = Forward(folder, "Round");
        Assert.ThrowsExactly<GraphRewriteException>(() => GradientGraph.Build(path, ["w"], new() { Loss = new MseLoss() }));

        var straight = new CustomOperators { Gradients = new Dictionary<OpId, CustomGradient> { ["Round"] = (_, _, dY) => [dY] } };
        Model model = GradientGraph.Build(path, ["w"], new() { Loss = new MseLoss(), Operators = straight }).Model;
        double[] z = Product();
        double[] dZ = [.. z.Select((value, i) => 2 * (Math.Round(value, MidpointRounding.ToEven) - T[i]) / z.Length)];
        AreClose(Transposed(dZ), new OrtGraphRunner().Run(model, Feeds())[GradientNames.Of("w")].ToDouble(), "dW");
    }

    [TestMethod]
    public void ThePageShowsTheseLines()
    {
        string file = File.ReadAllText(Path.Combine(Sources.Root, "tests/Rules/CustomOperatorsTests.cs"));
        string test = Lines(file, "// begin docs/extending.md", "// end docs");
        string page = Lines(File.ReadAllText(Path.Combine(Sources.Root, "docs/extending.md")), "```csharp", "```");
        Assert.AreEqual(test, page);
        Assert.Contains("mine::Cube", page);
    }

    /// <summary>The lines between two marks, without their indentation.</summary>
    private static string Lines(string text, string begin, string end) => string.Join(
        '\n', text.Split(begin + '\n', 2)[1].Split(end, 2)[0].Trim().Split('\n').Select(line => line.Trim()));

    private static ForwardOptions Options(CustomOperators operators) =>
        new() { Loss = new MseLoss(), Optimizer = new SgdSettings(), Operators = operators };

    private static StepGraphOptions StepOptions(CustomOperators operators) =>
        new() { Optimizer = new SgdSettings(), OutputGradients = true, Operators = operators };

    private static Dictionary<string, Tensor> Feeds() =>
        new() { ["x"] = Tensor.Of([Batch, Features], X), ["labels"] = Tensor.Of([Batch, Classes], T) };

    /// <summary>A file with prediction = Op(X W); it declares no shape between.</summary>
    private static string Forward(TemporaryFolder folder, string type)
    {
        var graph = new Graph("forward", new Dictionary<string, long> { [OpId.Onnx] = 21, ["mine"] = 1 });
        Value x = graph.AddInput("x", ElementType.Float, Shape.Of(Dim.Symbol("batch"), Features));
        Value w = graph.AddInitializer("w", Tensor.Of([Features, Classes], W));
        Node product = graph.AddNode("MatMul", "product", [x, w]), node = graph.AddNode(type, "cube", [Output(graph, product, "z")]);
        Value prediction = Output(graph, node, "prediction");
        (prediction.Type, prediction.Shape) = (ElementType.Float, Shape.Of(Dim.Symbol("batch"), Classes));
        graph.MarkOutput(prediction);
        string path = Path.Combine(folder.Path, "forward.onnx");
        OnnxWriter.Write(new Model(graph), path);
        return path;
    }

    private static Value Output(Graph graph, Node node, string name)
    {
        Value output = graph.NewValue(name);
        node.SetOutput(0, output);
        return output;
    }

    /// <summary>P = (X W)³, L = mean (P − T)², dW = Xᵀ (3 (X W)² ⊙ 2 (P − T) / (b m)).</summary>
    private static (double[] Prediction, double Loss, double[] DW) Expected()
    {
        double[] z = Product(), p = [.. z.Select(value => value * value * value)];
        double[] dZ = [.. z.Select((value, i) => 3 * value * value * 2 * (p[i] - T[i]) / z.Length)];
        return (p, p.Select((value, i) => (value - T[i]) * (value - T[i])).Average(), Transposed(dZ));
    }

    /// <summary>X W [b, m].</summary>
    private static double[] Product()
    {
        double[] z = new double[Batch * Classes];
        for (int i = 0; i < Batch; i++)
            for (int j = 0; j < Classes; j++)
                for (int k = 0; k < Features; k++) z[(i * Classes) + j] += (double)X[(i * Features) + k] * W[(k * Classes) + j];
        return z;
    }

    /// <summary>Xᵀ dZ [n, m].</summary>
    private static double[] Transposed(double[] dZ)
    {
        double[] dW = new double[Features * Classes];
        for (int i = 0; i < Batch; i++)
            for (int j = 0; j < Classes; j++)
                for (int k = 0; k < Features; k++) dW[(k * Classes) + j] += X[(i * Features) + k] * dZ[(i * Classes) + j];
        return dW;
    }

    private static void AreClose(double[] expected, double[] actual, string what)
    {
        Assert.HasCount(expected.Length, actual, what);
        double bound = Bound * expected.Max(Math.Abs);
        for (int i = 0; i < expected.Length; i++) Assert.AreEqual(expected[i], actual[i], bound, $"{what} [{i}]");
    }
}
