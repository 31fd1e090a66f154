namespace TrainingHost.Reporting;

/// <summary>A file of a run's metrics: a head, and bytes for each report.</summary>
internal interface IMetricsFormat
{
    /// <summary>The file's name in the run's folder.</summary>
    string File { get; }

    /// <summary>What it begins with.</summary>
    byte[] Head { get; }

    /// <summary>A report; empty where the format has no place for it.</summary>
    byte[] Of(RunReport report);
}
