using TrActOnnx.Tests.Data.Sources;

namespace TrActOnnx.Tests.Runs;

/// <summary>A run that is killed, interrupted and resumed comes to what one comes to that was left alone; with Dropout, AdamW, averages.</summary>
[TestClass]
public sealed class KilledRunTests
{
    private const int Kills = 20;

    private static readonly string[] Options =
    [
        "--model", TestData.Case("vgg_dropout"), "--batch-size", "8", "--epochs", "12", "--validation", "0.25",
        "--checkpoint-every", "3", "--keep", "2", "--lr", "0.01", "--ema", "0.9",
    ];

    /// <summary>At random moments of a run of 72 steps, 12 evaluations and 24 saves; before the first step and in its results too.</summary>
    [TestMethod]
    public void KilledTwentyTimesItComesToTheSame()
    {
        using var folder = new TemporaryFolder();
        (string[] train, string whole) = LeftAlone(folder);
        string killed = folder.File("killed");
        var random = new Random(5);
        int kills = 0, begun = 0;
        while (kills < Kills)
        {
            bool isBegun = IsBegun();
            using ProgramProcess program = ProgramProcess.Start(Next());
            if (random.Next(4) > 0) program.UntilItTrains();
            if (program.HasEnded(TimeSpan.FromMilliseconds(random.Next(400))))
            {
                Assert.AreEqual(0, program.End(), program.Errors);
                RunComparison.AreEqual(whole, killed, $"after {kills} kills");
                Directory.Delete(killed, recursive: true);
                continue;
            }
            program.Kill();
            kills++;
            if (isBegun) begun++;
        }
        Assert.IsGreaterThan(Kills / 2, begun, "kills of a run that had begun");
        ProgramProcess.Run(Next());
        RunComparison.AreEqual(whole, killed, $"after {kills} kills");

        bool IsBegun() => File.Exists(Path.Combine(killed, "settings.json"));

        // Killed before it began, there is nothing to go on with.
        string[] Next() => IsBegun() ? ["train", "--resume", killed] : [.. train, killed, "--overwrite"];
    }

    [TestMethod]
    [DataRow("INT", 130)]
    [DataRow("TERM", 143)]
    public void InterruptedItSavesAndSaysHowToGoOn(string signal, int code)
    {
        using var folder = new TemporaryFolder();
        (string[] train, string whole) = LeftAlone(folder);
        string run = folder.File("run");
        using (ProgramProcess program = ProgramProcess.Start([.. train, run]))
        {
            program.UntilItTrains();
            program.Signal(signal);
            Assert.AreEqual(code, program.End(), program.Errors);
            Assert.Contains("Stopping after this step", program.Errors);
            Assert.Contains($"Go on with: --resume {run}", program.Errors);
            Assert.DoesNotContain("   at ", program.Errors);
        }
        ProgramProcess.Run("train", "--resume", run);
        RunComparison.AreEqual(whole, run, signal);
    }

    [TestMethod]
    public void InterruptedTwiceItLeavesAtOnceWithAWholeCheckpoint()
    {
        using var folder = new TemporaryFolder();
        (string[] train, string whole) = LeftAlone(folder);
        string run = folder.File("run");
        using (ProgramProcess program = ProgramProcess.Start([.. train, run]))
        {
            program.UntilItTrains();
            program.Signal("INT");
            program.Signal("INT");
            Assert.AreEqual(130, program.End(), program.Errors);
            Assert.DoesNotContain("   at ", program.Errors);
        }
        ProgramProcess.Run("train", "--resume", run);
        RunComparison.AreEqual(whole, run, "twice");
    }

    [TestMethod]
    public void InterruptedBeforeTheFirstStepItLeavesAtOnce()
    {
        using var folder = new TemporaryFolder();
        using ProgramProcess program = ProgramProcess.Start(["train", .. Options, "--data", Data(folder), "--output", folder.File("run")]);
        Thread.Sleep(300); // the runtime is up, the model is being read
        program.Signal("INT");
        Assert.AreEqual(130, program.End(), program.Errors);
        Assert.DoesNotContain("   at ", program.Errors);
    }

    /// <summary>The command line but for the folder, and a run that nothing happened to.</summary>
    private static (string[] Train, string Whole) LeftAlone(TemporaryFolder folder)
    {
        string[] train = ["train", .. Options, "--data", Data(folder), "--output"];
        string whole = folder.File("whole");
        ProgramProcess.Run([.. train, whole]);
        return (train, whole);
    }

    /// <summary>48 images to train on, 16 to validate and 16 to test: 6 steps an epoch.</summary>
    private static string Data(TemporaryFolder folder)
    {
        string data = Directory.CreateDirectory(folder.File("data")).FullName;
        var random = new Random(1);
        foreach ((string part, int count) in new[] { ("train", 64), ("t10k", 16) })
        {
            byte[] pixels = new byte[count * 32 * 32], labels = [.. Enumerable.Range(0, count).Select(i => (byte)(i % 10))];
            random.NextBytes(pixels);
            File.WriteAllBytes(Path.Combine(data, $"{part}-images-idx3-ubyte"), IdxBytes.Of([count, 32, 32], pixels));
            File.WriteAllBytes(Path.Combine(data, $"{part}-labels-idx1-ubyte"), IdxBytes.Of([count], labels));
        }
        return data;
    }
}
