using System.Diagnostics;
using Google.Protobuf;
using GraphRewrite.Artifacts;
using GraphRewrite.Diagnostics;
using GraphRewrite.IR;
using GraphRewrite.IR.Building;
using GraphRewrite.Serialization;
using GraphRewrite.Serialization.Protos;
using TrActOnnx.Tests.Commands;
using TrainingHost.Commands;

namespace TrActOnnx.Tests.Serialization;

/// <summary>Files that were made to do harm (tests/hostile): each is refused in words before anything is made of it, or is no harm at all.</summary>
[TestClass]
public sealed class HostileModelTests
{
    [TestMethod]
    [DataRow("Sum2.onnx", "Node 'bad' (Sum, opset 17): its input 1 is left out, which only an optional one may be")]
    [DataRow("Mean2.onnx", "Node 'bad' (Mean, opset 17): its input 1 is left out")]
    [DataRow("Concat2.onnx", "Node 'bad' (Concat, opset 17): its input 1 is left out")]
    [DataRow("recursive.onnx", "its functions call each other in a circle, 'F' among them")]
    [DataRow("laughs8.onnx", "100,000,001 nodes once its functions are inlined, above the limit of 250,000. If the model is to be trusted, ")]
    [DataRow("cyc_train", "training_model.onnx: reading: nodes wait for each other in a circle: 'val_1'")]
    [DataRow("cyc_eval", "eval_model.onnx: reading: nodes wait for each other in a circle")]
    [DataRow("p400000000.onnx", "the parameter w: Float[400000000, 8], without values, has more bytes than one tensor may")]
    public void IsRefusedInOneLine(string model, string message)
    {
        using var folder = new TemporaryFolder();
        string path = Path.Combine(TestData.Root, "hostile", model);
        Refused(message, "inspect", path);
        Refused(message, "train", "--model", path, "--data", "synthetic", "--steps", "1", "--output", folder.File("run"));
        if (File.Exists(path)) Refused(message, "artifacts", path, "--output", folder.File("artifacts"));
        else Refused(message, "rewrite", path, "--output", folder.File("rewritten"));
        Assert.IsEmpty(Directory.GetFileSystemEntries(folder.Path));
    }

    [TestMethod]
    [DataRow("nested2.onnx")]
    [DataRow("noname.onnx")]
    [DataRow("x-step.onnx")]
    public void IsTrained(string model)
    {
        using var folder = new TemporaryFolder();
        string path = Path.Combine(TestData.Root, "hostile", model);
        Verb.Run("train", "--model", path, "--data", "synthetic", "--steps", "2", "--output", folder.File("run"));
        Assert.IsTrue(File.Exists(folder.File("run/checkpoint")));
    }

    /// <summary>The data is that beside the model, wherever the graph's name leads, and wherever the program stands.</summary>
    [TestMethod]
    public void AGraphsNameIsNoPath()
    {
        using var folder = new TemporaryFolder();
        string source = Path.Combine(TestData.Root, "hostile", "graphname-escape");
        ModelProto proto = ModelProto.Parser.ParseFrom(File.ReadAllBytes(Path.Combine(source, "in", "m.onnx")));
        Directory.CreateDirectory(folder.File("victim"));
        File.Copy(Path.Combine(source, "victim", "w.bin"), folder.File("victim/w.bin"));
        Directory.CreateDirectory(folder.File("in"));
        File.Copy(Path.Combine(source, "in", "w.bin"), folder.File("in/w.bin"));
        proto.Graph.Name = folder.File("victim/x");
        File.WriteAllBytes(folder.File("in/m.onnx"), proto.ToByteArray());

        Verb.Run("artifacts", folder.File("in/m.onnx"), "--output", folder.File("out"));
        Tensor w = Checkpoint.Read(folder.File("out/checkpoint")).Trainable["w"];
        CollectionAssert.AreEqual(new double[12], w.ToDouble());
    }

    /// <summary>40 tensors over one file of 256 MB: it is read once.</summary>
    [TestMethod]
    public void RangesThatOverlapAreReadOnce()
    {
        using var folder = new TemporaryFolder();
        File.Copy(Path.Combine(TestData.Root, "hostile", "overlap.onnx"), folder.File("overlap.onnx"));
        using (FileStream big = File.Create(folder.File("big.bin"))) big.SetLength(256L << 20);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Model model = OnnxReader.Read(folder.File("overlap.onnx"));
        Assert.IsLessThan(300L << 20, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.IsGreaterThan(9L << 30, model.Graph.Initializers.Sum(value => (long)value.Initializer!.Data.Length));
        WithLimit(Setting.MaxConstantBytes, 8L << 30, () => Refused("bytes in all, above the limit of 8,589,934,592. If the model is to be trusted, "
            + "set TRACT_MAX_CONSTANT_BYTES higher", "inspect", folder.File("overlap.onnx")));
    }

    /// <summary>A recurrent layer of 1,024 steps is of honest size; a limit that it exceeds, alone or with the rest of the graph, is named.</summary>
    [TestMethod]
    [DataRow(10_000, "it becomes 10,001 nodes or more, above the limit of 10,000. ")]
    [DataRow(12_303, "the graph has 12,304 nodes once its recurrent layers are unrolled up to this one, above the limit of 12,303. ")]
    public void UnrollingStopsAtTheLimit(long limit, string message) => WithLimit(Setting.MaxNodes, limit, () => Refused(
        $"(LSTM, opset 21): {message}", "inspect", Path.Combine(TestData.Root, "hostile", "lstm1.onnx")));

    [TestMethod]
    public void NestingStopsAtTheLimit() => WithLimit(Setting.MaxNesting, 1, () => Refused(
        "nested2.onnx: reading: its functions and subgraphs stand in each other more than 1 deep, above the limit of 1. "
        + "If the model is to be trusted, set TRACT_MAX_NESTING higher.", "inspect", Path.Combine(TestData.Root, "hostile", "nested2.onnx")));

    /// <summary>Opening a pipe for reading waits for one who writes.</summary>
    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = false)]
    public void APipeIsNoModelAndNoData()
    {
        if (OperatingSystem.IsWindows()) Skipped.Because("needs mkfifo");
        using var folder = new TemporaryFolder();
        Process.Start("mkfifo", folder.File("pipe.onnx")).WaitForExit();
        Refused("pipe.onnx: reading: not a readable ONNX model (it is a pipe, no file)", "inspect", folder.File("pipe.onnx"));

        var graph = new Graph("g", new Dictionary<string, long> { [OpId.Onnx] = 17 });
        using (OpBuilder op = graph.BuildAtEnd("top"))
        {
            Value w = graph.AddInitializer("w", Tensor.Filled(ElementType.Float, [512, 3], 1));
            graph.MarkOutput(op.MatMul(graph.AddInput("x", ElementType.Float, Shape.Of(2, 512)), w));
        }
        OnnxWriter.Write(new(graph), folder.File("m.onnx"), externalData: true);
        File.Delete(folder.File("m.onnx.data"));
        Process.Start("mkfifo", folder.File("m.onnx.data")).WaitForExit();
        Refused("the external data file 'm.onnx.data' of the tensor 'w' cannot be read (it is a pipe, no file)",
            "inspect", folder.File("m.onnx"));
    }

    /// <summary>Its domain is reserved, but a model without a node of it does no harm.</summary>
    [TestMethod]
    public void AnImportOfTrActWithoutItsNodesIsLeftOut()
    {
        using var folder = TemporaryFolder.CopyOf(TestData.Case("mlp_sgd"));
        string path = folder.File("training_model.onnx");
        ModelProto proto = ModelProto.Parser.ParseFrom(File.ReadAllBytes(path));
        proto.OpsetImport.Add(new OperatorSetIdProto { Domain = OpId.TrAct, Version = 1 });
        File.WriteAllBytes(path, proto.ToByteArray());
        Verb.Run("lower", folder.Path, "--output", folder.File("step.onnx"));
        CollectionAssert.DoesNotContain(
            ModelProto.Parser.ParseFrom(File.ReadAllBytes(folder.File("step.onnx"))).OpsetImport.Select(opset => opset.Domain).ToArray(), OpId.TrAct);
    }

    /// <summary>A SIGSEGV in the runtime that runs AFTER, once.</summary>
    [TestMethod]
    public void VerifyReadsAfterThroughTheSameDoor()
    {
        using var folder = new TemporaryFolder();
        Verb.Run("rewrite", TestData.Case("mlp_sgd"), "--output", folder.File("after"));
        string path = folder.File("after/training_model.onnx");
        ModelProto proto = ModelProto.Parser.ParseFrom(File.ReadAllBytes(path));
        proto.Graph.Node.Add(new NodeProto { OpType = "Mean", Name = "bad", Input = { proto.Graph.Input[0].Name, "" }, Output = { "bad_output" } });
        File.WriteAllBytes(path, proto.ToByteArray());
        Refused("Node 'bad' (Mean, opset", "verify", TestData.Case("mlp_sgd"), folder.File("after"));
    }

    private static void WithLimit(Setting limit, long value, Action work)
    {
        AppContext.SetData(Limits.KeyOf(limit), value);
        try
        {
            work();
        }
        finally
        {
            AppContext.SetData(Limits.KeyOf(limit), null);
        }
    }

    private static void Refused(string message, params string[] args)
    {
        var error = new StringWriter();
        Assert.AreEqual(2, CommandLine.Run(args, TextWriter.Null, error), error.ToString());
        StringAssert.Contains(error.ToString(), message);
        Assert.HasCount(2, error.ToString().Split('\n'), error.ToString());
    }
}
