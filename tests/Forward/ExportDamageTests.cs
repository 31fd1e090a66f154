using GraphRewrite.Forward;
using GraphRewrite.Serialization;
using TrActOnnx.Tests.Commands;
using TrainingHost.Reporting;

namespace TrActOnnx.Tests.Forward;

/// <summary>
/// Exports made by tools/make-damaged-exports.py: each damage is named, with what it hit and how to export instead; good exports are left in peace.
/// </summary>
[TestClass]
public sealed class ExportDamageTests
{
    private const string TorchscriptRemedy =
        "Export with torch.onnx.export(model.train(), …, dynamo=False, training=torch.onnx.TrainingMode.TRAINING, do_constant_folding=False).";
    private const string DynamoRemedy = "Export with torch.onnx.export(model.train(), …, dynamo=True, optimize=False).";

    private static readonly string Models = Path.Combine(TestData.Root, "..", "models");

    public static IEnumerable<object[]> GoodExports =>
    [
        .. Directory.GetDirectories(TestData.Cases).Select(folder => Path.Combine(folder, "forward.onnx")).Where(File.Exists)
            .Concat(Directory.GetFiles(Models, "*.onnx"))
            .Concat(new[] { "torchscript-sharing", "torchscript-without-values",
                "dynamo-tokens-unoptimized", "dynamo-buffers" }.Select(TestData.Export))
            .Select(path => new object[] { path }),
    ];

    [TestMethod]
    [DynamicData(nameof(GoodExports))]
    public void GoodExport(string path) => Assert.AreEqual("", string.Join("\n", ExportDamage.Find(OnnxReader.Read(path).Graph)));

    [TestMethod]
    [DataRow("torchscript-batchnorm", "BatchNormalization is folded into 2 nodes: '/conv1/Conv', '/conv2/Conv': " +
        "its scale, bias and running statistics are gone, and the model trains without normalization.")]
    [DataRow("dynamo-batchnorm", "BatchNormalization is folded into the layer before it (2 modules: bn1, " +
        "bn2): its scale, bias and running statistics are gone, and the model trains without normalization.")]
    [DataRow(
        "torchscript-tokens",
        "Parameters of equal value are merged into 2 tensors: n1.weight = n2.weight, n1.bias = n2.bias: each is trained as one tied parameter.",
        "Constant folding has transposed or sliced and renamed 3 parameters: 'onnx::MatMul_52' was embed.weight, 'onnx::MatMul_55' was " +
            "a.weight, 'onnx::MatMul_56' was b.weight: trained under that name, which --layer, --freeze and the checkpoint use too.")]
    [DataRow(
        "dynamo-tokens",
        "Parameters of equal value are merged into 2 tensors: n1.weight = n2.weight, n1.bias = n2.bias: each is trained as one tied parameter.",
        "Constant folding has transposed or sliced and renamed 3 parameters: 'val_10' was embed.weight, 'val_14' was " +
            "a.weight, 'val_18' was b.weight: trained under that name, which --layer, --freeze and the checkpoint use too.",
        "What looks like parameters is frozen into constants (1 tensor: cls): they are not " +
            "trained. Where the model's own code makes them, they must be nn.Parameter.")]
    [DataRow(
        "torchscript-constants",
        "Constant folding has transposed or sliced and renamed 1 parameter: 'onnx::Add_16': " +
            "trained under that name, which --layer, --freeze and the checkpoint use too.",
        "What looks like parameters is frozen into constants (1 tensor: 'onnx::MatMul_6'): they " +
            "are not trained. Where the model's own code makes them, they must be nn.Parameter.")]
    public void DamagedExport(string name, params string[] damage)
    {
        string remedy = name.StartsWith("dynamo", StringComparison.Ordinal) ? DynamoRemedy : TorchscriptRemedy;
        string[] expected = [.. damage.Select(found => $"{found} {remedy}")];
        CollectionAssert.AreEqual(expected, ExportDamage.Find(OnnxReader.Read(TestData.Export(name)).Graph).Select(OptionNames.Describe).ToArray());
    }

    [TestMethod]
    public void InspectShowsIt()
    {
        string text = Verb.Run("inspect", TestData.Export("torchscript-batchnorm"));
        Assert.Contains("warning: BatchNormalization is folded into 2 nodes", text);
    }
}
