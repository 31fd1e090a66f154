namespace TrainingHost.Reporting;

/// <summary>Standard output cannot be written: its disk is full, or nobody reads it any more.</summary>
internal sealed class OutputLostException(IOException cause) : Exception($"standard output: cannot be written ({cause.Message.Trim()}).", cause);
