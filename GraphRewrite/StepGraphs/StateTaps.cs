using GraphRewrite.Kernels.Conv;

namespace GraphRewrite.StepGraphs;

/// <summary>What is kept tap by tap: a weight, or what is of its shape.</summary>
/// <param name="Weight">How it is taken apart.</param>
/// <param name="Inputs">The inputs of the step graph that hold its taps, in order.</param>
internal sealed record StateTaps(WeightTaps Weight, IReadOnlyList<string> Inputs)
{
    /// <summary>What goes with it, tap by tap: a moment.</summary>
    public StateTaps Of(Func<string, string> state) => new(Weight, [.. Inputs.Select(state)]);
}
