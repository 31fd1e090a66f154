using System.Text.Json;
using System.Text.RegularExpressions;
using TrainingHost.Commands;

namespace TrActOnnx.Tests.Commands;

/// <summary>What `bench` prints of one process and of several, and what it refuses.</summary>
[TestClass]
public sealed partial class BenchCommandTests
{
    private static readonly string Mlp = Path.Combine(TestData.Case("mlp"), "forward.onnx");
    private static readonly string[] Contestants = ["plain", "TrAct", "forward"];
    private static readonly string[] Short = ["bench", Mlp, "--batch-size", "8", "--rounds", "2"];

    [TestMethod]
    public void OneProcessPrintsQuartiles()
    {
        string[] lines = Lines(Short);
        Assert.AreEqual("| | median ms | quartiles | lowest | start-up ms |", lines[0]);
        CollectionAssert.AreEqual(Contestants, Names(lines));
        Assert.MatchesRegex(@"^Peak memory of this process: \d+ MB\.$", lines[5]);
    }

    [TestMethod]
    public void SeveralProcessesPrintTheirMedianAndSpread()
    {
        string[] lines = Lines([.. Short, "--processes", "2"]);
        Assert.AreEqual("| | median ms | fastest process | slowest process | slowest / fastest | start-up ms |", lines[0]);
        CollectionAssert.AreEqual(Contestants, Names(lines));
        foreach (string row in lines[2..5]) Assert.MatchesRegex(Row(), row);
        Assert.MatchesRegex(@"^Highest peak memory of a process: \d+ MB\.$", lines[5]);
        Assert.AreEqual("Ran 2 processes, one after the other, with 2 timed runs of each contestant.", lines[6]);
        Assert.AreEqual("Formulations (TrAct):", lines[7]);
    }

    /// <summary>--json beside --processes in every spelling: it is left out of the processes' own command lines.</summary>
    [TestMethod]
    [DataRow("--processes", "2", "--json")]
    [DataRow("--json", "true", "--processes=2")]
    public void SeveralProcessesAsJson(params string[] options)
    {
        using var report = JsonDocument.Parse(Verb.Run(["bench", .. options, "--only", "plain", "--rounds", "2", "--batch-size", "8", "--", Mlp]));
        JsonElement root = report.RootElement;
        Assert.AreEqual((Mlp, 8, 2, 2), (root.GetProperty("model").GetString(), Number("batch_size"), Number("rounds"), Number("processes")));
        JsonElement plain = root.GetProperty("milliseconds").EnumerateArray().Single();
        double median = Of("median"), fastest = Of("fastest"), slowest = Of("slowest");
        Assert.AreEqual("plain", plain.GetProperty("name").GetString());
        Assert.AreEqual((fastest + slowest) / 2, median, 1e-9);
        Assert.AreEqual(slowest / fastest, Of("spread"), 1e-9);
        Assert.IsGreaterThan(0, fastest);
        Assert.IsGreaterThan(0, Of("start_up"));
        Assert.IsGreaterThan(10, root.GetProperty("peak_megabytes").GetDouble());

        int Number(string name) => root.GetProperty(name).GetInt32();
        double Of(string name) => plain.GetProperty(name).GetDouble();
    }

    [TestMethod]
    [DataRow("--processes 2: does not go with --profile, which is of one process.", "--profile")]
    [DataRow("--processes 2: does not go with --peer, which steps along in one process.", "--peer", "cat")]
    public void WhatIsOfOneProcessIsRefused(string message, params string[] options) => Refused(message, [.. Short, "--processes", "2", .. options]);

    [TestMethod]
    [DataRow("--only forward: does not go with --profile, which is of a training step.", "--profile", "--only", "forward")]
    [DataRow("--peer: does not go with --profile, which is of a step of ours.", "--profile", "--peer", "cat")]
    [DataRow("--only TrAct: does not go with --no-tract, which leaves nothing to run.", "--only", "TrAct", "--no-tract")]
    public void WhatWouldBePassedOverIsRefused(string message, params string[] options) => Refused(message, [.. Short, .. options]);

    [TestMethod]
    public void WithoutTrActNothingOfItRuns()
    {
        string[] rows = Lines([.. Short, "--no-tract"]);
        CollectionAssert.AreEqual(new[] { "plain", "forward" }, rows[2..4].Select(row => row.Split('|')[1].Trim()).ToArray());
    }

    /// <summary>TrAct's own operators are in the profile of its step alone.</summary>
    [TestMethod]
    [DataRow(true)]
    [DataRow(true, "--only", "TrAct")]
    [DataRow(false, "--only", "plain")]
    [DataRow(false, "--no-tract")]
    public void TheProfileIsOfTheStepThatIsAskedFor(bool tract, params string[] options)
    {
        string[] rows = Lines([.. Short, "--profile", .. options]);
        Assert.AreEqual(tract, rows.Any(row => row.Contains(" Inverse ", StringComparison.Ordinal)));
        Assert.IsTrue(rows.Any(row => row.Contains(" Gemm ", StringComparison.Ordinal)));
    }

    /// <summary>These are found by the processes, not by the one that starts them.</summary>
    [TestMethod]
    public void TheFirstProcessThatFailsSpeaksForAll()
    {
        Refused("--epsilon: SGD has no such constant.", [.. Short, "--processes", "2", "--optimizer", "sgd", "--epsilon", "1e-3"]);
        using var folder = new TemporaryFolder();
        string empty = folder.File("empty.onnx");
        File.WriteAllText(empty, "");
        Refused(Error(["bench", empty]), ["bench", empty, "--processes", "2"]);
    }

    private static void Refused(string message, string[] args) => Assert.AreEqual(message, Error(args));

    private static string Error(string[] args)
    {
        var error = new StringWriter { NewLine = "\n" };
        Assert.AreEqual(2, CommandLine.Run(args, TextWriter.Null, error));
        string text = error.ToString();
        Assert.HasCount(2, text.Split('\n'), text);
        return text.TrimEnd('\n');
    }

    private static string[] Lines(string[] args) => Verb.Run(args).Split('\n', StringSplitOptions.TrimEntries);

    private static string[] Names(string[] lines) => [.. lines[2..5].Select(row => row.Split('|')[1].Trim())];

    [GeneratedRegex(@"^\| \w+ \| \d+\.\d\d \| \d+\.\d\d \| \d+\.\d\d \| \d+\.\d\d \| \d+ \|$")]
    private static partial Regex Row();
}
