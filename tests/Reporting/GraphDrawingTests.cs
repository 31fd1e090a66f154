using System.Globalization;
using System.Xml.Linq;
using TrActOnnx.Tests.Commands;
using TrainingHost.Commands;
using TrainingHost.Reporting;

namespace TrActOnnx.Tests.Reporting;

/// <summary>inspect --svg: what is drawn of every case, and that it can be read: boxes apart, edges downwards.</summary>
[TestClass]
public sealed class GraphDrawingTests
{
    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    public static IEnumerable<object[]> Cases =>
        Directory.EnumerateDirectories(TestData.Cases).Select(folder => new object[] { Path.GetFileName(folder) });

    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void ShowsTheFirstLayerBeforeAndAfter(string name)
    {
        using var folder = new TemporaryFolder();
        string file = folder.File("tract.svg");
        string artifacts = TestData.Case(name), forward = Path.Combine(artifacts, "forward.onnx");
        Verb.Run("inspect", File.Exists(Path.Combine(artifacts, "training_model.onnx")) ? artifacts : forward, "--svg", file);
        XElement svg = XDocument.Load(file).Root!;
        XElement[] panels = [.. svg.Elements(Svg + "g")];
        Assert.HasCount(2, panels);
        string[] before = Titles(panels[0]), after = Titles(panels[1]);
        Assert.AreEqual(0, before.Count(title => title.Contains("_TrAct/", StringComparison.Ordinal)));
        Assert.IsTrue(after.Any(title => title.StartsWith("SolveSpd ", StringComparison.Ordinal)), string.Join("; ", after));
        Assert.IsTrue(after.Any(title => title == "λ tract.lambda"), string.Join("; ", after));
        foreach (XElement panel in panels) AssertApart(panel);
    }

    [TestMethod]
    public void NoDrawingWhereTrActCannotGo()
    {
        using var folder = new TemporaryFolder();
        var error = new StringWriter();
        string model = Path.Combine(TestData.Case("lenet"), "forward.onnx"), file = folder.File("tract.svg");
        Assert.AreEqual(2, CommandLine.Run(["inspect", model, "--freeze", "conv1.*", "--svg", file], TextWriter.Null, error));
        Assert.Contains("is frozen", error.ToString());
        Assert.IsFalse(File.Exists(file));
    }

    /// <summary>One box with three under it, one of which has another way to the last: the way around passes a row of its own place.</summary>
    [TestMethod]
    public void EdgesGoDownARowAtATime()
    {
        DrawnBox box = new("Add", "n", BoxKind.Operator);
        var graph = new DrawnGraph("g", [box, box, box, box, box], [new(0, 1, ""), new(0, 2, ""), new(0, 3, ""), new(3, 4, ""), new(0, 4, "")]);
        var layout = new LayeredLayout(graph, 100, 20);
        CollectionAssert.AreEqual(new[] { 0, 1, 1, 1, 2 }, Enumerable.Range(0, 5).Select(layout.Row).ToArray());
        for (int i = 0; i < graph.Edges.Count; i++)
        {
            int[] rows = [.. layout.Route(i).Select(point => point.Row)];
            CollectionAssert.AreEqual(Enumerable.Range(rows[0], rows.Length).ToArray(), rows);
        }
        double[] middle = [.. Enumerable.Range(1, 3).Select(layout.X).Append(layout.Route(4)[1].X).Order()];
        for (int i = 1; i < middle.Length; i++) Assert.IsGreaterThan(59.9, middle[i] - middle[i - 1]);
    }

    private static string[] Titles(XElement panel) => [.. panel.Descendants(Svg + "title").Select(title => title.Value)];

    private static void AssertApart(XElement panel)
    {
        (double X, double Y)[] boxes = [.. panel.Elements(Svg + "rect").Where(rect => rect.Element(Svg + "title") is not null)
            .Select(rect => (Number(rect, "x"), Number(rect, "y")))];
        Assert.IsTrue(boxes.All(box => box is { X: >= 0, Y: >= 0 }));
        foreach ((double X, double Y) one in boxes)
            Assert.AreEqual(1, boxes.Count(other => other.Y == one.Y && Math.Abs(other.X - one.X) < 195), "boxes of a row that touch");

        static double Number(XElement element, string name) => double.Parse(element.Attribute(name)!.Value, CultureInfo.InvariantCulture);
    }
}
