using GraphRewrite.IR;

namespace GraphRewrite.Verification;

/// <summary>
/// Seeded random inputs for a training graph: N(0, 1), weights divided by √fan-in so that deep networks stay in range; labels and indices
/// within the classes and tables that they choose from; variances above zero.
/// </summary>
/// <param name="seed">Of the numbers.</param>
/// <param name="batch">What symbolic dimensions are.</param>
internal sealed class RandomFeeds(int seed, long batch)
{
    private readonly Random random = new(seed);

    /// <summary>The inputs whose numbers x become offset + scale · x.</summary>
    public IReadOnlyCollection<string> Scaled { get; init; } = [];

    public double Scale { get; init; } = 1;

    public double Offset { get; init; }

    public Dictionary<string, Tensor> For(Graph graph) =>
        graph.Inputs.Where(input => !input.IsInitializer).ToDictionary(input => input.Name, Make);

    private Tensor Make(Value input)
    {
        long[] dims = [.. (input.Shape ?? Shape.Scalar).Select(dim => dim.IsKnown ? dim.Value : dim.IsUnknown ? batch : dim.Factor * batch)];
        long count = dims.Aggregate(1L, (product, extent) => product * extent);
        bool isWeight = input.Shape is { IsStatic: true, Rank: > 1 } && count > 0;
        double scale = isWeight ? 1 / Math.Sqrt((double)count / dims[0]) : 1;
        long choices = Choices(input);
        bool positive = IsVariance(input), scaled = Scaled.Contains(input.Name);
        return input.Type switch
        {
            ElementType.Float => Tensor.Of(dims, Draw(() => (float)Given())),
            ElementType.Double => Tensor.Of(dims, Draw(() => Given())),
            ElementType.Float16 => Tensor.Of(dims, Draw(() => (Half)Given())),
            ElementType.Int64 => Tensor.Of(dims, Draw(() => random.NextInt64(choices))),
            ElementType.Int32 => Tensor.Of(dims, Draw(() => (int)random.NextInt64(choices))),
            ElementType.Bool => Tensor.Of(dims, Draw(() => true)),
            _ => throw input.Graph.Refuse($"the input {input} has a type that there are no random numbers for"),
        };

        double Given() => scaled ? Offset + (Scale * Number(1, false)) : Number(scale, positive);

        T[] Draw<T>(Func<T> next) => [.. Enumerable.Range(0, checked((int)count)).Select(_ => next())];
    }

    private double Number(double scale, bool positive) => positive ? 0.5 + random.NextDouble() : Normal() * scale;

    /// <summary>Box and Muller.</summary>
    private double Normal() => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

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
