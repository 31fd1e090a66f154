using GraphRewrite.IR;

namespace GraphRewrite.Forward;

/// <summary>
/// What of a forward model is trained. Weights are initializers, or (export_params=False) graph inputs of fixed shape beside user inputs whose batch
/// dimension is symbolic.
/// </summary>
/// <param name="Parameters">Floating-point weights, in the model's order.</param>
/// <param name="Statistics">Running means and variances of BatchNormalization.</param>
/// <param name="WithoutValue">Those of both that the model names but brings no values for.</param>
public sealed record ForwardParameters(IReadOnlyList<string> Parameters, IReadOnlyList<string> Statistics, IReadOnlyList<string> WithoutValue)
{
    /// <summary>Inputs 3 and 4 of BatchNormalization: running mean and variance.</summary>
    private static readonly int[] StatisticInputs = [3, 4];

    public static ForwardParameters Find(Graph forward)
    {
        Value[] named = [.. WithoutValues(forward)];
        Value[] stored = [.. forward.Initializers.Concat(named).Where(value => value.Type.IsFloating())];
        HashSet<Value> statistics = [.. forward.Nodes.Where(node => node.Op == "BatchNormalization").SelectMany(node => StatisticInputs.Select(node.In))];
        return new(
            [.. stored.Where(value => !statistics.Contains(value)).Select(value => value.Name)],
            [.. stored.Where(statistics.Contains).Select(value => value.Name)],
            [.. named.Select(value => value.Name)]);
    }

    private static IEnumerable<Value> WithoutValues(Graph forward)
    {
        Value[] inputs = [.. forward.Inputs.Where(input => !input.IsInitializer)];
        bool symbolicBatch = inputs.Any(input => input.Shape is { IsStatic: false });
        return symbolicBatch ? inputs.Where(input => input.Type.IsFloating() && input.Shape is { IsStatic: true }) : [];
    }
}
