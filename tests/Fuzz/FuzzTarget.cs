using Google.Protobuf;
using GraphRewrite.Artifacts;
using GraphRewrite.Diagnostics;
using GraphRewrite.Forward;
using GraphRewrite.IR;
using GraphRewrite.IR.Shapes;
using GraphRewrite.Kernels;
using GraphRewrite.Losses;
using GraphRewrite.Lowering;
using GraphRewrite.Serialization;
using GraphRewrite.Serialization.Protos;
using GraphRewrite.StepGraphs;
using GraphRewrite.TrAct;
using GraphRewrite.Verification;
using TrainingHost.Commands;
using TrainingHost.Data.Sources;
using TrainingHost.Traces;

namespace TrActOnnx.Tests.Fuzz;

/// <summary>A way into the program, with the damage that is done to what comes in there.</summary>
/// <param name="Name">What the command line of tools/fuzz calls it.</param>
/// <param name="Share">How many of a million mutations it gets.</param>
/// <param name="Run">Does one mutation in a folder of its own. Returns whether it was accepted; a refusal is thrown.</param>
internal sealed record FuzzTarget(string Name, int Share, Func<Random, string, bool> Run)
{
    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        new("forward", 150_000, Forward),
        new("gradient", 60_000, Gradient),
        new("folder", 100_000, Folder),
        new("verify", 80_000, Verify),
        new("batches", 50_000, Batches),
        new("checkpoint", 250_000, ReadCheckpoint),
        new("idx", 290_000, Idx),
        new("command", 20_000, CommandLines),
    ];

    /// <summary>Forward model → artifacts → TrAct → lowering → bytes.</summary>
    private static bool Forward(Random random, string folder)
    {
        string path = Write(folder, "m.onnx", Mutated(Pick(Corpus.Forward, random), random));
        Loss[] losses = [.. Loss.All];
        var options = new ForwardOptions { Loss = losses[random.Next(losses.Length)], Optimizer = new GraphRewrite.Optimizers.AdamWSettings() };
        TrainingArtifacts artifacts = ForwardArtifacts.Build(path, options);
        foreach (string file in (string[])["training", "eval"])
            OnnxWriter.ToBytes(file == "eval" ? artifacts.Evaluation : artifacts.Training.Model);
        CheckpointWriter.Write(artifacts.Checkpoint!, Stream.Null);
        return Lowered(artifacts, random);
    }

    private static bool Lowered(TrainingArtifacts artifacts, Random random)
    {
        TrainingGraph training = artifacts.Training.Clone();
        ShapeInference.Apply(training.Graph);
        if (!training.Model.Metadata.ContainsKey(TrActNames.Layers) && random.Next(3) > 0)
            TrActRewrite.Apply(training.Model, new() { UserInputs = training.UserInputs, Trainable = training.Trainable });
        StepGraph step = StepGraphBuilder.Build(training, artifacts.Prediction, new()
        {
            Optimizer = artifacts.Optimizer,
            BatchSize = random.Next(2) == 0 ? 4 : null,
            Accumulate = random.Next(4) == 0 ? 2 : 1,
        });
        OnnxWriter.ToBytes(step.Model);
        return true;
    }

    private static bool Gradient(Random random, string folder)
    {
        string path = Write(folder, "m.onnx", Mutated(Pick(Corpus.Forward, random), random));
        Model model = GradientGraph.Build(path, ["*"], new() { Loss = random.Next(2) == 0 ? null : new MseLoss() }).Model;
        OnnxWriter.ToBytes(model);
        return true;
    }

    /// <summary>A folder of artifacts, one of its four files damaged.</summary>
    private static bool Folder(Random random, string folder)
    {
        DamagedFolder(random, folder);
        return Lowered(TrainingArtifacts.Read(folder), random);
    }

    private static void DamagedFolder(Random random, string folder)
    {
        string source = Pick(Corpus.Folders, random);
        string[] files = ["training_model.onnx", "eval_model.onnx", "optimizer_model.onnx", "checkpoint"];
        string damaged = files[random.Next(6) is < 4 and int file ? file : 0];
        foreach (string name in files)
        {
            byte[] bytes = File.ReadAllBytes(Path.Combine(source, name));
            Write(folder, name, name != damaged ? bytes : name == "checkpoint" ? ByteMutation.Apply(bytes, random) : Mutated(bytes, random));
        }
    }

    /// <summary>BEFORE against an AFTER that is damaged, by structure.</summary>
    private static bool Verify(Random random, string folder)
    {
        string name = Pick(Corpus.Cases, random);
        (Model before, byte[] after) = Rewritten.GetOrAdd(name, Rewrite);
        Model damaged = OnnxReader.Read(Write(folder, "after.onnx", Mutated(after, random)));
        return StructuralVerification.Run(before, damaged).Report.Holds;
    }

    private static readonly System.Collections.Concurrent.ConcurrentDictionary<string, (Model Before, byte[] After)> Rewritten = [];

    private static (Model Before, byte[] After) Rewrite(string name)
    {
        TrainingArtifacts artifacts = TrainingArtifacts.Read(TestData.Case(name));
        TrainingGraph training = artifacts.Training.Clone();
        try
        {
            ShapeInference.Apply(training.Graph);
            TrActRewrite.Apply(training.Model, new() { UserInputs = training.UserInputs, Trainable = training.Trainable });
            ExpandTrAct.Apply(training.Graph);
        }
        catch (GraphRewriteException)
        {
            // mlp_frozen has no layer to rewrite: AFTER is BEFORE.
            training = artifacts.Training.Clone();
        }
        return (OnnxReader.Read(Path.Combine(TestData.Case(name), "training_model.onnx")), OnnxWriter.ToBytes(training.Model));
    }

    private static bool Batches(Random random, string folder)
    {
        string path = Path.Combine(folder, "batches.onnx");
        TensorFile.Write(path,
        [
            new("batch0/input0", Tensor.Filled(ElementType.Float, [2, 4], 0.5)), new("batch0/labels", Tensor.Vector(0L, 2L)),
            new("batch1/input0", Tensor.Filled(ElementType.Float, [2, 4], 0.5)), new("batch1/labels", Tensor.Vector(1L, 1L)),
        ]);
        Write(folder, "batches.onnx", Mutated(File.ReadAllBytes(path), random));
        var graph = new Graph("g", new Dictionary<string, long>());
        Value[] inputs =
        [
            graph.AddInput("x", ElementType.Float, Shape.Of(Dim.Symbol("batch"), 4)),
            graph.AddInput("labels", ElementType.Int64, Shape.Of(Dim.Symbol("batch"))),
        ];
        BatchFile file = BatchFile.Read(path, inputs);
        file.CheckLabels("labels", 3);
        return file.BatchSize is null or > 0;
    }

    private static bool ReadCheckpoint(Random random, string folder)
    {
        byte[] bytes = CheckpointFiles[random.Next(CheckpointFiles.Length)];
        Checkpoint.Parse(ByteMutation.Apply(bytes, random), "checkpoint");
        return true;
    }

    private static readonly byte[][] CheckpointFiles =
        [.. Corpus.Cases.SelectMany(name => new[] { "checkpoint", "checkpoint.after" }).Zip(Corpus.Cases.SelectMany(name => new[] { name, name }))
            .Select(pair => Path.Combine(TestData.Case(pair.Second), pair.First)).Where(File.Exists)
            .SelectMany(file => new[] { File.ReadAllBytes(file), InSafetensors(Checkpoint.Read(file)) })];

    private static byte[] InSafetensors(Checkpoint checkpoint)
    {
        using var stream = new MemoryStream();
        SafetensorsCheckpoint.Write(checkpoint, stream);
        return stream.ToArray();
    }

    private static bool Idx(Random random, string folder)
    {
        byte[] plain = [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 4, 0, 0, 0, 4, .. Enumerable.Range(0, 32).Select(i => (byte)i)];
        byte[] bytes = plain;
        if (random.Next(2) == 0)
        {
            using var packed = new MemoryStream();
            using (var gzip = new System.IO.Compression.GZipStream(packed, System.IO.Compression.CompressionMode.Compress))
                gzip.Write(random.Next(2) == 0 ? ByteMutation.Apply(plain, random) : plain);
            bytes = packed.ToArray();
        }
        IdxFile.Read(new MemoryStream(ByteMutation.Apply(bytes, random)), "images.idx");
        return true;
    }

    /// <summary>The whole program, ONNX Runtime included, with options that may not fit.</summary>
    private static bool CommandLines(Random random, string folder)
    {
        string model = Path.Combine(folder, "m.onnx"), artifacts = Path.Combine(folder, "in"), output = Path.Combine(folder, "out");
        Write(folder, "m.onnx", Mutated(Pick(Corpus.Forward, random), random));
        Directory.CreateDirectory(artifacts);
        DamagedFolder(random, artifacts);
        string either = random.Next(2) == 0 ? model : artifacts;
        string[][] lines =
        [
            ["inspect", either], ["artifacts", model, "--output", output], ["rewrite", artifacts, "--output", output],
            ["lower", artifacts, "--output", Path.Combine(folder, "step.onnx")],
            ["gradient", model, "--wrt", "*", "--output", Path.Combine(folder, "g.onnx")],
            ["verify", TestData.Case("mlp_sgd"), artifacts], ["export", artifacts, "--output", Path.Combine(folder, "e.onnx")],
            ["train", "--model", either, "--data", "synthetic", "--steps", "1", "--batch-size", "4", "--output", output],
        ];
        List<string> line = [.. lines[random.Next(lines.Length)]];
        // Whatever may become an output stays in the folder.
        string[] words = ["--lambda", "--steps", "--quiet", "--json", "--layer", "--freeze", "-1", "0", "NaN", "", Path.Combine(folder, "word")];
        if (random.Next(5) == 0) line.Insert(random.Next(line.Count + 1), words[random.Next(words.Length)]);
        if (random.Next(6) == 0) line.RemoveAt(random.Next(line.Count));
        var error = new StringWriter();
        int code = CommandLine.Run([.. line], TextWriter.Null, error);
        return code switch
        {
            CommandLine.Done or CommandLine.Failed => true,
            CommandLine.BadInput => throw new GraphRewriteException($"{error}"),
            _ => throw new InvalidOperationException($"exit code {code} {Report(error.ToString())}"),
        };
    }

    /// <summary>What the report of an error of the program says: the exception and its first places. The report goes.</summary>
    private static string Report(string error)
    {
        string file = error.Split(' ').FirstOrDefault(word => word.Contains("tract-onnx-", StringComparison.Ordinal)) ?? "";
        if (!File.Exists(file)) return error;
        string[] lines = File.ReadAllLines(file);
        File.Delete(file);
        IEnumerable<string> inProject = lines.Where(line => line.Contains(".cs:line", StringComparison.Ordinal));
        IEnumerable<string> places = inProject.Take(3).Select(line => Path.GetFileName(line));
        string what = lines.SkipWhile(line => line.Length > 0).ElementAtOrDefault(1) ?? "";
        return $"{string.Join(" < ", places)} {what}";
    }

    private static byte[] Mutated(byte[] bytes, Random random)
    {
        if (random.Next(8) == 0) return ByteMutation.Apply(bytes, random);
        ModelProto message = ModelProto.Parser.ParseFrom(bytes);
        new MessageMutation(random, Corpus.Donors, Corpus.Words).Apply(message);
        return message.ToByteArray();
    }

    private static T Pick<T>(IReadOnlyList<T> from, Random random) => from[random.Next(from.Count)];

    private static string Write(string folder, string name, byte[] bytes)
    {
        string path = Path.Combine(folder, name);
        File.WriteAllBytes(path, bytes);
        return path;
    }
}
