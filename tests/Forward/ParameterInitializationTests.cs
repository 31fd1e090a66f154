using GraphRewrite.Artifacts;
using GraphRewrite.Forward;
using GraphRewrite.IR;

namespace TrActOnnx.Tests.Forward;

/// <summary>Models exported without weights begin with PyTorch's default distributions.</summary>
[TestClass]
public sealed class ParameterInitializationTests
{
    private static readonly string Models = Path.Combine(TestData.Root, "..", "models");

    [TestMethod]
    [DataRow("resnet18.onnx", "conv1.weight", 27)]
    [DataRow("resnet18.onnx", "layer3.0.conv1.weight", 128 * 9)]
    [DataRow("resnet18.onnx", "fc.weight", 512)]
    [DataRow("resnet18.onnx", "fc.bias", 512)]
    [DataRow("vit.onnx", "patch_embed.weight", 16)]
    [DataRow("vit.onnx", "blocks.0.attn.qkv.weight", 64)]
    [DataRow("vit.onnx", "blocks.0.attn.qkv.bias", 64)]
    [DataRow("vit.onnx", "blocks.0.fc2.weight", 128)]
    public void UniformWithinOneOverRootOfFanIn(string model, string parameter, int fanIn)
    {
        double[] values = Values(model, seed: 1)[parameter].ToDouble();
        double bound = 1 / Math.Sqrt(fanIn), largest = values.Max(Math.Abs);
        Assert.IsLessThanOrEqualTo(bound, largest);
        // The largest of k uniform numbers is below (1 − 10/k) of the bound with probability e⁻¹⁰.
        Assert.IsGreaterThanOrEqualTo(bound * (1 - (10.0 / values.Length)), largest);
        // The mean of k has the standard deviation bound/√(3k): five of them.
        Assert.AreEqual(0, values.Average(), 5 * bound / Math.Sqrt(3 * values.Length));
    }

    [TestMethod]
    [DataRow("resnet18.onnx", "bn1.weight", 1)]
    [DataRow("resnet18.onnx", "bn1.bias", 0)]
    [DataRow("resnet18.onnx", "bn1.running_mean", 0)]
    [DataRow("resnet18.onnx", "bn1.running_var", 1)]
    [DataRow("vit.onnx", "blocks.0.norm1.weight", 1)]
    [DataRow("vit.onnx", "blocks.0.norm1.bias", 0)]
    public void NormalizationsBeginAsTheIdentity(string model, string parameter, double value) =>
        Assert.IsTrue(Values(model, seed: 1)[parameter].ToDouble().All(x => x == value), parameter);

    [TestMethod]
    public void TokensAreSmallAndNormal()
    {
        double[] values = Values("vit.onnx", seed: 1)["pos_embed"].ToDouble();
        // The standard deviation of an estimate from k numbers is 1/√(2k) of it: five of them.
        Assert.AreEqual(0.02, Math.Sqrt(values.Average(x => x * x)), 0.02 * 5 / Math.Sqrt(2 * values.Length));
    }

    [TestMethod]
    public void TheSeedDecides()
    {
        byte[] Bytes(int seed) => Values("vit.onnx", seed)["head.weight"].Data.ToArray();
        CollectionAssert.AreEqual(Bytes(1), Bytes(1));
        CollectionAssert.AreNotEqual(Bytes(1), Bytes(2));
    }

    private static Dictionary<string, Tensor> Values(string model, int seed)
    {
        TrainingArtifacts artifacts = ForwardArtifacts.Build(Path.Combine(Models, model), new() { Seed = seed });
        return artifacts.Parameters.ToDictionary();
    }
}
