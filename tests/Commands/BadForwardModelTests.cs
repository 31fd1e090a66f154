using GraphRewrite.IR;
using GraphRewrite.IR.Building;
using GraphRewrite.Serialization;
using TrainingHost.Commands;

namespace TrActOnnx.Tests.Commands;

/// <summary>Forward models that cannot be trained as they are: exit code 2 and one line that says what was found and what would work.</summary>
[TestClass]
public sealed class BadForwardModelTests
{
    [TestMethod]
    public void NoFloatingOutput() => Refused(
        "no output is a floating-point prediction; found z: Int64[batch, 1]. Export the model with its logits", graph =>
    {
        using OpBuilder op = graph.BuildAtEnd("top");
        Output(graph, "z", op.Op("ArgMax", [Product(graph)], ("axis", 1)));
    });

    [TestMethod]
    public void NoOutput() => Refused("the model has no output", graph => Product(graph));

    [TestMethod]
    public void ScalarOutputForClasses() => Refused("Cross-entropy needs logits [N, classes, …]; 'y' is []. Choose another loss (--loss).", graph =>
    {
        using OpBuilder op = graph.BuildAtEnd("top");
        Output(graph, "y", op.Op("ReduceMean", [Product(graph)], ("keepdims", 0)));
    });

    [TestMethod]
    public void UnknownLoss() => Refused("--loss focal: there are cross-entropy, mse", Plain, "--loss", "focal");

    [TestMethod]
    [DataRow("mse")]
    [DataRow("l1")]
    [DataRow("huber")]
    [DataRow("smooth-l1")]
    [DataRow("bce-with-logits")]
    [DataRow("kl-div")]
    public void LossThatDoesNotFitTheLabels(string loss) =>
        Refused("'batch0/labels' is Int64[2]; the model's input 'labels' takes Float[batch, 3]", Plain, "--loss", loss);

    [TestMethod]
    public void LabelOutOfTheModelsClasses() =>
        Refused("batch0/labels holds 2; the model has 2 classes, 0 to 1", graph => Output(graph, "y", Product(graph, classes: 2)));

    [TestMethod]
    [DataRow(10L)]
    [DataRow(27L)]
    public void Opset(long opset) => Refused($"is written in opset {opset}; opsets 11 to 26 are understood. Export it with opset 21.", graph =>
    {
        Plain(graph);
        graph.Opsets[OpId.Onnx] = opset;
    });

    [TestMethod]
    public void DoubleParameters() => Refused("1 parameter: w (Double); training is in Float. Export the model in float32",
        graph => Output(graph, "y", Product(graph, ElementType.Double)));

    [TestMethod]
    public void QuantizedWeights() => Refused(
        "'layer/DequantizeLinear' (DequantizeLinear, opset 21): quantized models have no gradient; train the float model", graph =>
    {
        using OpBuilder op = graph.BuildAtEnd("layer");
        Value w = op.Op("DequantizeLinear",
            [graph.AddInitializer("w", new(ElementType.Int8, [4, 3], new byte[12])), graph.AddInitializer("scale", Tensor.Scalar(0.1f))]);
        Output(graph, "y", op.MatMul(graph.AddInput("x", ElementType.Float, Batch(4)), w));
    });

    /// <summary>trace takes them from the batches; what is made before a batch comes needs them from the model or from --size.</summary>
    [TestMethod]
    public void UnknownExtents()
    {
        using var folder = new TemporaryFolder();
        string path = Write(folder, graph =>
        {
            using OpBuilder op = graph.BuildAtEnd("layer");
            Value x = graph.AddInput("x", ElementType.Float, Shape.Of(Dim.Symbol("batch"), 1, Dim.Symbol("height"), Dim.Symbol("width")));
            Value y = op.Op("Conv", [x, graph.AddInitializer("w", Tensor.Filled(ElementType.Float, [3, 1, 3, 3], 1))],
                ("auto_pad", "SAME_UPPER"), ("strides", (long[])[2, 2]));
            Output(graph, "y", op.Op("Flatten", [op.Op("GlobalAveragePool", [y])]));
        });
        string run = folder.File("run"), batches = Batches(folder, [2, 1, 8, 8]);
        AssertRefused("auto_pad=SAME_UPPER with stride 2 needs the spatial extents of the input, which are not known. Export with fixed image sizes",
            "bench", path, "--rounds", "1", "--size", "height=28");
        AssertRefused("--size depth=3: the model's inputs have no symbolic dimension of that name; it has batch, height, width.",
            "artifacts", path, "--size", "depth=3", "--output", run);
        Verb.Run("trace", path, "--batches", batches, "--output", folder.File("out.onnx"), "--no-tract");
        Verb.Run("bench", path, "--rounds", "1", "--only", "plain", "--size", "height=28", "--size", "width=28", "--batch-size", "2");
    }

    [TestMethod]
    public void UnknownRank() => Refused("'layer/MatMul' (MatMul, opset 21): the ranks of its operands are not known", graph =>
    {
        using OpBuilder op = graph.BuildAtEnd("layer");
        Output(graph, "y", op.MatMul(
            graph.AddInput("x", ElementType.Float, null), graph.AddInitializer("w", Tensor.Filled(ElementType.Float, [4, 3], 1))));
    });

    /// <summary>Everything that stands in the way is named at once, with what would work.</summary>
    [TestMethod]
    public void SeveralOperatorsWithoutGradient()
    {
        string error = Refused("No gradient for 3 nodes", graph =>
        {
            using OpBuilder op = graph.BuildAtEnd("layer");
            Value steps = op.Unsqueeze(Product(graph), 0);
            Value gates = graph.AddInitializer("gates", Tensor.Filled(ElementType.Float, [1, 12, 3], 0.1));
            Value states = op.Op("LSTM", [steps, gates, gates], ("hidden_size", 3), ("clip", 5f));
            Value three = graph.AddInitializer("three", Tensor.Filled(ElementType.Float, [1, 9, 3], 0.1));
            Value more = graph.AddInitializer("more", Tensor.Filled(ElementType.Float, [1, 9, 3], 0.1));
            Value squares = op.Op("GRU", [op.Squeeze(states, 1), three, more],
                ("hidden_size", 3), ("activations", (string[])["HardSigmoid", "Tanh"]));
            Output(graph, "y", op.Op("Compress", [op.Reshape(squares, -1), op.Constant(Tensor.Of([1], true))]));
        }, "--loss", "mse");
        Assert.Contains("'layer/LSTM' (LSTM, opset 21): a recurrent layer is unrolled for its gradient where the number of steps is fixed (at "
            + "most 1024) or given (--length), the activations are Sigmoid, Tanh or Relu, and no sequence lengths, clip or peepholes are given; "
            + "export it so", error);
        Assert.Contains("'layer/GRU' (GRU, opset 21): a recurrent layer", error);
        Assert.Contains("'layer/Compress' (Compress, opset 21)", error);
    }

    [TestMethod]
    [DataRow("fashion-mnist", "fashion-mnist/train: 10 classes (T-shirt/top, Trouser, Pullover, Dress, Coat, …), the model predicts 3.")]
    [DataRow("nowhere", "--data nowhere: no such file or folder. Give a folder of images by class")]
    public void DataThatDoesNotFit(string data, string message)
    {
        using var folder = new TemporaryFolder();
        string path = Write(folder, Plain);
        var error = new StringWriter();
        string[] train = ["train", "--model", path, "--data", data, "--output", Path.Combine(folder.Path, "run"), "--no-tract"];
        Assert.AreEqual(2, CommandLine.Run(train, TextWriter.Null, error), error.ToString());
        Assert.Contains(message, error.ToString());
        Assert.HasCount(2, error.ToString().Split('\n'), error.ToString());
    }

    [TestMethod]
    public void MissingExternalData()
    {
        using var folder = new TemporaryFolder();
        string path = Write(folder, graph => Output(graph, "y", Product(graph, classes: 1000)), externalData: true);
        foreach (string data in Directory.GetFiles(folder.Path).Where(file => file != path)) File.Delete(data);
        Refused("the external data file 'model.onnx.data' of the tensor 'w' is missing. Keep it beside the model", path, [2, 4]);
    }

    [TestMethod]
    [DataRow(0, "not an ONNX model: it has no graph")]
    [DataRow(60, "Is the file truncated?")]
    public void TruncatedModel(int length, string message)
    {
        using var folder = new TemporaryFolder();
        string path = Write(folder, Plain);
        File.WriteAllBytes(path, File.ReadAllBytes(path)[..length]);
        Refused(message, path, [2, 4]);
    }

    [TestMethod]
    public void FolderOfNeither()
    {
        using var folder = new TemporaryFolder();
        Write(folder, Plain);
        Refused("training_model.onnx, eval_model.onnx, optimizer_model.onnx, checkpoint missing", folder.Path, [2, 4]);
    }

    /// <summary>Class indices beside the logits, in front of them even, are no obstacle; the warning says what is trained.</summary>
    [TestMethod]
    public void OutputsBesideThePredictionAreIgnored()
    {
        using var folder = new TemporaryFolder();
        string path = Write(folder, graph =>
        {
            Value y = Product(graph);
            using OpBuilder op = graph.BuildAtEnd("top");
            Output(graph, "z", op.Op("ArgMax", [y], ("axis", 1)));
            Output(graph, "y", op.Identity(y));
        });
        string batches = Batches(folder, [2, 4]);
        Verb.Run("trace", path, "--batches", batches, "--output", Path.Combine(folder.Path, "out.onnx"));
        Assert.Contains(
            "The loss is of the output 'y', the first of floating type; not trained: 'z'. Choose others with --predict.", Verb.Run("inspect", path));
    }

    private static Shape Batch(long extent) => Shape.Of(Dim.Symbol("batch"), extent);

    private static void Plain(Graph graph) => Output(graph, "y", Product(graph));

    /// <summary>x [batch, 4] times w [4, classes].</summary>
    private static Value Product(Graph graph, ElementType type = ElementType.Float, long classes = 3)
    {
        using OpBuilder op = graph.BuildAtEnd("layer");
        return op.MatMul(graph.AddInput("x", type, Batch(4)), graph.AddInitializer("w", Tensor.Filled(type, [4, classes], 0.5)));
    }

    private static void Output(Graph graph, string name, Value value)
    {
        graph.Rename(value, name);
        // as an exporter declares it
        if (value.Type == ElementType.Undefined) (value.Type, value.Shape) = (ElementType.Float, Shape.Of(Dim.Symbol("batch")));
        graph.MarkOutput(value);
    }

    private static string Write(TemporaryFolder folder, Action<Graph> build, bool externalData = false)
    {
        var graph = new Graph("model", new Dictionary<string, long> { [OpId.Onnx] = 21 });
        build(graph);
        string path = Path.Combine(folder.Path, "model.onnx");
        OnnxWriter.Write(new Model(graph), path, externalData);
        return path;
    }

    private static string Batches(TemporaryFolder folder, long[] input)
    {
        string path = Path.Combine(folder.Path, "batches.onnx");
        TensorFile.Write(path, [new("batch0/input0", Tensor.Filled(ElementType.Float, input, 1)), new("batch0/labels", Tensor.Vector(0L, 2L))]);
        return path;
    }

    private static string Refused(string message, Action<Graph> build, params string[] options) => Refused(message, build, [2, 4], options);

    private static string Refused(string message, Action<Graph> build, long[] input, params string[] options)
    {
        using var folder = new TemporaryFolder();
        return Refused(message, Write(folder, build), input, options);
    }

    private static void AssertRefused(string message, params string[] args)
    {
        var error = new StringWriter();
        Assert.AreEqual(2, CommandLine.Run(args, TextWriter.Null, error), error.ToString());
        Assert.Contains(message, error.ToString());
    }

    private static string Refused(string message, string model, long[] input, params string[] options)
    {
        using var folder = new TemporaryFolder();
        string output = Path.Combine(folder.Path, "out.onnx");
        var error = new StringWriter();
        int code = CommandLine.Run(
            ["trace", model, "--batches", Batches(folder, input), "--no-tract", "--output", output, .. options], TextWriter.Null, error);
        Assert.AreEqual(2, code, error.ToString());
        Assert.Contains(message, error.ToString());
        Assert.HasCount(2, error.ToString().Split('\n'), error.ToString());
        Assert.DoesNotContain("   at ", error.ToString());
        Assert.IsFalse(File.Exists(output));
        return error.ToString();
    }
}
