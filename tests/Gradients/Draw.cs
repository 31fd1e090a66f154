using GraphRewrite.IR;

namespace TrActOnnx.Tests.Gradients;

/// <summary>Random shapes, attributes and values from one seed.</summary>
internal sealed class Draw(int seed, ElementType type)
{
    private readonly Random random = new(seed);

    /// <summary>An integer, both ends included.</summary>
    public int Int(int low, int high) => random.Next(low, high + 1);

    public bool Flip() => random.Next(2) == 0;

    public T One<T>(params T[] choices) => choices[random.Next(choices.Length)];

    /// <summary>Extents from 1 to 4.</summary>
    public long[] Shape(int minRank, int maxRank, int maxExtent = 4) =>
        [.. Enumerable.Range(0, Int(minRank, maxRank)).Select(_ => (long)Int(1, maxExtent))];

    /// <summary>A shape that broadcasts to another: axes left out in front, extents made 1.</summary>
    public long[] Narrower(long[] shape) => [.. shape.Skip(Int(0, shape.Length)).Select(extent => Int(0, 2) == 0 ? 1 : extent)];

    /// <summary>An axis, counted from either end.</summary>
    public long Axis(int rank) => Int(-rank, rank - 1);

    /// <summary>Some axes, at least one, in order.</summary>
    public long[] Axes(int rank)
    {
        long[] some = [.. Enumerable.Range(0, rank).Where(_ => Flip()).Select(axis => (long)axis)];
        return some.Length > 0 ? some : [Int(0, rank - 1)];
    }

    public long[] Permutation(int count)
    {
        long[] order = [.. Enumerable.Range(0, count).Select(i => (long)i)];
        random.Shuffle(order);
        return order;
    }

    public Operand Real(params long[] dims) => new(Values(-2, 2, dims));

    public Operand Positive(params long[] dims) => new(Values(0.3, 2, dims));

    /// <summary>Values apart from each other and from the given kinks, so that a difference does not cross one.</summary>
    public Operand Apart(long[] dims, params double[] kinks) => new(Spaced(dims, kinks));

    public Tensor Values(double low, double high, params long[] dims) => Make(dims, _ => low + ((high - low) * random.NextDouble()));

    public Tensor Indices(long low, long high, params long[] dims) =>
        Tensor.Of(dims, [.. Enumerable.Range(0, Count(dims)).Select(_ => random.NextInt64(low, high))]);

    public Tensor Bools(params long[] dims) => Tensor.Of(dims, [.. Enumerable.Range(0, Count(dims)).Select(_ => Flip())]);

    public Tensor Scalar(double value) => Tensor.Scalar(type, value);

    public Tensor Vector(params double[] values) => Make([values.Length], i => values[i]);

    public static int Count(IEnumerable<long> dims) => (int)dims.Aggregate(1L, (product, extent) => product * extent);

    /// <summary>A grid of step 0.06 in random order, off every kink by a third of a step.</summary>
    private Tensor Spaced(long[] dims, double[] kinks)
    {
        const double Step = 0.06;
        int count = Count(dims);
        double[] grid = [.. Enumerable.Range(-count, (2 * count) + 90).Select(i => (i - 45) * Step)
            .Where(x => kinks.All(kink => Math.Abs(x - kink) > Step / 3))];
        random.Shuffle(grid);
        return Make(dims, i => grid[i]);
    }

    private Tensor Make(long[] dims, Func<int, double> element)
    {
        double[] elements = [.. Enumerable.Range(0, Count(dims)).Select(element)];
        return type == ElementType.Double ? Tensor.Of(dims, elements) : Tensor.Of(dims, Array.ConvertAll(elements, x => (float)x));
    }
}
