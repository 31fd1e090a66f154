using System.Globalization;
using GraphRewrite.Diagnostics;
using TrainingHost.Reporting;

namespace TrActOnnx.Tests.Reporting;

[TestClass]
public sealed class MetricsLogTests
{
    private static readonly DateTimeOffset Started = DateTimeOffset.UnixEpoch;

    private readonly string folder = Directory.CreateTempSubdirectory().FullName;

    [TestCleanup]
    public void Cleanup() => Directory.Delete(folder, recursive: true);

    [TestMethod]
    public void ALine_IsOnTheDiskAsSoonAsItIsWritten()
    {
        using MetricsLog log = Open(new());
        log.Write(Step(1, 0.1 + 0.2, null));
        Assert.AreEqual("step,epoch,loss,accuracy,learning_rate,images_per_second,seconds\n1,1,0.30000000000000004,,0.001,128,0.5\n", Csv());
        log.Write(Step(2, 0.25, 0.5));
        Assert.EndsWith("\n2,1,0.25,0.5,0.001,128,1\n", Csv());
        string[] lines = Content(JsonLines.FileName).Split('\n');
        Assert.AreEqual(
            """{"kind":"step","epoch":1,"loss":0.25,"accuracy":0.5,"learning_rate":0.001,"examples":64,"step":2,"seconds":1}""", lines[1]);
    }

    [TestMethod]
    public void AResumedRun_KeepsWhatTheCheckpointHasBehindIt()
    {
        RunReport[] reports =
        [
            Step(1, 1, 0.5), Step(2, 2, 0.5), new EpochReport(1, 2, 1.5, 0.5, new("validation", 3, 0.25), TimeSpan.FromSeconds(2)), Step(3, 3, 0.5),
            Step(4, 4, 0.5), new EpochReport(2, 4, 3.5, 0.5, new("validation", 2, 0.25), TimeSpan.FromSeconds(3)),
            new EndReport(4, 2, new("test", 1, 0.75), TimeSpan.FromSeconds(4)),
        ];
        using (MetricsLog log = Open(new()))
            foreach (RunReport report in reports) log.Write(report);
        byte[] events = File.ReadAllBytes(System.IO.Path.Combine(folder, new TensorBoardEvents(Started).File));
        string path = System.IO.Path.Combine(folder, JsonLines.FileName);
        File.AppendAllText(path, "{\"kind\":\"step\",\"epo"); // killed as it wrote

        CollectionAssert.AreEqual(reports, RunHistory.Read(path, step: 4).Reports.Select(Full).ToArray());
        RunHistory history = RunHistory.Read(path, step: 3);
        CollectionAssert.AreEqual(reports[..4], history.Reports.Select(Full).ToArray());
        Assert.AreEqual(reports[2], history.Best);
        Assert.IsNull(history.End);

        using (MetricsLog log = Open(history))
            foreach (RunReport report in reports[4..]) log.Write(report);
        Assert.AreEqual(5, Csv().TrimEnd().Split('\n').Length);
        CollectionAssert.AreEqual(reports, RunHistory.Read(path, step: 4).Reports.Select(Full).ToArray());
        CollectionAssert.AreEqual(events, File.ReadAllBytes(System.IO.Path.Combine(folder, new TensorBoardEvents(Started).File)));
        Assert.HasCount(3, Directory.GetFiles(folder));

        static RunReport Full(RunReport report) => report is StepReport step ? step with { TotalSteps = 10 } : report;
    }

    [TestMethod]
    public void AnUnwritablePlace_IsSaid()
    {
        string file = System.IO.Path.Combine(folder, "file");
        File.WriteAllText(file, "");
        StringAssert.StartsWith(
            Assert.ThrowsExactly<GraphRewriteException>(() => MetricsLog.Open(file, new(), new CsvMetrics())).Message,
            $"{file}: cannot be written");
    }

    /// <summary>While the disk is full rows wait; then they stand where they belong, and of half a row nothing is left.</summary>
    [TestMethod]
    public void RowsThatCannotBeWritten_WaitForRoom()
    {
        FillingDisk disk = null!;
        string whole = Rows(path => new FillingDisk(path), _ => { });
        string filled = Rows(path => disk = new FillingDisk(path), step =>
        {
            disk.Room = step is 3 or 4 ? 10 : null;
        });
        Assert.AreEqual(whole, filled);

        string Rows(Func<string, Stream> append, Action<int> before)
        {
            string csv = System.IO.Path.Combine(folder, CsvMetrics.FileName);
            var troubles = new List<string?>();
            using (MetricsLog log = MetricsLog.Open(folder, new(), [new JsonLines(), new CsvMetrics()], append))
            {
                for (int step = 1; step <= 6; step++)
                {
                    before(step);
                    log.Write(Step(step, 1d / step, 0.5));
                    troubles.Add(log.Trouble);
                    if (log.Trouble is { } trouble) Assert.AreEqual($"{csv}: cannot be written (No space left on device)", trouble);
                }
            }
            Assert.AreEqual(disk is null ? 0 : 2, troubles.Count(trouble => trouble is not null));
            return Csv() + Content(JsonLines.FileName);
        }
    }

    /// <summary>A run that ends so keeps the rows that are whole.</summary>
    [TestMethod]
    public void ARowThatNeverHasRoom_LeavesNoHalf()
    {
        using (MetricsLog log = MetricsLog.Open(folder, new(), [new CsvMetrics()], path => new FillingDisk(path) { Room = 10 }))
        {
            log.Write(Step(1, 1, 0.5));
            Assert.IsNotNull(log.Trouble);
        }
        Assert.AreEqual(CsvMetrics.Header + "\n", Csv());
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
            using MetricsLog log = Open(new());
            log.Write(Step(1, 0.5, 0.25));
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
        Assert.EndsWith("\n1,1,0.5,0.25,0.001,128,0.5\n", Csv());
    }

    private MetricsLog Open(RunHistory history) =>
        MetricsLog.Open(folder, history, new JsonLines(), new CsvMetrics(), new TensorBoardEvents(Started));

    private static StepReport Step(int step, double loss, double? accuracy) =>
        new(step, 10, 1, loss, accuracy, 0.001, 64, TimeSpan.FromSeconds(step * 0.5));

    private string Csv() => Content(CsvMetrics.FileName);

    private string Content(string name)
    {
        using var file = new StreamReader(new FileStream(System.IO.Path.Combine(folder, name), FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        return file.ReadToEnd();
    }

    /// <summary>Writes as much as there is room for, then fails, as a full disk does.</summary>
    private sealed class FillingDisk : FileStream
    {
        public FillingDisk(string path)
            : base(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0) => Seek(0, SeekOrigin.End);

        public int? Room { get; set; }

        public override void Write(byte[] buffer, int offset, int count)
        {
            base.Write(buffer, offset, Math.Min(Room ?? count, count));
            if (Room < count) throw new IOException("No space left on device.");
        }
    }
}
