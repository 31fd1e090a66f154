using GraphRewrite.IR.Windows;
using GraphRewrite.Kernels.Conv;

namespace TrActOnnx.Tests.Kernels;

[TestClass]
public sealed class PositionPairsTests
{
    /// <summary>The count without the pairs is that of the pairs.</summary>
    [TestMethod]
    public void AreCountedWithoutBeingMade()
    {
        var random = new Random(1);
        for (int times = 0; times < 2000; times++)
        {
            WindowAxis[] axes = [.. Enumerable.Range(0, 1 + random.Next(3)).Select(_ => Axis(random))];
            long[] input = [.. axes.Select(_ => (long)random.Next(1, 9))];
            var window = new SlidingWindow(axes, input);
            if (window.Output.Any(extent => extent <= 0)) continue;
            Assert.AreEqual(new PositionPairs(null!, window).All.Count, PositionPairs.Count(window), string.Join(' ', axes));
        }
    }

    /// <summary>A file of a kilobyte can ask for a billion outputs; a second for them is nothing's.</summary>
    [TestMethod]
    [Timeout(20_000, CooperativeCancellation = false)]
    public void ABillionOutputsAreCountedAtOnce()
    {
        var axis = new WindowAxis(Kernel: 3, Stride: 1, Dilation: 1, AutoPad.NotSet, DeclaredBegin: 1L << 31, DeclaredEnd: 1L << 31, Ceil: false);
        var window = new SlidingWindow([axis], [4]);
        Assert.AreEqual(12, PositionPairs.Count(window));
    }

    private static WindowAxis Axis(Random random) =>
        new(random.Next(1, 5), random.Next(1, 4), random.Next(1, 4), AutoPad.NotSet, random.Next(4), random.Next(4), Ceil: false);
}
