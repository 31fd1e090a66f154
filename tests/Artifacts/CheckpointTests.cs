using GraphRewrite.Artifacts;
using GraphRewrite.Diagnostics;
using GraphRewrite.IR;
using GraphRewrite.Serialization;

namespace TrActOnnx.Tests.Artifacts;

[TestClass]
public sealed class CheckpointTests
{
    public static IEnumerable<object[]> All => Files("checkpoint*");

    public static IEnumerable<object[]> Fresh => Files("checkpoint");

    public static IEnumerable<object[]> Trained => Files("checkpoint.after");

    [TestMethod]
    public void EveryKindOfFileIsHere()
    {
        Assert.AreEqual(28, Fresh.Count());
        Assert.AreEqual(4, Trained.Count());
    }

    [TestMethod]
    [DynamicData(nameof(Fresh))]
    public void ParametersAreTheForwardModelsInitializers(string file)
    {
        Checkpoint checkpoint = Checkpoint.Read(Path.Combine(TestData.Cases, file));
        Graph forward = OnnxReader.Read(Path.Combine(TestData.Cases, Path.GetDirectoryName(file)!, "forward.onnx")).Graph;
        Assert.AreEqual(2, checkpoint.Version);
        Assert.IsFalse(checkpoint.IsNominal);
        Assert.IsEmpty(checkpoint.OptimizerGroups);
        Assert.IsNotEmpty(checkpoint.Trainable);
        foreach ((string name, Tensor tensor) in checkpoint.Trainable.Concat(checkpoint.Frozen))
            AssertSame(forward.Get(name).Initializer!, tensor, name);
    }

    // 1.19.2 computes in float32, the truth in float64; rounding over five steps stays below 1e-5 of the larger of entry and step
    // (Adam's steps are of the size of the rate).
    [TestMethod]
    [DynamicData(nameof(Trained))]
    public void ParametersAfterTrainingAreTheTruths(string file)
    {
        Checkpoint checkpoint = Checkpoint.Read(Path.Combine(TestData.Cases, file));
        Graph truth = OnnxReader.Read(Path.Combine(TestData.Cases, Path.GetDirectoryName(file)!, "truth.onnx")).Graph;
        int compared = 0;
        foreach ((string name, Tensor tensor) in checkpoint.Trainable)
        {
            if (truth.Find($"plain/after/{name}")?.Initializer is not { } expected) continue;
            double scale = Math.Max(expected.ToDouble().Max(Math.Abs), 1e-3 * checkpoint.OptimizerGroups[0].Step);
            foreach ((double want, double got) in expected.ToDouble().Zip(tensor.ToDouble())) Assert.AreEqual(want, got, 1e-5 * scale, name);
            compared++;
        }
        Assert.IsGreaterThan(4, compared);
    }

    [TestMethod]
    [DataRow("lenet", 2, 5)]
    [DataRow("mlp", 2, 5)]
    [DataRow("mlp_sgd", 1, 5)]
    [DataRow("vit_conv", 2, 4)]
    public void OptimizerStateBelongsToTheTrainableParameters(string name, int moments, long steps)
    {
        Checkpoint checkpoint = Checkpoint.Read(Path.Combine(TestData.Case(name), "checkpoint.after"));
        OptimizerGroup group = checkpoint.OptimizerGroups.Single();
        Assert.AreEqual("group0", group.Name);
        Assert.AreEqual(steps, group.Step);
        Assert.AreEqual(0.001f, group.InitialLearningRate);
        CollectionAssert.AreEqual(checkpoint.Trainable.Keys, group.Momentums.Keys);
        foreach ((string parameter, OrderedDictionary<string, Tensor> momentums) in group.Momentums)
        {
            CollectionAssert.AreEqual(new[] { "momentum0", "momentum1" }[..moments], momentums.Keys);
            foreach (Tensor moment in momentums.Values)
                CollectionAssert.AreEqual(checkpoint.Trainable[parameter].Dims.ToArray(), moment.Dims.ToArray());
            if (moments == 2) Assert.IsTrue(momentums["momentum1"].ToDouble().All(v => v >= 0), $"{parameter}: AdamW's v is a mean of squares");
        }
    }

    [TestMethod]
    [DataRow("lenet/checkpoint", "conv1.weight conv1.bias conv2.weight conv2.bias fc1.weight fc1.bias fc2.weight fc2.bias")]
    [DataRow("lenet/checkpoint.after", "conv1.bias conv1.weight conv2.bias conv2.weight fc1.bias fc1.weight fc2.bias fc2.weight")]
    public void OrderIsTheFiles(string file, string names) =>
        Assert.AreEqual(names, string.Join(' ', Checkpoint.Read(Path.Combine(TestData.Cases, file)).Trainable.Keys));

    [TestMethod]
    public void FrozenParametersAreKeptApart() =>
        CollectionAssert.AreEqual(new[] { "hidden.1.weight", "hidden.1.bias" },
            Checkpoint.Read(Path.Combine(TestData.Case("mlp_frozen"), "checkpoint")).Frozen.Keys);

    [TestMethod]
    [DynamicData(nameof(All))]
    public void WrittenFileReadsEqualAndIsTheSameEachTime(string file)
    {
        Checkpoint read = Checkpoint.Read(Path.Combine(TestData.Cases, file));
        byte[] written = Bytes(read);
        var again = Checkpoint.Parse(written, file);
        AssertSame(read, again);
        CollectionAssert.AreEqual(written, Bytes(again));
    }

    internal static byte[] Bytes(Checkpoint checkpoint)
    {
        using var file = new MemoryStream();
        CheckpointWriter.Write(checkpoint, file);
        return file.ToArray();
    }

    [TestMethod]
    public void EveryFieldSurvives()
    {
        Checkpoint checkpoint = Sample();
        var again = Checkpoint.Parse(Bytes(checkpoint), "sample");
        AssertSame(checkpoint, again);
        Assert.IsTrue(again.IsNominal);
        Assert.AreEqual(-3, again.Properties.Ints["epoch"]);
        Assert.AreEqual(0.5f, again.Properties.Floats["best"]);
        Assert.AreEqual("zwölf", again.Properties.Strings["note"]);
    }

    [TestMethod]
    public void DataIsAligned()
    {
        byte[] bytes = Bytes(Sample());
        Assert.AreEqual(0, bytes.AsSpan().IndexOf(new byte[] { 1, 2, 3, 4, 5, 6, 7 }) % 16);
    }

    [TestMethod]
    public void UnwritableFolderLeavesTheOldFile()
    {
        string folder = Directory.CreateTempSubdirectory().FullName;
        string path = Path.Combine(folder, "checkpoint");
        Sample().Write(path);
        AssertSame(Sample(), Checkpoint.Read(path));
        var error = Assert.ThrowsExactly<GraphRewriteException>(() => Sample().Write(Path.Combine(path, "below", "a", "file")));
        StringAssert.Contains(error.Message, "cannot be written");
        CollectionAssert.AreEqual(new[] { path }, Directory.GetFiles(folder));
        Directory.Delete(folder, recursive: true);
    }

    internal static Checkpoint Sample()
    {
        var checkpoint = new Checkpoint { IsNominal = true };
        checkpoint.Trainable.Add("w", Tensor.Of([2L, 2], 1f, -2f, 0.25f, float.NaN));
        checkpoint.Trainable.Add("scalar", Tensor.Scalar(3.5));
        checkpoint.Trainable.Add("empty", Tensor.Of<float>([0]));
        checkpoint.Frozen.Add("bytes", Tensor.Vector<byte>(1, 2, 3, 4, 5, 6, 7));
        checkpoint.Frozen.Add("count", Tensor.Vector(long.MinValue, long.MaxValue));
        var group = new OptimizerGroup("group0") { Step = 1L << 40, InitialLearningRate = 1e-3f };
        group.Momentums.Add("w", new() { ["momentum0"] = Tensor.Of([2L, 2], 1f, 2f, 3f, 4f), ["momentum1"] = Tensor.Of([2L, 2], 5f, 6f, 7f, 8f) });
        checkpoint.OptimizerGroups.Add(group);
        checkpoint.OptimizerGroups.Add(new("group1"));
        checkpoint.Properties.Ints.Add("epoch", -3);
        checkpoint.Properties.Floats.Add("best", 0.5f);
        checkpoint.Properties.Strings.Add("note", "zwölf");
        checkpoint.Properties.Strings.Add("nothing", "");
        return checkpoint;
    }

    internal static void AssertSame(Checkpoint expected, Checkpoint actual)
    {
        Assert.AreEqual(expected.Version, actual.Version);
        Assert.AreEqual(expected.IsNominal, actual.IsNominal);
        AssertSame(expected.Trainable, actual.Trainable, "trainable");
        AssertSame(expected.Frozen, actual.Frozen, "frozen");
        Assert.HasCount(expected.OptimizerGroups.Count, actual.OptimizerGroups);
        foreach ((OptimizerGroup want, OptimizerGroup got) in expected.OptimizerGroups.Zip(actual.OptimizerGroups))
        {
            Assert.AreEqual((want.Name, want.Step, want.InitialLearningRate), (got.Name, got.Step, got.InitialLearningRate));
            CollectionAssert.AreEqual(want.Momentums.Keys, got.Momentums.Keys);
            foreach ((string parameter, OrderedDictionary<string, Tensor> momentums) in want.Momentums)
                AssertSame(momentums, got.Momentums[parameter], parameter);
        }
        CollectionAssert.AreEqual(expected.Properties.Ints.ToArray(), actual.Properties.Ints.ToArray());
        CollectionAssert.AreEqual(expected.Properties.Floats.ToArray(), actual.Properties.Floats.ToArray());
        CollectionAssert.AreEqual(expected.Properties.Strings.ToArray(), actual.Properties.Strings.ToArray());
    }

    private static void AssertSame(OrderedDictionary<string, Tensor> expected, OrderedDictionary<string, Tensor> actual, string where)
    {
        CollectionAssert.AreEqual(expected.Keys, actual.Keys, where);
        foreach ((string name, Tensor tensor) in expected) AssertSame(tensor, actual[name], $"{where} {name}");
    }

    private static void AssertSame(Tensor expected, Tensor actual, string where)
    {
        Assert.AreEqual(expected.Type, actual.Type, where);
        CollectionAssert.AreEqual(expected.Dims.ToArray(), actual.Dims.ToArray(), where);
        Assert.IsTrue(expected.Data.Span.SequenceEqual(actual.Data.Span), $"{where}: other values");
    }

    private static IEnumerable<object[]> Files(string pattern) => Directory.EnumerateFiles(TestData.Cases, pattern, SearchOption.AllDirectories)
        .Order(StringComparer.Ordinal).Select(path => new object[] { Path.GetRelativePath(TestData.Cases, path) });
}
