using System.Xml.Linq;
using GraphRewrite.IR;
using GraphRewrite.Serialization;

namespace TrActOnnx.Tests.Commands;

/// <summary>equal, and the formats that it shares with verify.</summary>
[TestClass]
public sealed class EqualCommandTests
{
    private static string Lenet => Path.Combine(TestData.Case("lenet"), "training_model.onnx");

    [TestMethod]
    public void AModelEqualsItselfUnderOtherNamesAndInAnotherOrder()
    {
        using var folder = new TemporaryFolder();
        Model model = OnnxReader.Read(Lenet);
        foreach (Value value in model.Graph.Values.Where(value => value.Producer is not null).ToArray())
            model.Graph.Rename(value, $"other.{value.Name}");
        Node[] nodes = [.. model.Graph.Nodes];
        Node last = nodes[^1];
        int at = Array.FindLastIndex(nodes, node => node.Outputs.Any(output => last.Inputs.Contains(output)));
        model.Graph.Reorder([.. nodes[..(at + 1)], last, .. nodes[(at + 1)..^1]]);
        OnnxWriter.Write(model, folder.File("renamed.onnx"));
        (int code, string text, _) = Verb.Result("equal", Lenet, folder.File("renamed.onnx"));
        Assert.AreEqual(0, code, text);
        StringAssert.EndsWith(text.TrimEnd(), "Equal up to names and order.");
    }

    [TestMethod]
    [DataRow("text")]
    [DataRow("json")]
    [DataRow("junit")]
    [DataRow("trx")]
    public void ADifferenceIsSaidInEveryFormat(string format)
    {
        using var folder = new TemporaryFolder();
        Model model = OnnxReader.Read(Lenet);
        model.Graph.Nodes.Single(node => node.Name == "/conv2/Conv").SetAttribute("dilations", new long[] { 2, 2 });
        OnnxWriter.Write(model, folder.File("other.onnx"));
        (int code, string text, _) = Verb.Result("equal", Lenet, folder.File("other.onnx"), "--format", format);
        Assert.AreEqual(1, code, text);
        StringAssert.Contains(text, "attribute dilations=[1,1] in A, dilations=[2,2] in B");
        if (format is "text" or "json") return;
        XElement root = XDocument.Parse(text).Root!;
        string failed = format == "junit" ? "failure" : "Message";
        Assert.AreEqual(1, root.Descendants().Count(element => element.Name.LocalName == failed), text);
        Assert.AreEqual(3, root.Descendants().Count(element => element.Name.LocalName == (format == "junit" ? "testcase" : "UnitTestResult")), text);
    }

    [TestMethod]
    public void FoldersAreRefused()
    {
        (int code, _, string error) = Verb.Result("equal", TestData.Case("lenet"), Lenet);
        Assert.AreEqual(2, code);
        StringAssert.Contains(error, "a folder; equal takes two model files");
    }
}
