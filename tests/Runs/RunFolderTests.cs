using System.Diagnostics;
using GraphRewrite.Diagnostics;
using TrActOnnx.Tests.Commands;
using TrainingHost.Runs;

namespace TrActOnnx.Tests.Runs;

[TestClass]
public sealed class RunFolderTests
{
    private static readonly string[] Options =
        ["train", "--model", Path.Combine(TestData.Case("mlp"), "forward.onnx"), "--data", "synthetic", "--steps", "3", "--batch-size", "8"];

    [TestMethod]
    public void RunsAreNumbered()
    {
        using var folder = new TemporaryFolder();
        string[] roots = [.. Enumerable.Range(0, 3).Select(_ => RunFolder.New(null, folder.File("runs"), overwrite: false).Root)];
        CollectionAssert.AreEqual(new[] { "001", "002", "003" }, roots.Select(Path.GetFileName).ToArray());
    }

    [TestMethod]
    public void ARunIsNeverReplacedUnasked()
    {
        using var folder = new TemporaryFolder();
        string run = folder.File("run");
        Verb.Run([.. Options, "--output", run]);
        byte[] before = File.ReadAllBytes(Path.Combine(run, "checkpoint"));
        StringAssert.Contains(Verb.Fail([.. Options, "--output", run, "--seed", "2"]), $"--output {run}: holds a run already.");
        CollectionAssert.AreEqual(before, File.ReadAllBytes(Path.Combine(run, "checkpoint")));
        Verb.Run([.. Options, "--output", run, "--seed", "2", "--overwrite"]);
        CollectionAssert.AreNotEqual(before, File.ReadAllBytes(Path.Combine(run, "checkpoint")));
    }

    [TestMethod]
    public void TheModelIsNeverReplaced()
    {
        using TemporaryFolder folder = TemporaryFolder.CopyOf(TestData.Case("mlp"));
        string[] options = ["train", "--model", folder.Path, "--data", "synthetic", "--steps", "1", "--output", folder.Path];
        StringAssert.Contains(Verb.Fail(options), "is the folder that was read");
        StringAssert.Contains(Verb.Fail([.. options, "--overwrite"]), "is the folder that was read");
    }

    [TestMethod]
    public void ASecondRunIsRefusedWhileTheFirstWrites()
    {
        using var folder = new TemporaryFolder();
        string run = folder.File("run");
        using (RunLock.Take(run))
        {
            StringAssert.Contains(
                Assert.ThrowsExactly<GraphRewriteException>(() => RunLock.Take(run)).Message, $"{run}: process {Environment.ProcessId} on ");
        }
        using (RunLock.Take(run)) Assert.IsTrue(File.Exists(Path.Combine(run, "run.lock")));
        Assert.IsFalse(File.Exists(Path.Combine(run, "run.lock")));
    }

    [TestMethod]
    public void ADeadProcessLockIsTakenOver()
    {
        using var folder = new TemporaryFolder();
        string run = Directory.CreateDirectory(folder.File("run")).FullName;
        string dead = $$"""{"Process":4194303,"Host":"{{Environment.MachineName}}","Since":"2026-01-01T00:00:00+00:00"}""";
        File.WriteAllText(Path.Combine(run, "run.lock"), dead);
        using (RunLock.Take(run)) StringAssert.Contains(File.ReadAllText(Path.Combine(run, "run.lock")), $"{Environment.ProcessId}");
    }

    /// <summary>
    /// A dead process that its parent never asks for (here sleep, which began as a shell) keeps its number: where no init does so, the run must go on
    /// all the same.
    /// </summary>
    [TestMethod]
    [OSCondition(OperatingSystems.Linux)]
    public void AZombiesLockIsTakenOver()
    {
        using var folder = new TemporaryFolder();
        string run = Directory.CreateDirectory(folder.File("run")).FullName;
        using Process parent = Process.Start(
            new ProcessStartInfo("sh", ["-c", "sleep 0.3 & echo $!; exec sleep 60"]) { RedirectStandardOutput = true })!;
        try
        {
            string zombie = parent.StandardOutput.ReadLine()!;
            string state = $"/proc/{zombie}/stat";
            SpinWait.SpinUntil(() => File.ReadAllText(state).Contains(") Z ", StringComparison.Ordinal), TimeSpan.FromSeconds(10));
            StringAssert.Contains(File.ReadAllText(state), ") Z ");
            string holder = $$"""{"Process":{{zombie}},"Host":"{{Environment.MachineName}}","Since":"{{DateTimeOffset.Now.AddMinutes(1):O}}"}""";
            File.WriteAllText(Path.Combine(run, "run.lock"), holder);
            using (RunLock.Take(run)) StringAssert.Contains(File.ReadAllText(Path.Combine(run, "run.lock")), $"{Environment.ProcessId}");
        }
        finally
        {
            parent.Kill();
            parent.WaitForExit();
        }
    }

    [TestMethod]
    public void RestsOfKilledProcessesGo()
    {
        using var folder = new TemporaryFolder();
        string run = folder.File("run");
        Verb.Run([.. Options, "--output", run]);
        string[] rests = [.. new[] { "", "checkpoints", "plots" }.Select(below => Path.Combine(run, below, "x.0123456789abcdef.tract-new"))];
        foreach (string rest in rests)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(rest)!);
            File.WriteAllText(rest, "");
        }

        Verb.Run("train", "--resume", run, "--steps", "4");
        Assert.IsFalse(Array.Exists(rests, File.Exists));
    }

    [TestMethod]
    [DataRow("--seed", "2")]
    [DataRow("--optimizer", "sgd")]
    [DataRow("--batch-size", "4")]
    [DataRow("--lambda", "1")]
    [DataRow("--no-tract", null)]
    public void AResumedRunKeepsToItsOptions(string option, string? value)
    {
        using var folder = new TemporaryFolder();
        string run = folder.File("run");
        Verb.Run([.. Options, "--output", run]);
        string[] given = value is null ? [option] : [option, value];
        StringAssert.StartsWith(Verb.Fail(["train", "--resume", run, .. given]), option);
        Verb.Run("train", "--resume", run, "--batch-size", "8", "--steps", "4", "--lr", "0.002");
        StringAssert.Contains(Verb.Fail("train", "--resume", run, "--model", TestData.Case("lenet")), "trains another model");
    }

    /// <summary>A settings file is a command line.</summary>
    [TestMethod]
    public void ARunIsDoneAgainFromItsSettings()
    {
        using var folder = new TemporaryFolder();
        string one = folder.File("one"), other = folder.File("other");
        Verb.Run([.. Options, "--output", one, "--optimizer", "sgd", "--momentum", "0.9", "--no-tract"]);
        Verb.Run("train", "--config", Path.Combine(one, "settings.json"), "--output", other);
        RunComparison.AreEqual(one, other, "again");
    }

    [TestMethod]
    public void ACompleteRunSaysSoAndGoesOnWhenAsked()
    {
        using var folder = new TemporaryFolder();
        string run = folder.File("run");
        Verb.Run([.. Options, "--output", run]);
        StringAssert.Contains(Verb.Run("train", "--resume", run), "the run is complete (3 steps)");
        Verb.Run("train", "--resume", run, "--steps", "5");
        Assert.HasCount(6, File.ReadAllLines(Path.Combine(run, "metrics.csv")));
    }

    /// <summary>What diverges keeps the last good checkpoint, and says what is at fault.</summary>
    [TestMethod]
    public void ADivergedRunKeepsItsLastCheckpoint()
    {
        using var folder = new TemporaryFolder();
        string run = folder.File("run");
        string error = Verb.Fail(
            code: 1, [.. Options, "--output", run, "--lr", "1e38", "--optimizer", "sgd", "--schedule", "constant", "--checkpoint-every", "1"]);
        StringAssert.Contains(error, "is not finite");
        StringAssert.Contains(error, "--lr");
        Assert.IsTrue(TrainingHost.Runs.Divergence.IsFinite(
            GraphRewrite.Artifacts.Checkpoint.Read(Path.Combine(run, "checkpoint")).Trainable.First().Value));
    }
}
