using GraphRewrite.Serialization;
using GraphRewrite.Serialization.Protos;

namespace TrActOnnx.Tests.Serialization;

[TestClass]
public sealed class RoundTripTests
{
    public static IEnumerable<object[]> Models => Directory.EnumerateFiles(TestData.Cases, "*.onnx", SearchOption.AllDirectories)
        .Order(StringComparer.Ordinal).Select(path => new object[] { Path.GetRelativePath(TestData.Cases, path) });

    [TestMethod]
    [DynamicData(nameof(Models))]
    public void UnchangedModelGivesAnEqualMessage(string name)
    {
        string path = Path.Combine(TestData.Cases, name);
        var before = ModelProto.Parser.ParseFrom(File.ReadAllBytes(path));
        ModelProto after = ModelEncoder.Encode(OnnxReader.Read(path));
        Assert.AreEqual(before, after);
    }
}
