namespace TrainingHost.Settings;

/// <summary>How a report of checks is written.</summary>
internal enum ReportFormat
{
    Text,
    Json,

    /// <summary>The XML of JUnit, which GitLab, Jenkins and others read.</summary>
    JUnit,

    /// <summary>The XML of Visual Studio, which Azure DevOps reads.</summary>
    Trx,
}
