using GraphRewrite.IR;
using GraphRewrite.Randomness;

namespace GraphRewrite.StepGraphs;

/// <summary>
/// A seed of its own for every Dropout and random operator, from the seed of the run and the steps behind it: the same run draws the same numbers,
/// another seed, or a later start, other ones.
/// </summary>
internal static class RandomSeeds
{
    private const long Stream = 4;

    /// <summary>Attributes of random operators are float32, which holds integers of up to 24 bits.</summary>
    private const int Bits = 24;

    private static readonly HashSet<OpId> Random =
        ["Bernoulli", "Multinomial", "RandomNormal", "RandomNormalLike", "RandomUniform", "RandomUniformLike"];

    /// <param name="graph">The graph; seeds that nodes have are replaced.</param>
    /// <param name="seed">Of the run.</param>
    /// <param name="stepsBefore">Steps that a resumed run has behind it.</param>
    public static void Apply(Graph graph, int seed, long stepsBefore = 0)
    {
        Pcg32 random = Pcg32.For(seed, Stream, stepsBefore);
        var taken = new HashSet<uint>();
        foreach (Node node in graph.Nodes)
        {
            if (node.Op == "Dropout") node.SetAttribute("seed", (long)Next());
            else if (Random.Contains(node.Op)) node.SetAttribute("seed", (float)Next());
        }

        uint Next()
        {
            uint number;
            do number = random.Next() >> (32 - Bits);
            while (number == 0 || !taken.Add(number)); // the generator takes 0 for 1
            return number;
        }
    }
}
