namespace TrainingHost.Reporting;

/// <summary>What a run told so far, its metrics as they stand in the folder: a resumed run knows from here what it was about.</summary>
internal sealed class RunHistory
{
    private readonly List<RunReport> reports = [];

    public IReadOnlyList<RunReport> Reports => reports;

    public IEnumerable<StepReport> Steps => reports.OfType<StepReport>();

    public IEnumerable<EpochReport> Epochs => reports.OfType<EpochReport>();

    /// <summary>Null while the run is not complete.</summary>
    public EndReport? End => reports.OfType<EndReport>().LastOrDefault();

    public TimeSpan Elapsed => reports.Count > 0 ? reports[^1].Elapsed : TimeSpan.Zero;

    /// <summary>The first of the epochs that no other is better than on the validation set; null where there is none.</summary>
    public EpochReport? Best
    {
        get
        {
            EpochReport? best = null;
            foreach (EpochReport epoch in Epochs)
                if (epoch.HeldOut is { Set: HeldOutReport.Validation } now && (best is null || now.IsBetterThan(best.HeldOut!))) best = epoch;
            return best;
        }
    }

    /// <summary>The history that a metrics file holds, as far as the checkpoint goes: what came after it is done again.</summary>
    /// <param name="path">metrics.jsonl; there may be none.</param>
    /// <param name="step">The steps that the checkpoint has behind it.</param>
    public static RunHistory Read(string path, int step)
    {
        var history = new RunHistory();
        if (File.Exists(path)) history.reports.AddRange(JsonLines.Read(path).Where(report => report.Step <= step));
        return history;
    }

    public void Add(RunReport report) => reports.Add(report);

    /// <summary>Whether the evaluation after a step is behind the run.</summary>
    public bool HasEpochAt(int step) => Epochs.Any(epoch => epoch.Step == step);

    /// <summary>Forgets that the run was complete: it goes on.</summary>
    public void Reopen() => reports.RemoveAll(report => report is EndReport);
}
