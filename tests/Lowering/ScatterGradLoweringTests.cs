using GraphRewrite.Diagnostics;
using GraphRewrite.IR;

namespace TrActOnnx.Tests.Lowering;

[TestClass]
public sealed class ScatterGradLoweringTests
{
    [TestMethod]
    [DataRow(new long[] { 5, 3 }, 0, new long[] { 2, 4 }, false)]
    [DataRow(new long[] { 2, 6, 3 }, 1, new long[] { 5 }, false)]
    [DataRow(new long[] { 2, 3, 6 }, -1, new long[] { 2, 2, 2 }, false)]
    [DataRow(new long[] { 2, 6, 3 }, 1, new long[] { }, false)]
    [DataRow(new long[] { 2, 6, 3 }, 1, new long[] { }, true)]
    [DataRow(new long[] { 2, 6, 3 }, 2, new long[] { 1 }, true)]
    [DataRow(new long[] { 7 }, 0, new long[] { 4, 5 }, true)]
    public void GatherAddsDuplicatesUp(long[] dims, int axis, long[] indexDims, bool stored)
    {
        var random = new Random(51);
        int at = axis < 0 ? axis + dims.Length : axis;
        // Negative indices count from the end; with few places and many indices some come twice.
        Array64 indices = Array64.Zeros(indexDims).Map(_ => random.NextInt64(-dims[at], dims[at]));
        CheckGather(dims, axis, indexDims, stored, indices);
    }

    /// <summary>A stored index is a place between zeros, which there are none of beside the only one.</summary>
    [TestMethod]
    [DataRow(3L, 0L)]
    [DataRow(3L, 1L)]
    [DataRow(3L, 2L)]
    [DataRow(3L, -1L)]
    [DataRow(3L, -3L)]
    [DataRow(1L, 0L)]
    [DataRow(1L, -1L)]
    public void OneStoredIndexIsAPlace(long extent, long index)
    {
        CheckGather([2, extent], 1, [], stored: true, new([], [index]));
        CheckGather([2, extent], 1, [1], stored: true, new([1], [index]));
        CheckGather([extent], 0, [], stored: true, new([], [index]));
    }

    private static void CheckGather(long[] dims, int axis, long[] indexDims, bool stored, Array64 indices)
    {
        var random = new Random(51);
        int at = axis < 0 ? axis + dims.Length : axis;
        Array64 x = Array64.Normal(random, dims);
        Array64 dY = Array64.Normal(random, [.. dims[..at], .. indexDims, .. dims[(at + 1)..]]);
        Array64 dX = LoweringCheck.Gradient(Gather, x, dY);
        foreach (bool narrow in new[] { false, true })
        {
            Tensor given = narrow
                ? Tensor.Of(indexDims, Array.ConvertAll(indices.Data, v => (int)v))
                : Tensor.Of(indexDims, Array.ConvertAll(indices.Data, v => (long)v));
            foreach (bool shapeStored in new[] { true, false })
                LoweringCheck.Agrees("com.microsoft::GatherGrad",
                    [new(Tensor.Vector(dims), shapeStored), new(given, stored), dY.ToFloat()], [dX], ("axis", axis));
        }

        Array64 Gather(Array64 data)
        {
            Array64 y = Array64.Zeros(dY.Dims);
            for (long i = 0; i < y.Data.Length; i++)
            {
                long[] place = y.Index(i);
                long index = (long)indices.Data[indices.Offset(place.AsSpan(at, indexDims.Length))];
                y.Data[i] = data.Data[data.Offset([.. place[..at], index < 0 ? index + dims[at] : index, .. place[(at + indexDims.Length)..]])];
            }
            return y;
        }
    }

    [TestMethod]
    [DataRow(0)]
    [DataRow(-1)]
    public void GatherElementsAddsDuplicatesUp(int axis)
    {
        var random = new Random(52);
        int at = axis < 0 ? 1 : 0;
        Array64 x = Array64.Normal(random, 4, 5);
        Array64 indices = Array64.Zeros(3, 5).Map(_ => random.NextInt64(3));
        Array64 dY = Array64.Normal(random, 3, 5);
        Array64 dX = LoweringCheck.Gradient(data => Elements(data), x, dY);
        Tensor places = Tensor.Of([3, 5], Array.ConvertAll(indices.Data, v => (long)v));
        LoweringCheck.Agrees("com.microsoft::GatherElementsGrad", [dY.ToFloat(), new(Tensor.Vector(4L, 5L), true), places], [dX], ("axis", axis));

        Array64 Elements(Array64 data)
        {
            Array64 y = Array64.Zeros(3, 5);
            for (long i = 0; i < 15; i++)
            {
                long[] place = y.Index(i);
                place[at] = (long)indices.Data[i];
                y.Data[i] = data.Data[data.Offset(place)];
            }
            return y;
        }
    }

    [TestMethod]
    public void GatherNDAddsDuplicatesUp()
    {
        Array64 dY = Array64.Normal(new Random(53), 3, 2);
        Array64 dX = Array64.Zeros(2, 3, 2);
        long[] rows = [1, 2, 0, 1, 1, 2];
        for (int k = 0; k < 3; k++)
            for (int c = 0; c < 2; c++) dX.Data[dX.Offset([rows[2 * k], rows[(2 * k) + 1], c])] += dY.Data[(2 * k) + c];
        LoweringCheck.Agrees("com.microsoft::GatherNDGrad", [new(Tensor.Vector(2L, 3L, 2L), true), Tensor.Of([3, 2], rows), dY.ToFloat()], [dX]);
        Arg?[] inputs = [Tensor.Vector(2L, 3L, 2L), Tensor.Of([3, 2], rows), dY.ToFloat()];
        var batched = OneNodeModel.Of("com.microsoft::GatherNDGrad", 21, inputs, 1, [("batch_dims", 1)]);
        StringAssert.Contains(Assert.ThrowsExactly<GraphRewriteException>(() => LoweringCheck.Run(batched)).Message, "batch_dims");
    }

    [TestMethod]
    [DataRow(new long[] { 1 }, new long[] { 3 }, new long[] { 1 }, null)]
    [DataRow(new long[] { -3, 1 }, new long[] { long.MaxValue, 2 }, new long[] { -1, 0 }, new long[] { 1, 1 })]
    [DataRow(new long[] { 0 }, new long[] { 99 }, new long[] { 1 }, null)]
    [DataRow(new long[] { 4 }, new long[] { 0 }, new long[] { 1 }, new long[] { -2 })]
    [DataRow(new long[] { 0, 1 }, new long[] { 3, 6 }, new long[] { 0, 2 }, new long[] { 2, 3 })]
    [DataRow(new long[] { 1, 2 }, new long[] { 2, 4 }, null, null)]
    [DataRow(new long[] { 4 }, new long[] { 2 }, new long[] { 1 }, null, DisplayName = "an empty slice")]
    [DataRow(new long[] { 2 }, new long[] { 2 }, new long[] { 1 }, null, DisplayName = "another empty slice")]
    [DataRow(new long[] { 0, 3 }, new long[] { 3, 4 }, new long[] { 0, 1 }, new long[] { 1, 1 })]
    public void SliceGoesBackToWhereItCameFrom(long[] starts, long[] ends, long[]? axes, long[]? steps)
    {
        long[] dims = [3, 5, 6];
        long[][] read = [.. dims.Select(dim => Enumerable.Range(0, (int)dim).Select(i => (long)i).ToArray())];
        for (int k = 0; k < starts.Length; k++)
        {
            int axis = (int)(axes?[k] ?? k);
            if (axis < 0) axis += 3;
            read[axis] = Range(starts[k], ends[k], steps?[k] ?? 1, dims[axis]);
        }
        Array64 dY = Array64.Normal(new Random(54), [.. read.Select(r => (long)r.Length)]);
        Array64 dX = Array64.Zeros(dims);
        for (long i = 0; i < dY.Data.Length; i++) dX.Data[dX.Offset([.. dY.Index(i).Select((place, axis) => read[axis][place])])] = dY.Data[i];
        foreach (bool stored in new[] { true, false })
        {
            Arg? Bound(long[]? values) => values is null ? null : new Arg(Tensor.Vector(values), stored);
            LoweringCheck.Agrees("com.microsoft::SliceGrad",
                [dY.ToFloat(), Bound(dims), Bound(starts), Bound(ends), Bound(axes), Bound(steps)], [dX]);
        }
    }

    private static long[] Range(long start, long end, long step, long extent)
    {
        if (start < 0) start += extent;
        if (end < 0) end += extent;
        var range = new List<long>();
        for (long i = start; (step > 0 ? i < Math.Min(end, extent) : i > end) && i >= 0; i += step) range.Add(i);
        return [.. range];
    }
}
