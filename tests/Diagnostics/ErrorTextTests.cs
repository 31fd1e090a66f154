using GraphRewrite.Diagnostics;
using TrainingHost.Reporting;

namespace TrActOnnx.Tests.Diagnostics;

/// <summary>One place makes sentences of findings: their parts in order, on one line, settings by the name that the program gives them.</summary>
[TestClass]
public sealed class ErrorTextTests
{
    private static readonly Place Conv = new() { Node = "conv1", Operator = "Conv", Opset = 21 };

    [TestMethod]
    public void FoundAndRemedyAreSentences() =>
        Assert.AreEqual("nothing to do. Ask for more.", ErrorText.Compose(new Finding("nothing to do", "Ask for more")));

    [TestMethod]
    public void AQuestionKeepsItsMark() =>
        Assert.AreEqual("two files differ. Are they of one model?", ErrorText.Compose(new Finding("two files differ", "Are they of one model?")));

    [TestMethod]
    public void ThePlaceComesFirst() => Assert.AreEqual(
        "m.onnx: shape inference: Node 'conv1' (Conv, opset 21): X has 3 channels. Export it again.",
        ErrorText.Compose(new Finding("X has 3 channels", "Export it again")
        {
            Stage = Stage.ShapeInference,
            Place = Conv with { File = "m.onnx" },
        }));

    [TestMethod]
    public void AStageWithoutAFileBeginsTheSentence() =>
        Assert.AreEqual("Lowering: Graph 'g': no.", ErrorText.Compose(new Finding("no") { Stage = Stage.Lowering, Place = new() { Graph = "g" } }));

    [TestMethod]
    public void WhatTheSystemSaidStandsInParentheses() => Assert.AreEqual(
        "f: cannot be read (Permission denied).",
        ErrorText.Compose(new Finding("cannot be read") { Place = new() { File = "f" }, Detail = "Permission denied." }));

    [TestMethod]
    public void SeveralFindingsShareOneMessage()
    {
        var finding = new Finding("No gradient for 3 nodes", "Export the model without them")
        {
            Inner =
            [
                new("it clips", "Export it without") { Place = Conv },
                new("") { Place = Conv with { Node = "det" } },
                new("the sum", "ONNX has none") { Inner = [new("a"), new("b")] },
            ],
        };
        Assert.AreEqual(
            "No gradient for 3 nodes: 'conv1' (Conv, opset 21): it clips (export it without); 'det' (Conv, opset 21); the sum: a; b (ONNX has none). "
            + "Export the model without them.",
            ErrorText.Compose(finding));
    }

    [TestMethod]
    public void SettingsAreSymbolsUntilTheProgramNamesThem()
    {
        var finding = new Finding("matches nothing", $"Take {Setting.Freeze} or {(Phrase)$"{Setting.Layers} {0.5}"}")
        {
            Place = new() { Setting = Setting.Wanted, Given = "conv7" },
        };
        Assert.AreEqual("Wanted conv7: matches nothing. Take the setting Freeze or the setting Layers 0.5.", ErrorText.Compose(finding));
        Assert.AreEqual("--wrt conv7: matches nothing. Take --freeze or --layer 0.5.", ErrorText.Compose(finding, OptionNames.Of));
    }

    [TestMethod]
    public void EverySettingHasAnOption()
    {
        foreach (Setting setting in Enum.GetValues<Setting>()) Assert.IsGreaterThan(1, OptionNames.Of(setting).Length);
    }

    [TestMethod]
    public void NamesFromAFileKeepTheMessageOnOneLine() =>
        Assert.AreEqual("Node 'a\\r\\nb\\u202E': no.", ErrorText.Compose(new Finding("no") { Place = new() { Node = "a\r\nb\u202e" } }));

    [TestMethod]
    public void ALongNameIsCut() => Assert.IsLessThan(
        6100, ErrorText.Compose(new Finding("no") { Place = new() { Node = new('n', 100_000) } }).Length);

    [TestMethod]
    public void OfManyFindingsTwentyAreShown()
    {
        var finding = new Finding("much") { Inner = [.. Enumerable.Range(0, 23).Select(i => new Finding($"f{i}"))] };
        StringAssert.EndsWith(ErrorText.Compose(finding), "f19; and 3 more.");
        string[] lines = ErrorText.Compose(finding with { InLines = true, Remedy = "Do less" }).Split('\n');
        Assert.AreEqual("much. Do less.", lines[0]);
        Assert.AreEqual("  f0.", lines[1]);
        Assert.AreEqual("  And 3 more.", lines[21]);
        Assert.HasCount(22, lines);
    }

    [TestMethod]
    public void TheFirstFileAndStageStay()
    {
        var error = new GraphRewriteException(new Finding("no"));
        GraphRewriteException placed = error.In("inner.onnx").During(Stage.Reading);
        Assert.AreEqual("inner.onnx: reading: no.", placed.Message);
        Assert.AreSame(placed, placed.In("outer.onnx"));
        Assert.AreSame(placed, placed.During(Stage.Lowering));
        Assert.IsNull(error.Finding.Place.File);
    }

    [TestMethod]
    public void WorkThatIsRefusedGetsItsFileAndStage()
    {
        static int Refuse() => throw new GraphRewriteException("no");
        var error = Assert.ThrowsExactly<GraphRewriteException>(() => Stages.In("m.onnx", () => Stage.Gradients.During(Refuse)));
        Assert.AreEqual("m.onnx: gradients: no.", error.Message);
        Assert.IsInstanceOfType<GraphRewriteException>(error.InnerException);
    }
}
