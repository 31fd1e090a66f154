using GraphRewrite.IR;
using GraphRewrite.Serialization;
using GraphRewrite.StepGraphs;
using TrainingHost.Models;
using TrainingHost.Runtime;

namespace TrActOnnx.Tests.Commands;

/// <summary>
/// What `lower` promises to other programs: the names of the step graph, an initial value for every input that is no batch, and that a loop of
/// "feed, run, let X be X.new" trains as `trace` does.
/// </summary>
[TestClass]
public sealed class LowerCommandTests
{
    private static readonly string[] Sgd = ["--optimizer", "sgd", "--momentum", "0.9", "--weight-decay", "0.01"];

    public static IEnumerable<object[]> Rows =>
        from row in new (string Name, bool Tract, string[] Options, string[] Moments)[]
        {
            ("lenet", false, [], ["m", "v"]),
            ("lenet", true, [], ["m", "v"]),
            ("lenet", false, Sgd, ["m"]),
            ("lenet", false, ["--adam-mode", "0", "--epsilon", "1e-3", "--weight-decay", "0.1"], ["m", "v"]),
            ("mlp_sgd", false, [], []),
            ("mobilenet", false, [], ["m", "v"]),
            ("twotower", true, [], []),
        }
        from sized in new[] { false, true }
        select new object[] { row.Name, row.Tract, row.Options, row.Moments, sized };

    [TestMethod]
    [DynamicData(nameof(Rows))]
    public void ALoopOverTheStepGraphTrainsAsTraceDoes(string name, bool tract, string[] options, string[] moments, bool sized)
    {
        var reference = ReferenceCase.Read(name);
        using var folder = new TemporaryFolder();
        string artifacts = reference.Folder, step = folder.File("step.onnx"), trace = folder.File("trace.onnx");
        if (tract) Verb.Run("rewrite", reference.Folder, "--output", artifacts = folder.File("rewritten"));
        string[] all = ["--lr", FormattableString.Invariant($"{reference.LearningRate}"), .. options];
        string[] size = sized ? ["--batch-size", $"{reference.Batches[0][0].Dims[0]}"] : [];
        Verb.Run(["lower", artifacts, "--output", step, .. all, .. size]);
        Verb.Run(["trace", artifacts, "--batches", Path.Combine(reference.Folder, "truth.onnx"),
            "--output", trace, .. all, .. tract ? [] : new[] { "--no-tract" }]);

        Model model = OnnxReader.Read(step);
        OrderedDictionary<string, Tensor> initial = TensorFile.Read(folder.File("step.init.onnx"));
        TrainableModel about = TrainableModel.Open(artifacts, new());
        CheckNames(model.Graph, initial, about, moments, tract);
        double[] expected = TensorFile.Read(trace)["losses"].ToDouble();
        double[] losses = Loop(model, initial, about, reference.Batches);
        Assert.HasCount(expected.Length, losses);
        for (int i = 0; i < losses.Length; i++) Assert.AreEqual(expected[i], losses[i], 1e-6 * expected[i], $"loss of step {i}");
    }

    [TestMethod]
    [DataRow("lenet")]
    [DataRow("mobilenet")]
    public void TwoRunsGiveTheSameBytes(string name)
    {
        using TemporaryFolder first = new(), second = new();
        foreach (TemporaryFolder folder in new[] { first, second })
            Verb.Run("lower", TestData.Case(name), "--output", folder.File("step.onnx"), "--batch-size", "8");
        foreach (string file in new[] { "step.onnx", "step.init.onnx" })
            CollectionAssert.AreEqual(File.ReadAllBytes(first.File(file)), File.ReadAllBytes(second.File(file)), file);
    }

    private static void CheckNames(Graph graph, OrderedDictionary<string, Tensor> initial, TrainableModel about, string[] moments, bool tract)
    {
        string[] parameters = [.. about.Training.Trainable], batch = [.. about.Training.BatchInputs];
        string[] state = [.. parameters, .. parameters.SelectMany(p => moments.Select(moment => $"{p}.{moment}")), "step"];
        string[] inputs = [.. batch, .. state, .. about.Training.Frozen, "learning_rate", .. tract ? ["tract.lambda"] : Array.Empty<string>()];
        string[] statistics = [.. about.Training.Frozen.Where(frozen => frozen.Contains("running_", StringComparison.Ordinal))];
        string[] outputs = [about.Training.Loss, about.Prediction, .. state.Concat(statistics).Select(changing => $"{changing}.new")];
        CollectionAssert.AreEquivalent(inputs, graph.Inputs.Select(input => input.Name).ToArray());
        CollectionAssert.AreEquivalent(outputs, graph.Outputs.Select(output => output.Name).ToArray());
        CollectionAssert.AreEquivalent(inputs.Except(batch).ToArray(), initial.Keys.ToArray());
        foreach ((string input, Tensor value) in initial)
        {
            Assert.AreEqual(graph.Get(input).Type, value.Type, input);
            CollectionAssert.AreEqual(graph.Get(input).Shape!.Extents().ToArray(), value.Dims.ToArray(), input);
            if (about.Initial.TryGetValue(input, out Tensor? own)) CollectionAssert.AreEqual(own.ToDouble(), value.ToDouble(), input);
        }
    }

    private static double[] Loop(Model model, OrderedDictionary<string, Tensor> initial,
        TrainableModel about, IReadOnlyList<IReadOnlyList<Tensor>> batches)
    {
        var values = new Dictionary<string, Tensor>(initial);
        var losses = new List<double>();
        foreach (IReadOnlyList<Tensor> batch in batches)
        {
            foreach ((string name, Tensor tensor) in about.Training.BatchInputs.Zip(batch)) values[name] = tensor;
            IReadOnlyDictionary<string, Tensor> outputs = new OrtGraphRunner().Run(model, values);
            losses.Add(outputs[about.Training.Loss].ToDouble()[0]);
            foreach (string name in values.Keys.Where(name => outputs.ContainsKey(StepGraph.New(name))).ToArray())
                values[name] = outputs[StepGraph.New(name)];
        }
        return [.. losses];
    }
}
