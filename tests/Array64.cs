using GraphRewrite.IR;

namespace TrActOnnx.Tests;

/// <summary>A plain float64 array with broadcasting: what forward definitions and reference gradients are written in.</summary>
internal sealed class Array64(long[] dims, double[] data)
{
    public long[] Dims { get; } = dims;

    public double[] Data { get; } = data;

    public int Rank => Dims.Length;

    public static Array64 Of(Tensor tensor) => new([.. tensor.Dims], tensor.ToDouble());

    public static Array64 Zeros(params long[] dims) => new(dims, new double[dims.Aggregate(1L, (a, b) => a * b)]);

    /// <summary>Normal deviates that are float32 numbers.</summary>
    public static Array64 Normal(Random random, params long[] dims) => Zeros(dims).Map(_ =>
        (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble())));

    public Tensor ToFloat() => Tensor.Of(Dims, Array.ConvertAll(Data, x => (float)x));

    public Array64 Map(Func<double, double> f) => new(Dims, Array.ConvertAll(Data, x => f(x)));

    public Array64 Reshape(params long[] to) => new(to, Data);

    /// <summary>The sum over the axes, which stay as 1.</summary>
    public Array64 Sum(params int[] axes)
    {
        Array64 sum = Zeros([.. Dims.Select((dim, axis) => axes.Contains(axis) ? 1 : dim)]);
        for (long i = 0; i < Data.Length; i++) sum.Data[sum.Offset(Index(i))] += Data[i];
        return sum;
    }

    public Array64 Mean(params int[] axes)
    {
        double count = axes.Aggregate(1.0, (product, axis) => product * Dims[axis]);
        return Sum(axes).Map(x => x / count);
    }

    public static Array64 operator +(Array64 a, Array64 b) => Zip(a, b, (x, y) => x + y);

    public static Array64 operator -(Array64 a, Array64 b) => Zip(a, b, (x, y) => x - y);

    public static Array64 operator *(Array64 a, Array64 b) => Zip(a, b, (x, y) => x * y);

    public static Array64 operator /(Array64 a, Array64 b) => Zip(a, b, (x, y) => x / y);

    /// <summary>The position of every axis for a flat offset.</summary>
    public long[] Index(long offset)
    {
        var index = new long[Rank];
        for (int axis = Rank - 1; axis >= 0; axis--) (offset, index[axis]) = Math.DivRem(offset, Dims[axis]);
        return index;
    }

    /// <summary>The flat offset; positions along axes of extent 1 do not count, positions of missing leading axes neither.</summary>
    public long Offset(ReadOnlySpan<long> index)
    {
        index = index[^Rank..];
        long offset = 0;
        for (int axis = 0; axis < Rank; axis++) offset = (offset * Dims[axis]) + (Dims[axis] == 1 ? 0 : index[axis]);
        return offset;
    }

    private static Array64 Zip(Array64 a, Array64 b, Func<double, double, double> f)
    {
        int rank = Math.Max(a.Rank, b.Rank);
        Array64 result = Zeros([.. Enumerable.Range(1, rank).Select(i => Math.Max(At(a, rank - i), At(b, rank - i)))]);
        for (long i = 0; i < result.Data.Length; i++)
        {
            long[] index = result.Index(i);
            result.Data[i] = f(a.Data[a.Offset(index)], b.Data[b.Offset(index)]);
        }
        return result;

        static long At(Array64 array, int fromEnd) => fromEnd < array.Rank ? array.Dims[array.Rank - 1 - fromEnd] : 1;
    }
}
