using GraphRewrite.IR;
using GraphRewrite.Optimizers;
using GraphRewrite.StepGraphs;
using TrainingHost.Models;
using TrainingHost.Runtime;

namespace TrActOnnx.Tests.Runtime;

/// <summary>What a step says of TrAct's system: a gradient that is not finite, a λ that was raised.</summary>
[TestClass]
public sealed class StepOutputsTests
{
    [TestMethod]
    [DataRow(1f, null)]
    [DataRow(1e6f, "In step 1 λ = 0.1 is lost beside ‖XᵀX/b‖ = ")]
    [DataRow(1e12f, "In step 1 λ = 0.1 is lost beside ‖XᵀX/b‖ = ")]
    public void ARaisedLambdaIsSaid(float scale, string? expected)
    {
        using Step step = Step.Of("mlp", scale);
        step.Outputs.CheckTrAct(step.Graph, 1, step.Lambda);
        string? said = step.Outputs.LambdaRaised(step.Graph, 1, step.Lambda);
        if (expected is null) Assert.IsNull(said);
        else StringAssert.StartsWith(said, expected);
    }

    /// <summary>‖XᵀX/b‖ is what it says, to float32: here of X in float64.</summary>
    [TestMethod]
    public void TheRaisedLambdaIsThePartOfTheNormThatNumbersMdNames()
    {
        using Step step = Step.Of("mlp", 1e6f);
        double[] x = step.X.ToDouble();
        int n = (int)(step.X.Length / step.X.Dims[0]), b = (int)step.X.Dims[0];
        double squares = 0;
        for (int i = 0; i < n; i++)
        {
            for (int j = 0; j < n; j++)
            {
                double entry = 0;
                for (int row = 0; row < b; row++) entry += x[(row * n) + i] * x[(row * n) + j] / b;
                squares += entry * entry;
            }
        }
        float norm = step.Outputs.Scalar(step.Graph.TrActNorm!);
        Assert.AreEqual(1, norm / Math.Sqrt(squares), 1e-5);
        Assert.AreEqual(1, StepGraph.RaisedLambda(norm, step.Lambda)!.Value / (Math.Sqrt(squares) / (1L << 38)), 1e-5);
        Assert.IsNull(StepGraph.RaisedLambda(norm, (float)(1.01 * Math.Sqrt(squares) / (1L << 38))));
    }

    [TestMethod]
    [DataRow(float.NaN, "Its input is not finite or overflows")]
    [DataRow(float.PositiveInfinity, "Its input is not finite or overflows")]
    public void AGradientThatIsNotFiniteIsNamed(float scale, string cause)
    {
        using Step step = Step.Of("mlp", scale);
        string message = Assert.ThrowsExactly<DivergedException>(() => step.Outputs.CheckTrAct(step.Graph, 7, step.Lambda)).Message;
        StringAssert.StartsWith(message, "The gradient of TrAct's layer is not finite in step 7 (‖XᵀX/b‖ = ");
        StringAssert.Contains(message, cause);
    }

    [TestMethod]
    public void AGradientOfItsOutputThatOverflowsIsNamed()
    {
        using Step step = Step.Of("mlp", 1, weights: 1e30f);
        string message = Assert.ThrowsExactly<DivergedException>(() => step.Outputs.CheckTrAct(step.Graph, 1, step.Lambda)).Message;
        StringAssert.Contains(message, "The gradient of its output overflows");
    }

    /// <summary>Of several layers with TrAct the one with the largest input counts, and NaN of any.</summary>
    [TestMethod]
    [DataRow(0, 1e12f)]
    [DataRow(1, 1e12f)]
    [DataRow(0, float.NaN)]
    [DataRow(1, float.NaN)]
    public void EveryLayerCounts(int input, float scale)
    {
        using Step step = Step.Of("twotower", scale, input, layers: ["conv.weight", "lin.weight"]);
        float norm = step.Outputs.Scalar(step.Graph.TrActNorm!);
        if (float.IsNaN(scale)) Assert.IsTrue(float.IsNaN(norm), $"{norm}");
        else StringAssert.StartsWith(step.Outputs.LambdaRaised(step.Graph, 1, step.Lambda), "In step 1 λ = 0.1 is lost beside ‖XᵀX/b‖ = ");
    }

    /// <summary>The first step of a case with scaled inputs.</summary>
    private sealed class Step(StepSession session, StepOutputs outputs, Tensor x) : IDisposable
    {
        public StepGraph Graph => session.Graph;

        public StepOutputs Outputs => outputs;

        public Tensor X => x;

        public float Lambda => session.Lambda;

        public static Step Of(string name, float scale, int input = 0, float weights = 1, params string[] layers)
        {
            var reference = ReferenceCase.Read(name);
            var model = TrainableModel.Open(reference.Folder, new());
            model.Apply(new() { Layers = layers }, batchSize: null);
            StepGraph graph = StepGraphBuilder.Build(model.Training, model.Prediction, new() { Optimizer = new SgdSettings(), ChecksTrAct = true });
            Dictionary<string, Tensor> initial = model.Initial.ToDictionary(pair => pair.Key, pair => Scaled(pair.Value, weights));
            var session = new StepSession(graph, initial, Device.Cpu) { Lambda = model.Lambda!.Value };
            Tensor[] batch = [.. reference.Batches[0]];
            batch[input] = Scaled(batch[input], scale);
            using var feeds = new BatchFeeds(graph.BatchInputs.Zip(batch).ToDictionary());
            return new(session, session.Step(feeds.Values), batch[input]);
        }

        private static Tensor Scaled(Tensor tensor, float scale) =>
            tensor.Type == ElementType.Float ? Tensor.Of(tensor.Dims, [.. tensor.Span<float>().ToArray().Select(value => value * scale)]) : tensor;

        public void Dispose()
        {
            outputs.Dispose();
            session.Dispose();
        }
    }
}
