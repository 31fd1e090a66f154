namespace TrainingHost.Runs;

/// <summary>A signal stopped the run, which saved what it had.</summary>
internal sealed class InterruptedException(int step, int steps, string folder, int exitCode) : Exception(
    $"Stopped after {step} of {steps} steps, all saved. Go on with: --resume {folder}")
{
    public int ExitCode { get; } = exitCode;
}
