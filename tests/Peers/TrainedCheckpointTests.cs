using System.Globalization;
using GraphRewrite.IR;
using GraphRewrite.Serialization;
using TrActOnnx.Tests.Commands;
using TrainingHost.Data;
using TrainingHost.Models;

namespace TrActOnnx.Tests.Peers;

/// <summary>
/// What `train` leaves behind goes on on the genuine runtime as it goes on here: its checkpoint carries parameters, both moments and the step.
/// (Moments lost or a step at 0 change the second loss by far more than the bound.)
/// </summary>
[TestClass]
[TestCategory("Node")]
public sealed class TrainedCheckpointTests
{
    private const int BatchSize = 8;
    private const int Seed = 1;

    /// <summary>Of a loss or, against the largest entry, a parameter.</summary>
    private const double Bound = 1e-4;

    /// <summary>The rate of the genuine runtime in Node: it takes no other, not even the one that a checkpoint records.</summary>
    private const string Rate = "0.001";

    [TestMethod]
    [DataRow("lenet", true)]
    [DataRow("lenet", false)]
    [DataRow("lenet", false, "--ema", "0.99")]
    [DataRow("mobilenet", true)]
    public void GoesOnThereAsHere(string name, bool tract, params string[] others)
    {
        Skipped.UnlessOrtTrainingRuns();
        using var folder = new TemporaryFolder();
        string artifacts = tract ? folder.File("rewritten") : TestData.Case(name), run = folder.File("run");
        if (tract) Verb.Run("rewrite", TestData.Case(name), "--output", artifacts);
        string[] options = ["--model", artifacts, "--data", "synthetic", "--batch-size", $"{BatchSize}",
            "--seed", $"{Seed}", "--lr", Rate, "--schedule", "constant", .. tract ? [] : new[] { "--no-tract" }, .. others];
        Verb.Run(["train", .. options, "--steps", "3", "--output", run]);

        IReadOnlyList<IReadOnlyDictionary<string, Tensor>> batches = SyntheticBatches(artifacts, first: 3, count: 3);
        GenuineRun genuine = OrtTrainingNode.Train(run, [.. batches.Select(batch => batch.Values.ToArray())]);

        TensorFile.Write(folder.File("batches.onnx"), Named(batches));
        Verb.Run(["trace", run, "--batches", folder.File("batches.onnx"), "--lr", Rate,
            "--output", folder.File("trace.onnx"), .. tract ? [] : new[] { "--no-tract" }]);
        OrderedDictionary<string, Tensor> trace = TensorFile.Read(folder.File("trace.onnx"));
        AssertClose(trace["losses"].ToDouble(), genuine.Losses, "trace");

        Verb.Run(["train", .. options, "--steps", "6", "--resume", run]);
        AssertClose(Losses(run)[3..], genuine.Losses, "train --resume");

        // A bias before BatchNormalization has a gradient of zero, whose rounding AdamW scales up to a full step.
        if (name == "mobilenet") return;
        foreach ((string parameter, Tensor there) in genuine.Parameters)
            TrActOnnx.Tests.TrAct.Deviation.AssertWithin(trace[$"after/{parameter}"].ToDouble(), there.ToDouble(), Bound);
    }

    /// <summary>The batches that train takes, by the model's input names.</summary>
    private static List<IReadOnlyDictionary<string, Tensor>> SyntheticBatches(string artifacts, int first, int count)
    {
        TrainableModel model = TrainableModel.Open(artifacts, new());
        var loader = new BatchLoader(ModelData.Open(new() { Data = "synthetic" }, model, Seed).Training, BatchPlan.Training(BatchSize, Seed));
        return [.. loader.Epoch(0, first).Take(count).Select(IReadOnlyDictionary<string, Tensor> (batch) =>
            model.BatchInputs.Zip([.. batch.Inputs, batch.Labels]).ToDictionary(pair => pair.First.Name, pair => ToTensor(pair.Second)))];
    }

    private static Tensor ToTensor(BatchTensor tensor)
    {
        long[] dims = [BatchSize, .. tensor.Example.Dims];
        return tensor.Example.Type == ElementType.Int64 ? Tensor.Of(dims, tensor.Integers) : Tensor.Of(dims, tensor.Floats);
    }

    private static IEnumerable<KeyValuePair<string, Tensor>> Named(IReadOnlyList<IReadOnlyDictionary<string, Tensor>> batches) =>
        from pair in batches.Index()
        from tensor in pair.Item.Values.Index()
        select KeyValuePair.Create(
            tensor.Index == pair.Item.Count - 1 ? $"batch{pair.Index}/labels" : $"batch{pair.Index}/input{tensor.Index}", tensor.Item);

    private static double[] Losses(string run) =>
        [.. File.ReadAllLines(Path.Combine(run, "metrics.csv")).Skip(1)
            .Select(line => double.Parse(line.Split(',')[2], CultureInfo.InvariantCulture))];

    private static void AssertClose(double[] expected, IReadOnlyList<double> losses, string what)
    {
        Assert.HasCount(expected.Length, losses, what);
        for (int step = 0; step < expected.Length; step++)
            Assert.AreEqual(expected[step], losses[step], Bound * expected[step], $"{what}: loss of step {step}");
    }
}
