using System.Diagnostics;
using GraphRewrite.Serialization;
using TrActOnnx.Tests.Commands;
using TrActOnnx.Tests.Serialization;
using TrainingHost.Commands;
using TrainingHost.Runs;

namespace TrActOnnx.Tests.Runs;

/// <summary>What a run has done survives what happens to its disk and to its model.</summary>
[TestClass]
public sealed class RunFaultsTests
{
    private static readonly string[] Options =
        ["--data", "synthetic", "--steps", "4", "--batch-size", "8", "--checkpoint-every", "1", "--keep", "1"];

    private static readonly string[] Artifacts = ["training_model.onnx", "eval_model.onnx", "optimizer_model.onnx", "checkpoint"];

    private static readonly string[] Results = ["model.onnx", "report.html", "plots/loss.png", "plots/loss.svg"];

    /// <summary>At one file operation in so many, from the first to the last; then it goes on, or begins anew where it had not begun.</summary>
    [TestMethod]
    [DataRow(Fault.Kill, 0)]
    [DataRow(Fault.Kill, 4)]
    [DataRow(Fault.Once, 2)]
    [DataRow(Fault.FullDisk, 6)]
    public void WhateverOperationFailsItComesToTheSame(Fault fault, int first)
    {
        const int stride = 9;
        using var top = new TemporaryFolder();
        string[] train = ["train", "--model", Path.Combine(TestData.Case("mlp_sgd"), "forward.onnx"), .. Options, "--output"];
        string whole = top.File("whole");
        Verb.Run([.. train, whole]);
        int faults = 0;
        for (int at = first + 1; ; at += stride)
        {
            string run = top.File($"{at}"), when = $"{fault} at operation {at}";
            (bool isDone, bool hasFailed) = FileFaults.With(fault, at, () => CommandLine.Run([.. train, run], TextWriter.Null, TextWriter.Null) == 0);
            AtomicFiles.Repair(run);
            AssertWhole(run, Artifacts, when);
            AssertWhole(run, Results, when);
            var folder = new RunFolder(run);
            if (folder.Kept is [.., string kept]) CollectionAssert.AreEqual(File.ReadAllBytes(folder.Last), File.ReadAllBytes(kept), when);
            if (!hasFailed) Assert.IsTrue(isDone, when);
            if (!isDone) Verb.Run(folder.HoldsRun ? ["train", "--resume", run] : [.. train, run, "--overwrite"]);
            RunComparison.AreEqual(whole, run, when);
            Directory.Delete(run, recursive: true);
            if (!hasFailed) break;
            faults++;
        }
        Assert.IsGreaterThan(10, faults);
    }

    /// <summary>Until a run that replaces another has begun, the other is there to the byte; from then on it is the new one.</summary>
    [TestMethod]
    [DataRow(Fault.Kill, 0)]
    [DataRow(Fault.Kill, 1)]
    [DataRow(Fault.Once, 0)]
    [DataRow(Fault.FullDisk, 1)]
    public void OverwritingLeavesTheOldRunOrTheNewOne(Fault fault, int first)
    {
        using var top = new TemporaryFolder();
        string[] train = ["train", "--model", Path.Combine(TestData.Case("mlp_sgd"), "forward.onnx"), .. Options];
        string old = top.File("old"), whole = top.File("whole"), run = top.File("run");
        Verb.Run([.. train, "--seed", "2", "--output", old]);
        Verb.Run([.. train, "--output", whole]);
        Dictionary<string, byte[]> before = FileFaults.Contents(old);
        (int stayed, int begun) = (0, 0);
        for (int at = first + 1; begun < 3; at += 2)
        {
            string when = $"{fault} at operation {at}";
            TemporaryFolder.Copy(old, run);
            FileFaults.With(fault, at, () => CommandLine.Run([.. train, "--output", run, "--overwrite"], TextWriter.Null, TextWriter.Null) == 0);
            if (fault == Fault.Once) Assert.IsTrue(new RunFolder(run).HoldsRun, when);
            Assert.IsTrue(RunFolder.Existing(run).HoldsRun, when);
            if (File.ReadAllBytes(Path.Combine(run, "settings.json")).AsSpan().SequenceEqual(before["settings.json"]))
            {
                Dictionary<string, byte[]> after = FileFaults.Contents(run);
                foreach ((string name, byte[] bytes) in before) CollectionAssert.AreEqual(bytes, after.GetValueOrDefault(name), $"{when}: {name}");
                Verb.Run("train", "--resume", run, "--steps", "5");
                stayed++;
            }
            else
            {
                Verb.Run("train", "--resume", run);
                RunComparison.AreEqual(whole, run, when);
                begun++;
            }
            Assert.IsFalse(ReplacedFiles.AreIn(run), when);
            Directory.Delete(run, recursive: true);
        }
        Assert.IsGreaterThan(10, stayed);
    }

    /// <summary>Killed after the old run was put aside and before the new one began: whichever verb comes next finds the old one.</summary>
    [TestMethod]
    [DataRow("evaluate")]
    [DataRow("inspect")]
    [DataRow("export")]
    public void EveryVerbFindsARunThatWasPutAside(string verb)
    {
        using var top = new TemporaryFolder();
        string run = top.File("run");
        Verb.Run(["train", "--model", Path.Combine(TestData.Case("mlp_sgd"), "forward.onnx"), .. Options, "--output", run]);
        string[] line = verb == "export" ? [verb, run, "--output", top.File("e.onnx")] : [verb, run];
        string expected = Verb.Run(line);
        _ = new RunFolder(run).PutAside();
        Assert.IsTrue(ReplacedFiles.AreIn(run));
        Assert.AreEqual(expected, Verb.Run(line));
        Assert.IsFalse(ReplacedFiles.AreIn(run));
    }

    [TestMethod]
    public void ARunThatNeverBeginsReplacesNone()
    {
        using var top = new TemporaryFolder();
        string run = top.File("run");
        string[] train = ["train", "--model", Path.Combine(TestData.Case("mlp_sgd"), "forward.onnx"), "--steps", "2", "--output", run];
        Verb.Run([.. train, "--data", "synthetic"]);
        Dictionary<string, byte[]> before = FileFaults.Contents(run);
        StringAssert.Contains(Verb.Fail([.. train, "--overwrite", "--data", top.File("none")]), "none");
        Dictionary<string, byte[]> after = FileFaults.Contents(run);
        CollectionAssert.AreEquivalent(before.Keys, after.Keys);
        foreach ((string name, byte[] bytes) in before) CollectionAssert.AreEqual(bytes, after[name], name);
        Verb.Run([.. train, "--overwrite", "--data", "synthetic", "--seed", "2"]);
        CollectionAssert.AreNotEqual(before["checkpoint"], File.ReadAllBytes(Path.Combine(run, "checkpoint")));
    }

    /// <summary>Between two steps its model goes, or is another's; the run neither notices nor needs it to go on.</summary>
    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void TheModelIsNotNeededAnyMore(bool isReplaced)
    {
        using var top = new TemporaryFolder();
        string model = top.File("m.onnx"), whole = top.File("whole"), run = top.File("run");
        string given = Path.Combine(TestData.Case("mlp_sgd"), "forward.onnx");
        File.Copy(given, model);
        Verb.Run(["train", "--model", model, .. Options, "--output", whole]);
        bool isGone = false;
        FileOperations.Before.Value = operation =>
        {
            if (!operation.Contains("step-000001", StringComparison.Ordinal)) return;
            if (isReplaced) File.Copy(Path.Combine(TestData.Case("mlp"), "forward.onnx"), model, overwrite: true);
            else File.Delete(model);
            isGone = true;
        };
        try
        {
            Verb.Run(["train", "--model", model, .. Options, "--output", run]);
        }
        finally
        {
            FileOperations.Before.Value = null;
        }
        Assert.IsTrue(isGone);
        RunComparison.AreEqual(whole, run, "gone");
        foreach (string each in new[] { whole, run }) Verb.Run("train", "--resume", each, "--steps", "6");
        RunComparison.AreEqual(whole, run, "resumed");
        Verb.Run("export", run, "--output", top.File("e.onnx"));
        Verb.Run("export", whole, "--output", top.File("f.onnx"));
        CollectionAssert.AreEqual(File.ReadAllBytes(top.File("f.onnx")), File.ReadAllBytes(top.File("e.onnx")));
    }

    /// <summary>Files of at most 40 KB: the metrics do not fit, the checkpoint does.</summary>
    [TestMethod]
    [OSCondition(OperatingSystems.Linux)]
    public void MetricsThatCannotBeWrittenCostNoStep()
    {
        using var top = new TemporaryFolder();
        string[] train =
        [
            "train", "--model", Path.Combine(TestData.Case("mlp_sgd"), "forward.onnx"), "--data", "synthetic", "--steps", "600", "--batch-size", "8",
            "--output",
        ];
        string whole = top.File("whole"), run = top.File("run");
        Verb.Run([.. train, whole]);
        var start = new ProcessStartInfo("sh") { RedirectStandardOutput = true, RedirectStandardError = true };
        string[] limited = ["-c", "trap '' XFSZ; ulimit -f 80; exec dotnet \"$@\"", "sh", typeof(CommandLine).Assembly.Location, .. train, run];
        foreach (string word in limited) start.ArgumentList.Add(word);
        start.Environment["DOTNET_EnableWriteXorExecute"] = "0"; // it maps a large file in memory
        using var process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.AreEqual(2, process.ExitCode, errors.Result);
        Assert.HasCount(2, output.Split("warning: "), output);
        StringAssert.Contains(output, "metrics.jsonl: cannot be written (");
        CollectionAssert.AreEqual(File.ReadAllBytes(Path.Combine(whole, "checkpoint")), File.ReadAllBytes(Path.Combine(run, "checkpoint")));
        Verb.Run("train", "--resume", run);
        CollectionAssert.AreEqual(File.ReadAllBytes(Path.Combine(whole, "model.onnx")), File.ReadAllBytes(Path.Combine(run, "model.onnx")));
        Assert.IsTrue(File.Exists(Path.Combine(run, "report.html")));
    }

    private static void AssertWhole(string run, string[] set, string when)
    {
        string[] there = [.. set.Where(file => File.Exists(Path.Combine(run, file)))];
        Assert.IsTrue(there.Length == 0 || there.Length == set.Length, $"{when}: {string.Join(", ", there)} of {string.Join(", ", set)}");
    }
}
