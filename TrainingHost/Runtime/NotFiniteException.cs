using System.Globalization;

namespace TrainingHost.Runtime;

/// <summary>TrAct's gradient is not finite: the run failed (exit code 1).</summary>
internal sealed class NotFiniteException(int step, float norm, float lambda) : Exception(string.Create(
    CultureInfo.InvariantCulture,
    $"The gradient of TrAct's layer is not finite in step {step} (‖XᵀX/b‖ = {norm:g3}, λ = {lambda:g3}). "
    + $"{(float.IsNaN(norm) ? "Its input is not finite or overflows" : "The gradient of its output overflows")}: look at the data, or lower --lr."));
