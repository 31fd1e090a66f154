using GraphRewrite.IR;
using GraphRewrite.Serialization;
using TrActOnnx.Tests.Serialization;
using TrainingHost.Commands;

namespace TrActOnnx.Tests.Commands;

/// <summary>A user's mistake: exit code 2, one line on stderr that names it, and the outputs that were there before untouched.</summary>
[TestClass]
public sealed class BadInputTests
{
    private const string Before = "what was there before";

    private static readonly string Lenet = TestData.Case("lenet");
    private static readonly string Batches = Path.Combine(Lenet, "truth.onnx");

    [TestMethod]
    [DataRow("--lambda", "0", "λ must be a positive finite number")]
    [DataRow("--lambda", "-1", "λ must be a positive finite number")]
    [DataRow("--lambda", "NaN", "λ must be a positive finite number")]
    [DataRow("--layer", "conv7", "conv7")]
    [DataRow("--lr", "-1", "--lr -1: must be a finite number, 0 or above")]
    [DataRow("--lr", "much", "much")]
    [DataRow("--momentum", "0.9", "AdamW has no such constant")]
    [DataRow("--momentum", "1", "--momentum 1: must be 0 or above, and below 1")]
    [DataRow("--adam-mode", "2", "--adam-mode 2: there are 0 and 1")]
    [DataRow("--optimizer", "lion", "--optimizer lion: there are sgd and adamw")]
    [DataRow("--decay", "vectors", "--decay vectors: there are all and matrices")]
    [DataRow("--clip-norm", "0", "--clip-norm 0: must be above 0")]
    [DataRow("--clip-norm", "-1", "--clip-norm -1: must be a finite number, 0 or above")]
    [DataRow("--device", "tpu", "--device tpu: there are cpu and cuda")]
    [DataRow("--device", "cuda", "built without CUDA")]
    [DataRow("--threads", "0", "--threads 0: must be at least 1")]
    [DataRow("--colour", "red", "--colour")]
    public void Option(string option, string value, string message) => Refused(message, ["trace", Lenet, "--batches", Batches, option, value]);

    [TestMethod]
    public void FreezeThatMatchesNothing() =>
        Refused("--freeze conv7.*: matches none of conv1.weight, conv1.bias, ",
            ["trace", Path.Combine(Lenet, "forward.onnx"), "--batches", Batches, "--freeze", "conv7.*"]);

    [TestMethod]
    [DataRow("training_model.onnx")]
    [DataRow("eval_model.onnx")]
    [DataRow("optimizer_model.onnx")]
    [DataRow("checkpoint")]
    public void MissingFile(string file)
    {
        using TemporaryFolder artifacts = TemporaryFolder.CopyOf(Lenet);
        File.Delete(Path.Combine(artifacts.Path, file));
        Refused($"{file} missing", ["trace", artifacts.Path, "--batches", Batches]);
    }

    [TestMethod]
    [DataRow("training_model.onnx", 1000)]
    [DataRow("training_model.onnx", 0)]
    [DataRow("eval_model.onnx", 777)]
    [DataRow("optimizer_model.onnx", 100)]
    [DataRow("checkpoint", 5000)]
    [DataRow("checkpoint", 3)]
    public void TruncatedFile(string file, int length)
    {
        using TemporaryFolder artifacts = TemporaryFolder.CopyOf(Lenet);
        string path = Path.Combine(artifacts.Path, file);
        File.WriteAllBytes(path, File.ReadAllBytes(path)[..length]);
        Refused(file, ["trace", artifacts.Path, "--batches", Batches]);
    }

    [TestMethod]
    [DataRow("training_model.onnx")]
    [DataRow("checkpoint")]
    public void RandomFile(string file)
    {
        using TemporaryFolder artifacts = TemporaryFolder.CopyOf(Lenet);
        var random = new byte[4096];
        new Random(1).NextBytes(random);
        File.WriteAllBytes(Path.Combine(artifacts.Path, file), random);
        Refused(file, ["trace", artifacts.Path, "--batches", Batches]);
    }

    [TestMethod]
    public void NoSuchModel() => Refused("no such file or folder", ["trace", "models/nowhere", "--batches", Batches]);

    [TestMethod]
    public void FilesOfTwoModels()
    {
        using TemporaryFolder artifacts = TemporaryFolder.CopyOf(Lenet);
        File.Copy(Path.Combine(TestData.Case("conv1d"), "checkpoint"), Path.Combine(artifacts.Path, "checkpoint"), overwrite: true);
        Refused("do not belong together", ["trace", artifacts.Path, "--batches", Batches]);
    }

    [TestMethod]
    public void AlreadyRewritten()
    {
        using var folder = new TemporaryFolder();
        string rewritten = Path.Combine(folder.Path, "rewritten");
        Assert.AreEqual(0, CommandLine.Run(["rewrite", Lenet, "--output", rewritten], TextWriter.Null, Console.Error));
        AssertOneLine(["rewrite", rewritten, "--output", folder.File("again")], "already");
        Refused("--no-tract needs the plain ones", ["trace", rewritten, "--batches", Batches, "--no-tract"]);
        Refused("--layer needs the plain ones", ["trace", rewritten, "--batches", Batches, "--layer", "conv1.weight"]);
    }

    [TestMethod]
    public void BatchOfWrongShape() =>
        RefusedBatch("the model's input 'input' takes", tensors => tensors["batch0/input0"] = Tensor.Filled(ElementType.Float, [8, 1, 27, 28], 0));

    [TestMethod]
    public void BatchOfWrongType() => RefusedBatch("the model's input 'input' takes",
        tensors => tensors["batch0/input0"] = Tensor.Filled(ElementType.Double, tensors["batch0/input0"].Dims, 0));

    [TestMethod]
    public void BatchWithNaN() => RefusedBatch(
        "holds NaN or infinity", tensors => tensors["batch1/input0"] = Tensor.Filled(ElementType.Float, tensors["batch1/input0"].Dims, double.NaN));

    [TestMethod]
    [DataRow(10)]
    [DataRow(-1)]
    public void LabelOutOfRange(int label) =>
        RefusedBatch($"holds {label}; the model has 10 classes",
            tensors => tensors["batch2/labels"] = Tensor.Filled(ElementType.Int64, tensors["batch2/labels"].Dims, label));

    [TestMethod]
    public void BatchWithoutLabels() => RefusedBatch("'batch0/labels' is missing", tensors => tensors.Remove("batch0/labels"));

    [TestMethod]
    public void BatchOfUnequalCounts() => RefusedBatch(
        "'batch' is 16 in 'input', 2 in 'labels'", tensors => tensors["batch0/labels"] = Tensor.Vector(1L, 2L));

    [TestMethod]
    public void GradientOfAFolder() => Refused($"{Lenet}: is a folder; give a forward .onnx.", ["gradient", Lenet, "--wrt", "*"]);

    [TestMethod]
    public void NoBatches() => Refused("holds no batch", ["trace", Lenet, "--batches", Path.Combine(Lenet, "forward.onnx")]);

    [TestMethod]
    public void OutputBelowAFile()
    {
        using var folder = new TemporaryFolder();
        string file = Path.Combine(folder.Path, "file");
        File.WriteAllText(file, Before);
        AssertOneLine(["trace", Lenet, "--batches", Batches, "--output", Path.Combine(file, "trace.onnx")], "cannot be written");
        Assert.AreEqual(Before, File.ReadAllText(file));
    }

    [TestMethod]
    public void OutputOnAFullDisk()
    {
        using var folder = new TemporaryFolder();
        string output = Path.Combine(folder.Path, "trace.onnx");
        File.WriteAllText(output, Before);
        Assert.IsTrue(FileFaults.With(Fault.FullDisk, 1, () =>
        {
            AssertOneLine(["trace", Lenet, "--batches", Batches, "--output", output], "cannot be written");
            return true;
        }).HasFailed);
        Assert.AreEqual(Before, File.ReadAllText(output));
        Assert.HasCount(1, Directory.GetFileSystemEntries(folder.Path));
    }

    private static void RefusedBatch(string message, Action<OrderedDictionary<string, Tensor>> change)
    {
        using var folder = new TemporaryFolder();
        OrderedDictionary<string, Tensor> tensors = TensorFile.Read(Batches);
        change(tensors);
        string path = Path.Combine(folder.Path, "batches.onnx");
        TensorFile.Write(path, tensors.Where(pair => pair.Key.StartsWith("batch", StringComparison.Ordinal)));
        Refused(message, ["trace", Lenet, "--batches", path]);
    }

    /// <summary>Runs with an output that exists already: it must still be the old one.</summary>
    private static void Refused(string message, string[] args)
    {
        using var folder = new TemporaryFolder();
        string output = Path.Combine(folder.Path, "out.onnx");
        File.WriteAllText(output, Before);
        AssertOneLine([.. args, "--output", output], message);
        Assert.AreEqual(Before, File.ReadAllText(output));
        Assert.HasCount(1, Directory.GetFileSystemEntries(folder.Path));
    }

    private static void AssertOneLine(string[] args, string message)
    {
        var error = new StringWriter();
        Assert.AreEqual(2, CommandLine.Run(args, TextWriter.Null, error), error.ToString());
        string text = error.ToString();
        Assert.Contains(message, text);
        Assert.HasCount(2, text.Split('\n'), text);
        Assert.DoesNotContain("   at ", text);
    }
}
