using TrainingHost.Reporting;

namespace TrainingHost.Runs;

/// <summary>What a run tells, remembered and written.</summary>
internal sealed class RunLog(RunHistory history, MetricsLog metrics) : IDisposable
{
    public RunHistory History { get; } = history;

    public void Add(RunReport report)
    {
        metrics.Write(report);
        History.Add(report);
    }

    public void Dispose() => metrics.Dispose();
}
