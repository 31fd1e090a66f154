using GraphRewrite.Artifacts;
using GraphRewrite.Gradients;
using GraphRewrite.IR;
using GraphRewrite.Optimizers;
using GraphRewrite.Serialization;
using GraphRewrite.StepGraphs;
using TrActOnnx.Tests.Commands;
using TrActOnnx.Tests.Data.Sources;
using TrActOnnx.Tests.Lowering;
using TrainingHost.Runtime;
using TrainingHost.Traces;

namespace TrActOnnx.Tests.StepGraphs;

/// <summary>vgg_dropout, a convolutional model with two Dropout 0.5, from 1.19.2's artifacts and from its forward model: train and trace.</summary>
[TestClass]
public sealed class DropoutModelTests
{
    public static IEnumerable<object[]> Models =>
        [["artifacts", TestData.Case("vgg_dropout")], ["forward", Path.Combine(TestData.Case("vgg_dropout"), "forward.onnx")]];

    [TestMethod]
    [DynamicData(nameof(Models))]
    public void OneBatchIsLearned(string kind, string model)
    {
        using var folder = new TemporaryFolder();
        OrderedDictionary<string, Tensor> trace = Trace(folder, model, steps: 60, "--lr", "0.003");
        double[] losses = trace["losses"].ToDouble();
        Assert.AreEqual(Math.Log(10), losses[0], 0.3, $"{kind}: ten classes and small logits");
        Assert.IsLessThan(0.5 * losses[0], losses.TakeLast(5).Average(), $"{kind}: {string.Join(" ", losses)}");
        Assert.IsLessThan(losses.TakeLast(5).Average(), trace["eval_loss_after"].ToDouble()[0], $"{kind}: without Dropout a learned batch is easier");
    }

    [TestMethod]
    [DynamicData(nameof(Models))]
    public void TheSeedDecides(string kind, string model)
    {
        using var folder = new TemporaryFolder();
        OrderedDictionary<string, Tensor> first = Trace(folder, model, 3, "--lr", "0.003"),
            again = Trace(folder, model, 3, "--lr", "0.003"), other = Trace(folder, model, 3, "--lr", "0.003", "--seed", "2");
        foreach ((string name, Tensor tensor) in first)
            CollectionAssert.AreEqual(tensor.Data.ToArray(), again[name].Data.ToArray(), $"{kind}: {name}");
        CollectionAssert.AreNotEqual(first["losses"].ToDouble(), other["losses"].ToDouble(), kind);
    }

    /// <summary>At a learning rate of 0 only the masks differ between steps and seeds; evaluation has none.</summary>
    [TestMethod]
    [DynamicData(nameof(Models))]
    public void EveryStepDropsOtherElementsAndEvaluationNone(string kind, string model)
    {
        using var folder = new TemporaryFolder();
        OrderedDictionary<string, Tensor> first = Trace(folder, model, 5, "--lr", "0"), other = Trace(folder, model, 5, "--lr", "0", "--seed", "2");
        Assert.HasCount(10, first["losses"].ToDouble().Concat(other["losses"].ToDouble()).Distinct(), kind);
        CollectionAssert.AreEqual(first["eval_loss_after"].ToDouble(), other["eval_loss_after"].ToDouble(), kind);
    }

    [TestMethod]
    [DynamicData(nameof(Models))]
    public void TrainLowersTheLossAndIsReproducible(string kind, string model)
    {
        using var folder = new TemporaryFolder();
        byte[] Train(string run)
        {
            Verb.Run(["train", "--model", model, "--batch-size", "32", "--steps", "40", "--lr", "0.002", "--output", folder.File(run)]);
            return Checkpoint.Read(Path.Combine(folder.File(run), ArtifactFiles.Checkpoint)).Trainable["f.0.weight"].Data.ToArray();
        }
        byte[] first = Train("first");
        double[] losses = Losses(folder.File("first"));
        Assert.IsLessThan(0.8 * losses.Take(5).Average(), losses.TakeLast(5).Average(), $"{kind}: {string.Join(" ", losses)}");
        CollectionAssert.AreEqual(first, Train("again"), kind);
    }

    /// <summary>The same seed gives the same masks in the first step of every session, so that central differences are defined.</summary>
    [TestMethod]
    [DataRow("f.0.weight")]
    [DataRow("h.2.weight")]
    [DataRow("h.5.bias")]
    public void TheGradientIsThatOfTheLossWithTheSameMasks(string parameter)
    {
        const double step = 2e-3;
        Tensor images = LoweringRun.Uniform(new Random(3), 16, 3, 32, 32),
            labels = Tensor.Of([16], [.. Enumerable.Range(0, 16).Select(i => (long)i % 10)]);
        (_, float[] gradient) = FirstStep([]);
        double norm = Math.Sqrt(gradient.Sum(g => (double)g * g));
        (double above, _) = FirstStep([.. gradient.Select(g => step * g / norm)]);
        (double below, _) = FirstStep([.. gradient.Select(g => -step * g / norm)]);
        Assert.AreEqual(norm, (above - below) / (2 * step), 1e-2 * norm,
            "along the gradient the loss rises by its norm; ReLU's and max-pool's corners leave one per cent");

        (double Loss, float[] Gradient) FirstStep(double[] change)
        {
            TrainingArtifacts artifacts = TrainingArtifacts.Read(TestData.Case("vgg_dropout"));
            OrderedDictionary<string, Tensor> initial = StepInitials.From(artifacts.Checkpoint!, StepNames.Beside(artifacts.Training));
            Tensor old = initial[parameter];
            if (change.Length > 0) initial[parameter] = Tensor.Of(old.Dims, [.. old.ToDouble().Zip(change, (p, d) => (float)(p + d))]);
            StepGraph graph = StepGraphBuilder.Build(
                artifacts.Training, artifacts.Prediction, new() { Optimizer = new SgdSettings(), OutputGradients = true, Seed = 1 });
            using StepSession session = new(graph, initial, Device.Cpu);
            using var feeds = new BatchFeeds(new Dictionary<string, Tensor> { [graph.BatchInputs[0]] = images, [graph.BatchInputs[1]] = labels });
            using StepOutputs outputs = session.Step(feeds.Values);
            return (outputs.Scalar(graph.Loss), outputs.Tensor(GradientNames.Of(parameter)).Span<float>().ToArray());
        }
    }

    private static double[] Losses(string run)
    {
        string[] lines = File.ReadAllLines(Path.Combine(run, "metrics.csv"));
        int column = Array.IndexOf(lines[0].Split(','), "loss");
        return [.. lines.Skip(1).Select(line => double.Parse(line.Split(',')[column], System.Globalization.CultureInfo.InvariantCulture))];
    }

    /// <summary>The trace of steps over one batch of 16.</summary>
    private static OrderedDictionary<string, Tensor> Trace(TemporaryFolder folder, string model, int steps, params string[] options)
    {
        var random = new Random(3);
        Tensor images = LoweringRun.Uniform(random, 16, 3, 32, 32);
        Tensor labels = Tensor.Of([16], [.. Enumerable.Range(0, 16).Select(i => (long)i % 10)]);
        var batches = new OrderedDictionary<string, Tensor>();
        for (int i = 0; i < steps; i++)
        {
            batches[$"batch{i}/input0"] = images;
            batches[$"batch{i}/labels"] = labels;
        }
        TensorFile.Write(folder.File("batches.onnx"), batches);
        Verb.Run(
            ["trace", model, "--batches", folder.File("batches.onnx"), "--output", folder.File("trace.onnx"), "--optimizer", "adamw", .. options]);
        return TensorFile.Read(folder.File("trace.onnx"));
    }
}
