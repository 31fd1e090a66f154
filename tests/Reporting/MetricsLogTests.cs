using System.Globalization;
using GraphRewrite.Diagnostics;
using TrainingHost.Reporting;

namespace TrActOnnx.Tests.Reporting;

[TestClass]
public sealed class MetricsLogTests
{
    private readonly string folder = Directory.CreateTempSubdirectory().FullName;

    private string Path => System.IO.Path.Combine(folder, "metrics.csv");

    [TestCleanup]
    public void Cleanup() => Directory.Delete(folder, recursive: true);

    [TestMethod]
    public void ALine_IsOnTheDiskAsSoonAsItIsWritten()
    {
        using MetricsLog log = MetricsLog.Open(Path);
        log.Write(Step(1, 0.1 + 0.2, null));
        Assert.AreEqual("step,epoch,loss,accuracy,learning_rate,images_per_second,seconds\n1,1,0.30000000000000004,,0.001,128,0.5\n", Content());
        log.Write(Step(2, double.NaN, 0.5));
        Assert.EndsWith("\n2,1,NaN,0.5,0.001,128,1\n", Content());
    }

    [TestMethod]
    public void AResumedRun_KeepsTheLinesUpToItsStep()
    {
        using (MetricsLog log = MetricsLog.Open(Path))
            for (int step = 1; step <= 4; step++) log.Write(Step(step, step, null));
        File.AppendAllText(Path, "5,1,0.2");

        using (MetricsLog log = MetricsLog.Open(Path, resumedStep: 3)) log.Write(Step(4, 40, null));
        CollectionAssert.AreEqual(new[] { "loss", "1", "2", "3", "40" },
            Content().TrimEnd().Split('\n').Select(line => line.Split(',')[2]).ToArray());

        using (MetricsLog.Open(Path)) Assert.AreEqual(MetricsLog.Header + "\n", Content());
        Assert.HasCount(1, Directory.GetFiles(folder));
    }

    [TestMethod]
    public void AnUnwritablePlace_IsSaid()
    {
        string path = System.IO.Path.Combine(folder, "missing", "metrics.csv");
        StringAssert.StartsWith(Assert.ThrowsExactly<GraphRewriteException>(() => MetricsLog.Open(path)).Message, $"{path}: cannot be written (");
    }

    [TestMethod]
    public void Numbers_AreInvariant()
    {
        CultureInfo before = CultureInfo.CurrentCulture;
        var commas = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        commas.NumberFormat.NumberDecimalSeparator = ",";
        CultureInfo.CurrentCulture = commas;
        try
        {
            using MetricsLog log = MetricsLog.Open(Path);
            log.Write(Step(1, 0.5, 0.25));
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
        Assert.EndsWith("\n1,1,0.5,0.25,0.001,128,0.5\n", Content());
    }

    private static StepReport Step(int step, double loss, double? accuracy) =>
        new(step, 10, 1, loss, accuracy, 0.001, 64, TimeSpan.FromSeconds(step * 0.5));

    private string Content()
    {
        using var file = new StreamReader(new FileStream(Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        return file.ReadToEnd();
    }
}
