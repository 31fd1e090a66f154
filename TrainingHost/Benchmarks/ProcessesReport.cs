using System.Text.Json.Serialization;
using GraphRewrite.Kernels;
using TrainingHost.Reporting;

namespace TrainingHost.Benchmarks;

/// <summary>One contestant over several processes: a process counts by the median of its runs. In milliseconds.</summary>
/// <param name="Name">plain, TrAct or forward.</param>
/// <param name="Median">Of the processes.</param>
/// <param name="Fastest">The process with the lowest median.</param>
/// <param name="Slowest">The process with the highest median.</param>
/// <param name="StartUp">Median over the processes of the first run, with all that comes before.</param>
/// <param name="Forms">The formulations that its graph has.</param>
internal sealed record ProcessesTiming(
    string Name, double Median, double Fastest, double Slowest, double StartUp, IReadOnlyList<FormChoice> Forms)
{
    /// <summary>Slowest / fastest: 1 where all processes run alike.</summary>
    public double Spread => Slowest / Fastest;

    /// <param name="timings">The contestant's, one a process.</param>
    public static ProcessesTiming Of(IReadOnlyCollection<Timing> timings) => new(
        timings.First().Name,
        Medians.Of(timings.Select(t => t.Median)),
        timings.Min(t => t.Median),
        timings.Max(t => t.Median),
        Medians.Of(timings.Select(t => t.StartUp)),
        timings.First().Forms);
}

/// <summary>What several processes measured, as <c>bench --processes N --json</c> prints it.</summary>
/// <param name="Model">The model's path.</param>
/// <param name="BatchSize">Examples in a batch.</param>
/// <param name="Rounds">Timed runs of each contestant in each process.</param>
/// <param name="Processes">How many ran, one after the other.</param>
/// <param name="PeakMegabytes">The most memory that one of them has held, in 10⁶ bytes.</param>
/// <param name="Timings">One a contestant.</param>
internal sealed record ProcessesReport(
    string Model,
    int BatchSize,
    int Rounds,
    int Processes,
    double PeakMegabytes,
    [property: JsonPropertyName("milliseconds")] IReadOnlyList<ProcessesTiming> Timings)
{
    /// <param name="reports">One a process, all of the same command line.</param>
    public static ProcessesReport Of(IReadOnlyList<BenchReport> reports) => new(
        reports[0].Model,
        reports[0].BatchSize,
        reports[0].Rounds,
        reports.Count,
        reports.Max(report => report.PeakMegabytes),
        [.. from report in reports
            from timing in report.Timings
            group timing by timing.Name into contestant
            select ProcessesTiming.Of([.. contestant])]);
}
