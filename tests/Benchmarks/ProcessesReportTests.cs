using TrainingHost.Benchmarks;
using TrainingHost.Reporting;

namespace TrActOnnx.Tests.Benchmarks;

/// <summary>A process counts by the median of its runs.</summary>
[TestClass]
public sealed class ProcessesReportTests
{
    [TestMethod]
    public void ThreeProcesses()
    {
        var report = ProcessesReport.Of([Process(10, 300, 80), Process(30, 100, 90), Process(15, 200, 70)]);
        Assert.AreEqual(3, report.Processes);
        Assert.AreEqual(90, report.PeakMegabytes);
        ProcessesTiming plain = report.Timings[0], forward = report.Timings[1];
        Assert.AreEqual(("plain", 15.0, 200.0), (plain.Name, plain.Median, plain.StartUp));
        Assert.AreEqual((10.0, 30.0, 3.0), (plain.Fastest, plain.Slowest, plain.Spread));
        Assert.AreEqual(("forward", 1.5, 1.0, 3.0), (forward.Name, forward.Median, forward.Fastest, forward.Slowest));
    }

    [TestMethod]
    public void TheMedianOfTwoIsBetweenThem()
    {
        ProcessesTiming plain = ProcessesReport.Of([Process(10, 300, 80), Process(30, 100, 90)]).Timings[0];
        Assert.AreEqual((20.0, 200.0), (plain.Median, plain.StartUp));
    }

    /// <summary>One process hands its report to the other as text.</summary>
    [TestMethod]
    public void AReportIsReadAsItWasWritten()
    {
        BenchReport report = Process(10, 300, 80);
        Assert.AreEqual(JsonText.Of(report), JsonText.Of(BenchReport.Parse(JsonText.Of(report))));
    }

    private static BenchReport Process(double plain, double startUp, double peak) => new("m.onnx", 64, 20, peak,
    [
        new("plain", plain, plain, plain, plain, startUp, [new("conv1", "dW", "volume")]),
        new("forward", plain / 10, plain, plain, plain, startUp, []),
    ]);
}
