using System.Runtime.InteropServices;
using GraphRewrite.IR;

namespace GraphRewrite.Verification;

/// <summary>
/// Seeded random inputs for a training graph: N(0, 1); weights evenly distributed with the variance 1/fan-in, so that deep networks stay in range;
/// labels and indices within the classes and tables that they choose from; variances above zero.
/// </summary>
internal sealed class RandomFeeds
{
    private const long LargestStored = 65536;

    private readonly Graph graph;
    private readonly int seed;
    private readonly Dictionary<string, Tensor> fixedInputs;

    /// <param name="graph">The training graph.</param>
    /// <param name="seed">Of the numbers.</param>
    public RandomFeeds(Graph graph, int seed)
    {
        (this.graph, this.seed) = (graph, seed);
        fixedInputs = graph.Inputs.Where(input => input is { IsInitializer: false, Shape.IsStatic: true })
            .ToDictionary(input => input.Name, input => Draw(input, batch: 1));
    }

    /// <summary>A value for each input. What has the same shape in every batch has the same numbers too.</summary>
    /// <param name="batch">What symbolic dimensions are.</param>
    /// <param name="scaled">The inputs that are offset + scale · N(0, 1) instead.</param>
    /// <param name="scale">The scale.</param>
    /// <param name="offset">The offset.</param>
    public Dictionary<string, Tensor> For(long batch, IReadOnlyCollection<string> scaled, double scale, double offset)
    {
        var feeds = new Dictionary<string, Tensor>();
        foreach (Value input in graph.Inputs.Where(input => !input.IsInitializer))
        {
            Random random = RandomOf(input);
            feeds[input.Name] = scaled.Contains(input.Name) ? Draw(input, batch, random, () => offset + (scale * Normal(random)))
                : fixedInputs.GetValueOrDefault(input.Name) ?? Draw(input, batch);
        }
        return feeds;
    }

    /// <summary>Numbers of its own, whatever else is drawn.</summary>
    private Random RandomOf(Value input) => new(input.Name.Aggregate(seed, (hash, letter) => unchecked((hash * 31) + letter)));

    /// <summary>
    /// Stores small parameters in a graph: ONNX Runtime finds an input by its name in a list of all, for every node, which takes time quadratic in
    /// their number.
    /// </summary>
    /// <param name="runnable">A graph with inputs of the training graph; changed in place.</param>
    /// <param name="parameters">What may be stored.</param>
    public void Store(Graph runnable, IEnumerable<string> parameters)
    {
        foreach (string name in parameters)
        {
            if (runnable.Find(name) is not { IsGraphInput: true, IsInitializer: false, Shape: { IsStatic: true } shape } input) continue;
            if (shape.Size.Value > LargestStored) continue;
            runnable.UnmarkInput(input);
            runnable.SetInitializer(input, fixedInputs[name]);
        }
    }

    private static Func<double> Numbers(Value input, Random random)
    {
        if (IsVariance(input)) return () => 0.5 + random.NextDouble();
        if (input.Shape is not { IsStatic: true, Rank: > 1 } weight || weight[0].Value == 0) return () => Normal(random);
        double width = Math.Sqrt(12 * (double)weight[0].Value / weight.Size.Value); // variance width² / 12
        return () => width * (random.NextDouble() - 0.5);
    }

    private Tensor Draw(Value input, long batch)
    {
        Random random = RandomOf(input);
        return Draw(input, batch, random, Numbers(input, random));
    }

    private static Tensor Draw(Value input, long batch, Random random, Func<double> next)
    {
        long[] dims = [.. (input.Shape ?? Shape.Scalar).Select(dim => dim.IsKnown ? dim.Value : dim.IsUnknown ? batch : dim.Factor * batch)];
        long choices = Choices(input);
        return input.Type switch
        {
            ElementType.Float => Fill(() => (float)next()),
            ElementType.Double => Fill(next),
            ElementType.Float16 => Fill(() => (Half)next()),
            ElementType.Int64 => Fill(() => random.NextInt64(choices)),
            ElementType.Int32 => Fill(() => (int)random.NextInt64(choices)),
            ElementType.Bool => Fill(() => true),
            _ => throw input.Graph.Refuse($"the input {input} has a type that there are no random numbers for"),
        };

        Tensor Fill<T>(Func<T> element)
            where T : unmanaged
        {
            var data = new byte[checked(dims.Aggregate(1L, (product, extent) => product * extent) * input.Type.SizeOf())];
            foreach (ref T place in MemoryMarshal.Cast<byte, T>(data.AsSpan())) place = element();
            return new(input.Type, dims, data);
        }
    }

    /// <summary>Box and Muller.</summary>
    private static double Normal(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    /// <summary>How many values an integer input may take where it is used.</summary>
    private static long Choices(Value input) => input.Uses.Select(use => (use.Node.Op.Type, use.Index) switch
    {
        ("SoftmaxCrossEntropyLoss" or "SoftmaxCrossEntropyLossInternal" or "NegativeLogLikelihoodLoss", 1) => Extent(use.Node.In(0), 1),
        ("Gather", 1) => Extent(use.Node.In(0), use.Node.Int("axis", 0)),
        _ => long.MaxValue,
    }).Append(long.MaxValue).Min() is < long.MaxValue and long found ? found : 2;

    private static long Extent(Value value, long axis) =>
        value.Shape is { Rank: > 0 } shape && shape[shape.Axis(axis)] is { IsKnown: true } dim ? dim.Value : 2;

    private static bool IsVariance(Value input) =>
        input.Uses.Any(use => use is { Index: 4, Node.Op.Type: "BatchNormInternal" or "BatchNormalization" });
}
