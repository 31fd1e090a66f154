using GraphRewrite.IR;

namespace GraphRewrite.Forward;

/// <summary>What of a forward model's stored numbers is trained.</summary>
/// <param name="Parameters">Floating-point weights, in the model's order.</param>
/// <param name="Statistics">Running means and variances of BatchNormalization.</param>
/// <param name="WithoutValue">Parameters and statistics that the model names but brings no values for.</param>
public sealed record ForwardParameters(IReadOnlyList<string> Parameters, IReadOnlyList<string> Statistics, IReadOnlyList<string> WithoutValue)
{
    public static ForwardParameters Find(Graph forward)
    {
        string[] statistics = [.. forward.Nodes.Where(node => node.Op == "BatchNormalization").SelectMany(node => new[] { node.In(3), node.In(4) }).Where(value => value.IsInitializer).Select(value => value.Name).Distinct()];
        return new([.. forward.Initializers.Where(value => value.Type.IsFloating() && !statistics.Contains(value.Name)).Select(value => value.Name)], statistics, []);
    }
}
