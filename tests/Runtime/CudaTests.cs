using System.Text.Json;
using GraphRewrite.Artifacts;
using GraphRewrite.IR;
using GraphRewrite.Serialization;
using TrActOnnx.Tests.Runs;

namespace TrActOnnx.Tests.Runtime;

/// <summary>
/// The program on ONNX Runtime's CUDA provider, over stand-ins for the CUDA libraries (tools/cuda-stand-in): no values, but all else is the real
/// provider's: which nodes it takes, which copies it puts between them, whether buffers are bound, written and read back.
/// </summary>
[TestClass]
[TestCategory("Cuda")]
public sealed class CudaTests
{
    private static readonly string Root = Path.GetDirectoryName(TestData.Root)!;

    private static readonly string Place = Path.Combine(Root, "artifacts", "cuda");

    public static IEnumerable<object[]> Models =>
    [
        .. Directory.GetDirectories(TestData.Cases).Where(folder => File.Exists(Path.Combine(folder, "forward.onnx")))
            .Select(folder => new object[] { $"tests/cases/{Path.GetFileName(folder)}/forward.onnx" }),
        .. new[] { "lenet", "resnet18.onnx", "vit.onnx" }.Select(name => new object[] { $"models/{name}" }),
    ];

    [TestMethod]
    [DataRow("models/lenet")]
    [DataRow("tests/cases/resnet18_w8/forward.onnx")]
    [DataRow("tests/cases/vgg_dropout/forward.onnx")]
    [DataRow("tests/cases/vit_conv/forward.onnx")]
    public void TrainsGoesOnAndIsExported(string model)
    {
        using var folder = new TemporaryFolder();
        string run = folder.File("run");
        Run("train", Path.Combine(Root, model), "--data", "synthetic", "--device", "cuda", "--batch-size", "4", "--steps", "2", "--output", run);
        OrderedDictionary<string, Tensor> before = TrainingArtifacts.Read(run).Checkpoint!.Trainable;
        Run("train", "--resume", run, "--steps", "3");
        Assert.HasCount(4, File.ReadAllLines(Path.Combine(run, "metrics.csv")), "a head and three steps");
        foreach ((string name, Tensor after) in Checkpoint.Read(Path.Combine(run, "checkpoint")).Trainable)
            CollectionAssert.AreEqual(before[name].Dims.ToArray(), after.Dims.ToArray(), name);
        Run("export", run, "--output", folder.File("exported.onnx"));
        Assert.IsNotEmpty(OnnxReader.Read(folder.File("exported.onnx")).Graph.Outputs);
    }

    [TestMethod]
    [DataRow("models/lenet")]
    [DataRow("tests/cases/vit_conv/forward.onnx")]
    public void CapturesItsSteps(string model)
    {
        using var folder = new TemporaryFolder();
        string run = folder.File("run");
        string[] device = ["--device", "cuda", "--cuda-graph", "--tf32"];
        Run(["train", Path.Combine(Root, model), "--data", "synthetic", .. device, "--batch-size", "4", "--steps", "6", "--output", run]);
        Assert.HasCount(7, File.ReadAllLines(Path.Combine(run, "metrics.csv")), "a head and six steps");
        Run("train", "--resume", run, "--steps", "8");
        Assert.HasCount(9, File.ReadAllLines(Path.Combine(run, "metrics.csv")), "two more");
    }

    /// <summary>Nothing is copied between host and device within a step.</summary>
    [TestMethod]
    [DynamicData(nameof(Models))]
    public void AStepCopiesNothing(string model)
    {
        string json = Run("bench", Path.Combine(Root, model), "--device", "cuda", "--batch-size", "4", "--rounds", "2", "--profile", "--json");
        using var profile = JsonDocument.Parse(json);
        string[] copies = [.. profile.RootElement.EnumerateArray().Select(row => row.GetProperty("operator").GetString()!)
            .Where(name => name.StartsWith("Memcpy", StringComparison.Ordinal))];
        Assert.IsEmpty(copies, string.Join(", ", copies));
    }

    [TestMethod]
    [DataRow("lenet")]
    [DataRow("vit_conv")]
    public void Traces(string name)
    {
        using var folder = new TemporaryFolder();
        string trace = folder.File("trace.onnx");
        Run("trace", Path.Combine(TestData.Case(name), "forward.onnx"), "--batches", Path.Combine(TestData.Case(name), "truth.onnx"),
            "--device", "cuda", "--output", trace);
        OrderedDictionary<string, Tensor> values = TensorFile.Read(trace);
        Assert.AreEqual(ReferenceCase.Read(name).Steps, values["losses"].Length);
        foreach (string parameter in ReferenceCase.Read(name).Trainable) Assert.IsTrue(values.ContainsKey($"after/{parameter}"), parameter);
    }

    private static string Run(params string[] arguments)
    {
        string program = Path.Combine(Place, "program", "TrainingHost.dll"), libraries = Path.Combine(Place, "libraries");
        if (!File.Exists(program) || !Directory.Exists(libraries))
            Skipped.Because("needs the program on the CUDA package, and stand-ins for CUDA's libraries: tools/cuda-stand-in/prepare.sh");
        using ProgramProcess process = ProgramProcess.Start(program, libraries, arguments);
        int code = process.End();
        return code == 0 ? process.Output : throw new AssertFailedException($"{string.Join(' ', arguments)}: exit code {code}: {process.Errors}");
    }
}
