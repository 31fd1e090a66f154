using System.Globalization;
using System.Text.Json;
using GraphRewrite.Artifacts;
using GraphRewrite.IR;
using GraphRewrite.IR.Building;
using GraphRewrite.Serialization;
using TrainingHost.Commands;

namespace TrActOnnx.Tests.Commands;

/// <summary>
/// The losses' options reach the graph: of a model y = x W with W = 1, whose prediction is the batch itself, trace says what the formula says in
/// float64, and artifacts with the loss in them are read back with the same prediction.
/// </summary>
[TestClass]
public sealed class LossOptionsTests
{
    private const int Examples = 4, Classes = 3;

    private static readonly double[][] X = [[0.5, -1.25, 2], [1.5, 0.25, -0.75], [-2, 1, 0.125], [0.75, 3, -1.5]];
    private static readonly double[][] T = [[0.25, 0.5, 0.25], [0, 1, 0], [0.5, 0.5, 0], [0.125, 0.25, 0.625]];
    private static readonly long[] Labels = [2, 0, 1, 1];
    private static readonly double[] Weights = [0.5, 2, 1.25];

    /// <summary>Name, arguments, labels, the loss in float64.</summary>
    public static IEnumerable<object[]> Rows =>
    [
        Row("label smoothing", "--label-smoothing 0.1", Indices(), CrossEntropy((i, c) => (Labels[i] == c ? 0.9 : 0) + (0.1 / 3)) / 4),
        Row("class weights", "--class-weights 0.5,2,1.25", Indices(),
            CrossEntropy((i, c) => Labels[i] == c ? Weights[c] : 0) / Labels.Sum(label => Weights[label])),
        Row("ignored -100", "--ignore-index -100", Indices(-100), CrossEntropy((i, c) => i != 1 && Labels[i] == c ? 1 : 0) / 3),
        Row("ignored 255, weights, smoothing", "--ignore-index 255 --class-weights 0.5,2,1.25 --label-smoothing 0.2", Indices(255),
            CrossEntropy((i, c) => i == 1 ? 0 : Weights[c] * ((Labels[i] == c ? 0.8 : 0) + (0.2 / 3)))
            / Labels.Where((_, i) => i != 1).Sum(label => Weights[label])),
        Row("sum", "--reduction sum", Indices(), CrossEntropy((i, c) => Labels[i] == c ? 1 : 0)),
        Row("soft targets", "--soft-targets", Soft(), CrossEntropy((i, c) => T[i][c]) / 4),
        Row("soft targets, weights, smoothing", "--soft-targets --class-weights 0.5,2,1.25 --label-smoothing 0.1", Soft(),
            CrossEntropy((i, c) => Weights[c] * ((0.9 * T[i][c]) + (0.1 / 3))) / 4),
        Row("pos_weight", "--loss bce-with-logits --pos-weight 0.5,2,1.25", Soft(),
            Elements((x, t, c) => (Weights[c] * t * Softplus(-x)) + ((1 - t) * Softplus(x))) / 12),
        Row("one pos_weight, sum", "--loss bce-with-logits --pos-weight 3 --reduction sum", Soft(),
            Elements((x, t, _) => (3 * t * Softplus(-x)) + ((1 - t) * Softplus(x)))),
        Row("δ", "--loss huber --delta 0.5", Soft(),
            Elements((x, t, _) => Math.Abs(x - t) < 0.5 ? (x - t) * (x - t) / 2 : 0.5 * (Math.Abs(x - t) - 0.25)) / 12),
        Row("β", "--loss smooth-l1 --beta 2", Soft(),
            Elements((x, t, _) => Math.Abs(x - t) < 2 ? (x - t) * (x - t) / 4 : Math.Abs(x - t) - 1) / 12),
        Row("kl-div", "--loss kl-div", Soft(), Elements((x, t, _) => t == 0 ? 0 : t * (Math.Log(t) - x)) / 4),
        Row("kl-div, mean", "--loss kl-div --reduction mean", Soft(), Elements((x, t, _) => t == 0 ? 0 : t * (Math.Log(t) - x)) / 12),
        Row("kl-div, log_target", "--loss kl-div --log-target", Soft(), Elements((x, t, _) => Math.Exp(t) * (t - x)) / 4),
    ];

    [TestMethod]
    [DynamicData(nameof(Rows))]
    public void IsTheFormula(string what, string options, Tensor labels, double expected)
    {
        using var folder = new TemporaryFolder();
        string model = Model(folder), artifacts = folder.File("artifacts");
        string[] given = options.Split(' ');
        Verb.Run(["artifacts", model, "--output", artifacts, .. given]);
        Assert.AreEqual("y", TrainingArtifacts.Read(artifacts).Prediction, what);
        Assert.AreEqual(expected, Loss(folder, model, labels, given), 1e-6 * Math.Abs(expected), what);
        Assert.AreEqual(expected, Loss(folder, artifacts, labels), 1e-6 * Math.Abs(expected), $"{what}, from artifacts");
    }

    [TestMethod]
    public void Int32LabelsAreTaken()
    {
        using var folder = new TemporaryFolder();
        Tensor labels = Tensor.Of([Examples], [.. Labels.Select(label => (int)label)]);
        Assert.AreEqual(CrossEntropy((i, c) => Labels[i] == c ? 1 : 0) / 4, Loss(folder, Model(folder), labels), 1e-6);
    }

    /// <summary>Rows whose label is ignored count neither in the loss nor in the accuracy, in whatever batch they come, alone too.</summary>
    [TestMethod]
    [DataRow(1)]
    [DataRow(3)]
    [DataRow(4)]
    public void IgnoredRowsOfATable(int batchSize)
    {
        using var folder = new TemporaryFolder();
        string model = Model(folder), artifacts = folder.File("artifacts"), table = folder.File("table.csv");
        IEnumerable<string> rows = Indices(255).ToInt64().Select((label, i) => string.Create(
            CultureInfo.InvariantCulture, $"{X[i][0]},{X[i][1]},{X[i][2]},{label}"));
        File.WriteAllLines(table, ["a,b,c,class", .. rows]);
        string[] data = ["--data", table, "--label", "class", "--mean", "0,0,0", "--std", "1,1,1", "--batch-size", $"{batchSize}"];
        Verb.Run("artifacts", model, "--output", artifacts, "--ignore-index", "255");
        using var json = JsonDocument.Parse(Verb.Run(["evaluate", artifacts, "--json", .. data]));
        Assert.AreEqual(CrossEntropy((i, c) => i != 1 && Labels[i] == c ? 1 : 0) / 3, json.RootElement.GetProperty("loss").GetDouble(), 1e-6);
        Assert.AreEqual(1, json.RootElement.GetProperty("top1").GetDouble(), "the ignored row's own class is no other row's");

        string run = folder.File("run");
        Verb.Run(["train", model, "--ignore-index", "255", "--steps", "1", "--no-tract", "--lr", "1e-9", "--output", run, .. data[..^1], "4"]);
        StringAssert.Contains(File.ReadAllText(Path.Combine(run, "metrics.jsonl")), "\"accuracy\":1,");
    }

    /// <summary>Each output by a loss and with labels of its own, weighed.</summary>
    [TestMethod]
    public void SeveralOutputs()
    {
        using var folder = new TemporaryFolder();
        double classes = CrossEntropy((i, c) => Labels[i] == c ? 1 : 0) / 4, values = Elements((x, t, _) => Math.Abs((2 * x) - t)) / 12;
        string[] options = ["--predict", "y", "--predict", "z=0.25", "--loss", "cross-entropy", "--loss", "l1"];
        Assert.AreEqual(classes + (0.25 * values), Loss(folder, Model(folder), Indices(), options, ("input1", Soft())), 1e-6);
    }

    [TestMethod]
    public void SharedLabels()
    {
        using var folder = new TemporaryFolder();
        double y = Elements((x, t, _) => Math.Abs(x - t)) / 12, z = Elements((x, t, _) => Math.Abs((2 * x) - t)) / 12;
        string[] options = ["--predict", "y", "--predict", "z=0.5", "--loss", "l1", "--shared-labels"];
        Assert.AreEqual(y + (0.5 * z), Loss(folder, Model(folder), Soft(), options), 1e-6);
    }

    [TestMethod]
    public void AChosenOutput()
    {
        using var folder = new TemporaryFolder();
        double expected = Elements((x, t, _) => Math.Abs((2 * x) - t)) / 12;
        Assert.AreEqual(expected, Loss(folder, Model(folder), Soft(), "--predict", "z", "--loss", "l1"), 1e-6);
    }

    /// <summary>The model compares with labels itself; TrAct finds its first layer all the same.</summary>
    [TestMethod]
    public void AnOutputThatIsTheLoss()
    {
        using var folder = new TemporaryFolder();
        string model = Model(folder, (op, y) =>
        {
            Value labels = op.Graph.AddInput("target", ElementType.Int64, Shape.Of(Dim.Symbol("batch")));
            return [op.Op("SoftmaxCrossEntropyLoss", [y, labels])]; // one output: its gradient wants a second one
        }), artifacts = folder.File("artifacts");
        double expected = CrossEntropy((i, c) => Labels[i] == c ? 1 : 0) / 4;
        Assert.AreEqual(expected, Loss(folder, model, Indices(), "--loss", "output"), 1e-6);
        Verb.Run("artifacts", model, "--output", artifacts, "--loss", "output");
        Assert.AreEqual(expected, Loss(folder, artifacts, Indices()), 1e-6);
        Assert.Contains("TrAct would be: TrAct", Verb.Run("inspect", artifacts));
    }

    [TestMethod]
    [DataRow("--label-smoothing 1.5", "label smoothing 1.5 is not between 0 and 1")]
    [DataRow("--class-weights 1,2", "there are 2 class weights, but 'y' is [batch, 3]: 3 classes")]
    [DataRow("--class-weights 1,x", "--class-weights 1,x: 'x' is no number")]
    [DataRow("--delta 2", "--delta: does not go with --loss cross-entropy")]
    [DataRow("--loss huber --beta 2", "--beta: does not go with --loss huber")]
    [DataRow("--loss huber --delta 0", "δ = 0 is not above 0")]
    [DataRow("--loss mse --reduction batchmean", "a mean over the batch is of kl-div alone, not of mse")]
    [DataRow("--reduction none", "--reduction none: there are mean, sum and batchmean")]
    [DataRow("--predict w", "--predict w: no such output; the model has 'y', 'z'")]
    [DataRow("--loss mse --loss l1", "--loss: 2 are given for 0 outputs of --predict")]
    public void Refused(string options, string message)
    {
        using var folder = new TemporaryFolder();
        var error = new StringWriter();
        string[] args = ["artifacts", Model(folder), "--output", folder.File("artifacts"), .. options.Split(' ')];
        Assert.AreEqual(2, CommandLine.Run(args, TextWriter.Null, error), error.ToString());
        Assert.Contains(message, error.ToString());
    }

    private static object[] Row(string what, string options, Tensor labels, double expected) => [what, options, labels, expected];

    /// <summary>The class of each example; that of the second may be another number.</summary>
    private static Tensor Indices(long? second = null) => Tensor.Of([Examples], [.. Labels.Select((label, i) => i == 1 ? second ?? label : label)]);

    private static Tensor Soft() => Floats(T);

    private static Tensor Floats(double[][] rows) => Tensor.Of([Examples, Classes], [.. rows.SelectMany(row => row).Select(x => (float)x)]);

    /// <summary>−Σ q ln softmax(x).</summary>
    private static double CrossEntropy(Func<int, int, double> q) => Enumerable.Range(0, Examples).Sum(i =>
        Enumerable.Range(0, Classes).Sum(c => -q(i, c) * (X[i][c] - Math.Log(X[i].Sum(Math.Exp)))));

    private static double Elements(Func<double, double, int, double> loss) => Enumerable.Range(0, Examples).Sum(i =>
        Enumerable.Range(0, Classes).Sum(c => loss(X[i][c], T[i][c], c)));

    private static double Softplus(double x) => Math.Log(1 + Math.Exp(x));

    /// <summary>y = x W, and beside it z = 2 y.</summary>
    private static string Model(TemporaryFolder folder) => Model(folder, (op, y) => [y, y + y]);

    private static string Model(TemporaryFolder folder, Func<OpBuilder, Value, Value[]> outputs)
    {
        var graph = new Graph("model", new Dictionary<string, long> { [OpId.Onnx] = 17 });
        using OpBuilder op = graph.BuildAtEnd("layer");
        Value w = graph.AddInitializer("layer.weight", Tensor.Of([3, 3], [1f, 0, 0, 0, 1, 0, 0, 0, 1]));
        Value[] all = outputs(op, op.MatMul(graph.AddInput("x", ElementType.Float, Shape.Of(Dim.Symbol("batch"), Classes)), w));
        foreach ((Value output, string name) in all.Zip(["y", "z"]))
        {
            graph.Rename(output, name);
            graph.MarkOutput(output);
        }
        string path = folder.File("model.onnx");
        OnnxWriter.Write(new Model(graph), path);
        return path;
    }

    private static double Loss(TemporaryFolder folder, string model, Tensor labels, params string[] options) =>
        Loss(folder, model, labels, options, []);

    private static double Loss(TemporaryFolder folder, string model, Tensor labels, string[] options, params (string Name, Tensor Tensor)[] more)
    {
        string batches = folder.File("batches.onnx"), trace = folder.File("trace.onnx");
        TensorFile.Write(batches, [new("batch0/input0", Floats(X)), .. more.Select(
            extra => new KeyValuePair<string, Tensor>($"batch0/{extra.Name}", extra.Tensor)), new("batch0/labels", labels)]);
        Verb.Run(["trace", model, "--batches", batches, "--output", trace, "--no-tract", .. options]);
        return TensorFile.Read(trace)["losses"].ToDouble()[0];
    }
}
