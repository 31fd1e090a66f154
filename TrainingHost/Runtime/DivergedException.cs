namespace TrainingHost.Runtime;

/// <summary>Something is no longer finite: the run failed (exit code 1). The last checkpoint stays as it is.</summary>
internal sealed class DivergedException(string message) : Exception(message);
