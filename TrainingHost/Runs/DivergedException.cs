using System.Globalization;

namespace TrainingHost.Runs;

/// <summary>The loss is no longer finite: the run failed (exit code 1).</summary>
internal sealed class DivergedException(int step, double loss, double rate) : Exception(
    string.Create(
        CultureInfo.InvariantCulture,
        $"The run diverged: the loss of step {step} is {loss}. Try a learning rate below {rate:g3}, or --warmup."));
