using GraphRewrite.IR;

namespace TrActOnnx.Tests.Lowering;

/// <summary>Rules that move or scale values.</summary>
[TestClass]
public sealed class PlainLoweringTests
{
    private readonly Random random = new(71);

    [TestMethod]
    public void ConcatTellsTheLengthsThatSplitTakes()
    {
        (Array64 a, Array64 b) = (Array64.Normal(random, 3, 2), Array64.Normal(random, 3, 4));
        Array64 joined = Array64.Zeros(3, 6);
        for (int row = 0; row < 3; row++)
        {
            a.Data.AsSpan(row * 2, 2).CopyTo(joined.Data.AsSpan(row * 6));
            b.Data.AsSpan(row * 4, 4).CopyTo(joined.Data.AsSpan((row * 6) + 2));
        }
        LoweringCheck.Agrees("com.microsoft::ConcatTraining", [a.ToFloat(), b.ToFloat()], [joined, new([2], [2, 4])], ("axis", -1));
        LoweringCheck.Agrees("com.microsoft::SplitTraining", [joined.ToFloat(), Tensor.Vector(2L, 4L)], [a, b], ("axis", 1));
        LoweringCheck.Agrees("com.microsoft::ConcatTraining",
            [a.ToFloat(), a.ToFloat()], [new([6, 2], [.. a.Data, .. a.Data]), new([2], [3, 3])], ("axis", 0));
    }

    [TestMethod]
    public void ScaleMultipliesOrDivides()
    {
        Array64 x = Array64.Normal(random, 2, 3);
        LoweringCheck.Agrees("com.microsoft::Scale", [x.ToFloat(), Tensor.Scalar(4L)], [x.Map(v => v / 4)], ("scale_down", 1));
        LoweringCheck.Agrees("com.microsoft::Scale", [x.ToFloat(), Tensor.Scalar(0.3f)], [x.Map(v => v * 0.3f)]);
    }

    [TestMethod]
    [DataRow(0.3f, true, true)]
    [DataRow(0.3f, true, false)]
    [DataRow(0.3f, false, true)]
    [DataRow(0.3f, false, false)]
    [DataRow(null, true, true)]
    [DataRow(null, true, false)]
    [DataRow(null, false, false)]
    public void DropoutGradScalesWhatWasKept(float? ratio, bool training, bool stored)
    {
        Array64 dY = Array64.Normal(random, 4, 5);
        bool[] mask = [.. dY.Data.Select(_ => !training || random.NextDouble() < 0.6)];
        double scale = training ? 1 / (1 - (ratio ?? 0.5)) : 1;
        Array64 dX = new(dY.Dims, [.. dY.Data.Zip(mask, (v, kept) => kept ? v * scale : 0)]);
        Arg? given = ratio is { } r ? new Arg(Tensor.Scalar(r), stored) : null;
        LoweringCheck.Agrees("com.microsoft::DropoutGrad",
            [dY.ToFloat(), Tensor.Of(dY.Dims, mask), given, new(Tensor.Scalar(training), stored)], [dX]);
    }

    /// <summary>1.19.2 did not look at the mode, and multiplied by 0 where all was dropped.</summary>
    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void DropoutGradWithoutAModeIsThatOfTraining(bool stored)
    {
        Array64 dY = Array64.Normal(random, 4, 5);
        Tensor all = Tensor.Of(dY.Dims, [.. dY.Data.Select(_ => true)]);
        LoweringCheck.Agrees("com.microsoft::DropoutGrad", [dY.ToFloat(), all, new(Tensor.Scalar(0.75f), stored)], [dY.Map(v => v * 4)]);
        LoweringCheck.Agrees("com.microsoft::DropoutGrad", [dY.ToFloat(), all], [dY.Map(v => v * 2)]);
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void DropoutGradOfAllDroppedIsZero(bool stored)
    {
        Array64 dY = Array64.Normal(random, 4, 5);
        Tensor none = Tensor.Of(dY.Dims, [.. dY.Data.Select(_ => false)]);
        LoweringCheck.Agrees("com.microsoft::DropoutGrad", [dY.ToFloat(), none, new(Tensor.Scalar(1f), stored)], [dY.Map(_ => 0)]);
    }

    [TestMethod]
    public void PassThroughAndZeroGradient()
    {
        Array64 x = Array64.Normal(random, 2, 3);
        LoweringCheck.Agrees("com.microsoft::PassThrough", [x.ToFloat(), x.ToFloat()], [x, x]);
        LoweringCheck.Agrees("com.microsoft::ZeroGradient",
            [x.Map(_ => double.PositiveInfinity).ToFloat(), Tensor.Vector(true)], [Array64.Zeros(2, 3)]);
    }

    [TestMethod]
    [DataRow(false, true, false, false)]
    [DataRow(true, false, false, false)]
    [DataRow(false, false, true, false)]
    [DataRow(true, false, true, false)]
    public void StockFusedMatMulTransposes(bool transA, bool transB, bool transBatchA, bool transBatchB)
    {
        Array64 a = Array64.Normal(random, 2, 3, 4);
        Array64 b = Array64.Normal(random, 2, 3, 4);
        Func<Array64, bool, bool, long, long, long, double> at = (m, batch, trans, n, row, column) =>
            (batch, trans) switch
            {
                (false, false) => m.Data[m.Offset([n, row, column])],
                (false, true) => m.Data[m.Offset([n, column, row])],
                (true, false) => m.Data[m.Offset([row, n, column])],      // [rows, batch, columns]
                (true, true) => m.Data[m.Offset([column, n, row])],
            };
        (long batches, long rows, long inner) = (transBatchA, transA) switch
        {
            (false, false) => (2L, 3L, 4L),
            (false, true) => (2L, 4L, 3L),
            (true, false) => (3L, 2L, 4L),
            _ => (3L, 4L, 2L),
        };
        b = Array64.Normal(random, transB ? [batches, 5, inner] : [batches, inner, 5]);
        Array64 y = Array64.Zeros(batches, rows, 5);
        for (long i = 0; i < y.Data.Length; i++)
        {
            long[] place = y.Index(i);
            for (long k = 0; k < inner; k++)
                y.Data[i] += 0.5 * at(a, transBatchA, transA, place[0], place[1], k) * at(b, transBatchB, transB, place[0], k, place[2]);
        }
        LoweringCheck.Agrees("com.microsoft::FusedMatMul", [a.ToFloat(), b.ToFloat()], [y],
            ("transA", transA), ("transB", transB), ("transBatchA", transBatchA), ("transBatchB", transBatchB), ("alpha", 0.5f));
    }
}
