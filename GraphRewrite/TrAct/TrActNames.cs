using GraphRewrite.IR;

namespace GraphRewrite.TrAct;

/// <summary>Where a rewritten training graph says that TrAct is in it: the names that the rewrite writes and everyone else looks for.</summary>
public static class TrActNames
{
    /// <summary>
    /// The initializer that holds λ, float32 of rank 0, and the metadata that records it in full; a step graph has an input of this name.
    /// </summary>
    public const string Lambda = "tract.lambda";

    /// <summary>The metadata with the names of the rewritten layers, separated by semicolons.</summary>
    public const string Layers = "tract.layers";

    /// <summary>The metadata with the version of the library that rewrote the graph.</summary>
    internal const string Version = "tract.version";

    /// <summary>The value ‖XᵀX/b‖ (Frobenius), float32, of the first rewritten layer; of the others what begins so.</summary>
    internal const string Norm = "tract.norm";

    /// <summary>An output of step graphs with several of those: the largest, float32.</summary>
    internal const string LargestNorm = "tract.largest_norm";

    /// <summary>An output of step graphs: Σ |dW'| over all of its gradients, float32.</summary>
    internal const string Size = "tract.size";

    /// <summary>The keys of the metadata that the rewrite adds.</summary>
    internal static IReadOnlyCollection<string> Metadata { get; } = [Layers, Lambda, Version];

    /// <summary>‖XᵀX/b‖ of every rewritten layer.</summary>
    internal static Value[] NormsIn(Graph graph) => [.. graph.Values.Where(value => value.Name.StartsWith(Norm, StringComparison.Ordinal))];

    /// <summary>λ where nobody chooses one.</summary>
    public const double DefaultLambda = 0.1;
}
