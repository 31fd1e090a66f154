using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Serialization;
using TrainingHost.Reporting;
using TrainingHost.Settings;

namespace TrainingHost.Benchmarks;

/// <summary>What one process measured, as <c>bench --json</c> prints it.</summary>
/// <param name="Model">The model's path.</param>
/// <param name="BatchSize">Examples in a batch.</param>
/// <param name="Rounds">Timed runs of each contestant.</param>
/// <param name="PeakMegabytes">The most memory that the process has held, in 10⁶ bytes.</param>
/// <param name="Timings">One a contestant.</param>
internal sealed record BenchReport(
    string Model,
    int BatchSize,
    int Rounds,
    double PeakMegabytes,
    [property: JsonPropertyName("milliseconds")] IReadOnlyList<Timing> Timings)
{
    /// <summary>Of this process, as it ends.</summary>
    public static BenchReport Of(BenchSettings settings, IReadOnlyList<Timing> timings) =>
        new(settings.Model, settings.BatchSize, settings.Rounds, Process.GetCurrentProcess().PeakWorkingSet64 / 1e6, timings);

    /// <exception cref="JsonException">It is no report.</exception>
    public static BenchReport Parse(string json) => JsonText.Parse<BenchReport>(json);
}
