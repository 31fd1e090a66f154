using GraphRewrite.IR;
using GraphRewrite.Randomness;

namespace GraphRewrite.StepGraphs;

/// <summary>
/// A seed of its own for every Dropout and random operator, from the seed of the run. ONNX Runtime's CPU kernel of Dropout draws in its run k as a
/// fresh one does whose seed is larger by k: that is where a resumed run goes on. The others cannot be taken up; they draw anew.
/// </summary>
internal static class RandomSeeds
{
    private const long Stream = 4, LaterStream = 5;

    /// <summary>Attributes of random operators are float32, which holds integers of up to 24 bits.</summary>
    private const int Bits = 24;

    private static readonly HashSet<OpId> Random =
        ["Bernoulli", "Multinomial", "RandomNormal", "RandomNormalLike", "RandomUniform", "RandomUniformLike"];

    /// <param name="graph">The graph; seeds that nodes have are replaced.</param>
    /// <param name="seed">Of the run.</param>
    /// <param name="runsBefore">Batches that a resumed run has behind it.</param>
    public static void Apply(Graph graph, int seed, long runsBefore = 0)
    {
        Pcg32 first = Pcg32.For(seed, Stream, 0), later = Pcg32.For(seed, LaterStream, runsBefore);
        var taken = new HashSet<uint>();
        foreach (Node node in graph.Nodes)
        {
            if (node.Op == "Dropout") node.SetAttribute("seed", Next(ref first) + runsBefore);
            else if (Random.Contains(node.Op)) node.SetAttribute("seed", (float)Next(ref later));
        }

        uint Next(ref Pcg32 random)
        {
            uint number;
            do number = random.Next() >> (32 - Bits);
            while (number == 0 || !taken.Add(number)); // the generator takes 0 for 1
            return number;
        }
    }
}
