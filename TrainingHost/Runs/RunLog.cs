using GraphRewrite.Diagnostics;
using TrainingHost.Reporting;

namespace TrainingHost.Runs;

/// <summary>What a run tells, remembered and written.</summary>
/// <param name="history">What it told so far.</param>
/// <param name="metrics">Where it is written.</param>
/// <param name="warn">
/// Is told, once, that it cannot be (the run goes on, for its parameters are worth more than its rows), and once that λ was raised.
/// </param>
internal sealed class RunLog(RunHistory history, MetricsLog metrics, Action<string> warn) : IDisposable
{
    private bool hasWarned, hasWarnedOfLambda;

    public RunHistory History { get; } = history;

    public void Add(RunReport report)
    {
        metrics.Write(report);
        History.Add(report);
        if (metrics.Trouble is not { } trouble || hasWarned) return;
        warn($"{trouble}; training goes on, and the rows are written once that is possible");
        hasWarned = true;
    }

    /// <summary>Says, the first time, that λ was raised.</summary>
    public void LambdaRaised(string? message)
    {
        if (message is null || hasWarnedOfLambda) return;
        warn(message);
        hasWarnedOfLambda = true;
    }

    /// <summary>All is written, or the run is not complete.</summary>
    /// <exception cref="GraphRewriteException">Rows are still missing.</exception>
    public void Check(string run)
    {
        if (metrics.Trouble is { } trouble)
            throw new GraphRewriteException($"{trouble}; all else that was trained is saved. Make room, then complete the run by --resume {run}.");
    }

    public void Dispose() => metrics.Dispose();
}
