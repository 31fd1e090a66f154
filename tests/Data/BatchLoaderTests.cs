using GraphRewrite.Diagnostics;
using TrActOnnx.Tests.Data.Sources;
using TrainingHost.Data;
using TrainingHost.Data.Augmentations;

namespace TrActOnnx.Tests.Data;

[TestClass]
public sealed class BatchLoaderTests
{
    [TestMethod]
    public void Training_ShufflesEachEpochAndDropsTheRest()
    {
        var loader = new BatchLoader(IdxBytes.Numbered(23), BatchPlan.Training(5, seed: 3));
        Assert.AreEqual(4, loader.BatchesPerEpoch);
        int[] first = Examples(loader.Epoch(0)), second = Examples(loader.Epoch(1));
        Assert.HasCount(20, first.Distinct());
        Assert.HasCount(20, second.Distinct());
        CollectionAssert.AreNotEqual(first, second);
        CollectionAssert.AreEqual(first, Examples(new BatchLoader(IdxBytes.Numbered(23), BatchPlan.Training(5, seed: 3)).Epoch(0)));
        CollectionAssert.AreNotEqual(first, Examples(new BatchLoader(IdxBytes.Numbered(23), BatchPlan.Training(5, seed: 4)).Epoch(0)));
    }

    /// <summary>
    /// Computed apart, in Python, from the documented generator and shuffle: a run can be repeated on another version of .NET, and of this program.
    /// </summary>
    [TestMethod]
    public void Order_IsTheSameForEver() =>
        CollectionAssert.AreEqual(new[] { 5, 2, 0, 7, 1, 3, 6, 8, 9, 4 }, ShuffledOrder.Of(10, seed: 1, epoch: 2));

    [TestMethod]
    public void Order_IsUniform()
    {
        // All 24 orders of four, 24,000 draws. Chi-squared with 23 degrees of freedom: above 49.7 once in a thousand.
        var counts = new Dictionary<string, int>();
        for (int epoch = 0; epoch < 24_000; epoch++)
        {
            string key = string.Join(' ', ShuffledOrder.Of(4, 9, epoch));
            counts[key] = counts.GetValueOrDefault(key) + 1;
        }
        Assert.HasCount(24, counts);
        Assert.IsLessThan(49.7, counts.Values.Sum(count => Math.Pow(count - 1000, 2) / 1000));
    }

    [TestMethod]
    public void ASingleBatchThatIsNotFull_IsKept()
    {
        var loader = new BatchLoader(IdxBytes.Numbered(3), BatchPlan.Training(8, seed: 3));
        Assert.AreEqual(1, loader.BatchesPerEpoch);
        CollectionAssert.AreEquivalent(new[] { 0, 1, 2 }, Examples(loader.Epoch(0)));
    }

    [TestMethod]
    public void Evaluation_BringsEveryExampleOnceInOrder()
    {
        var loader = new BatchLoader(IdxBytes.Numbered(23), BatchPlan.Evaluation(5));
        Assert.AreEqual(5, loader.BatchesPerEpoch);
        CollectionAssert.AreEqual(Enumerable.Range(0, 23).ToArray(), Examples(loader.Epoch(0)));
    }

    [TestMethod]
    public void ResumedEpoch_BringsWhatWasLeft()
    {
        BatchPlan plan = BatchPlan.Training(5, seed: 3, new Augmentation { Flip = true, Crop = 4, Rotation = 20 });
        var whole = new BatchLoader(IdxBytes.Numbered(60, height: 8, width: 8), plan);
        var resumed = new BatchLoader(IdxBytes.Numbered(60, height: 8, width: 8), plan);
        float[][] all = [.. whole.Epoch(4).Select(batch => batch.Inputs[0].Floats.ToArray())];
        (int, float[])[] rest = [.. resumed.Epoch(4, firstBatch: 9).Select(batch => (batch.Index, batch.Inputs[0].Floats.ToArray()))];
        Assert.HasCount(3, rest);
        foreach ((int index, float[] images) in rest) CollectionAssert.AreEqual(all[index], images);
    }

    /// <summary>Order, augmentation and mixing are functions of seed, epoch and place: threads have no say in them.</summary>
    [TestMethod]
    public void TheNumberOfWorkers_ChangesNothing()
    {
        BatchPlan plan = BatchPlan.Training(8, seed: 3, AugmentationText.Parse("imagenet,randaugment=2:9,erasing=0.5"));
        float[][] alone = Loaded(plan), together = Loaded(plan with { Workers = 7 });
        for (int i = 0; i < alone.Length; i++) CollectionAssert.AreEqual(alone[i], together[i]);

        static float[][] Loaded(BatchPlan plan) => [.. new BatchLoader(IdxBytes.Numbered(60, height: 8, width: 8), plan).Epoch(2)
            .Select(batch => batch.Inputs[0].Floats.ToArray())];
    }

    [TestMethod]
    public void TheFirstFailureByPlace_IsTheOneThatIsThrown()
    {
        var failing = new FailingDataset(IdxBytes.Numbered(50), failAt: 0, failsFrom: true);
        var loader = new BatchLoader(failing, BatchPlan.Evaluation(50) with { Workers = 8 });
        for (int round = 0; round < 20; round++)
            Assert.AreEqual("example 0 is unreadable.", Assert.ThrowsExactly<GraphRewriteException>(() => loader.Epoch(0).Count()).Message);
    }

    [TestMethod]
    public void MixingIndices_IsRefused() => Assert.StartsWith(
        "--augment: MixUp and CutMix mix the labels of two examples, and 'labels' takes class indices. Train the forward .onnx with --loss",
        Assert.ThrowsExactly<GraphRewriteException>(
            () => new BatchLoader(IdxBytes.Numbered(50), BatchPlan.Training(5, 1, AugmentationText.Parse("mixup=0.2")))).Message);

    [TestMethod]
    public void LeavingEarly_LeavesTheLoaderUsable()
    {
        var loader = new BatchLoader(IdxBytes.Numbered(50), BatchPlan.Evaluation(5));
        for (int round = 0; round < 20; round++) Assert.AreEqual(0, loader.Epoch(0).First().Index);
        CollectionAssert.AreEqual(Enumerable.Range(0, 50).ToArray(), Examples(loader.Epoch(0)));
    }

    [TestMethod]
    public void TwoReadersAtOnce_AreRefused()
    {
        var loader = new BatchLoader(IdxBytes.Numbered(50), BatchPlan.Evaluation(5));
        foreach (Batch batch in loader.Epoch(0))
        {
            Assert.ThrowsExactly<InvalidOperationException>(() => loader.Epoch(1).First());
            if (batch.Index == 1) break;
        }
    }

    [TestMethod]
    public void AFailureWhilePreparing_ReachesTheConsumerAfterTheBatchesBeforeIt()
    {
        var loader = new BatchLoader(new FailingDataset(IdxBytes.Numbered(50), failAt: 30), BatchPlan.Evaluation(5));
        for (int round = 0; round < 5; round++)
        {
            List<int> read = [];
            var error = Assert.ThrowsExactly<GraphRewriteException>(() =>
            {
                foreach (Batch batch in loader.Epoch(0)) read.Add(batch.Index);
            });
            Assert.AreEqual("example 30 is unreadable.", error.Message);
            CollectionAssert.AreEqual(new[] { 0, 1, 2, 3, 4, 5 }, read);
        }
    }

    [TestMethod]
    public void Cancelling_EndsTheEpochAndTheThread()
    {
        var loader = new BatchLoader(IdxBytes.Numbered(250), BatchPlan.Evaluation(5));
        for (int round = 0; round < 20; round++)
        {
            using var stop = new CancellationTokenSource();
            Assert.Throws<OperationCanceledException>(() =>
            {
                foreach (Batch batch in loader.Epoch(0, cancellation: stop.Token))
                    if (batch.Index == 3) stop.Cancel();
            });
        }
        Assert.HasCount(250, Examples(loader.Epoch(0)));
    }

    /// <summary>While the consumer holds a batch, the next two are prepared, and not a third; the held one is not overwritten.</summary>
    [TestMethod]
    public void Loading_GoesAheadByTwo()
    {
        var counted = new FailingDataset(IdxBytes.Numbered(100), failAt: int.MaxValue);
        var loader = new BatchLoader(counted, BatchPlan.Evaluation(10));
        foreach (Batch batch in loader.Epoch(0))
        {
            float held = batch.Inputs[0].Floats[0];
            int ahead = 10 * Math.Min(batch.Index + 3, 10);
            Assert.IsTrue(SpinWait.SpinUntil(() => counted.Fills >= ahead, TimeSpan.FromSeconds(20)), $"{counted.Fills} of {ahead} prepared");
            Thread.Sleep(5);
            Assert.AreEqual(ahead, counted.Fills);
            Assert.AreEqual(held, batch.Inputs[0].Floats[0]);
        }
    }

    /// <summary>The numbers of the examples, read from their first pixels.</summary>
    private static int[] Examples(IEnumerable<Batch> batches) =>
        [.. batches.SelectMany(
            batch => Enumerable.Range(0, batch.Count).Select(row => (int)MathF.Round(batch.Inputs[0].FloatsOf(row)[0])).ToArray())];

    /// <summary>Cannot read one example; counts how often it was asked.</summary>
    private sealed class FailingDataset(IDataset inner, int failAt, bool failsFrom = false) : IDataset
    {
        private int fills;

        public int Fills => Volatile.Read(ref fills);

        public string Name => inner.Name;

        public int Count => inner.Count;

        public IReadOnlyList<ExampleTensor> Inputs => inner.Inputs;

        public ExampleTensor Labels => inner.Labels;

        public void Fill(int index, Batch batch, int row, Draw? draw = null)
        {
            if (index == failAt || (failsFrom && index > failAt)) throw new GraphRewriteException($"example {index} is unreadable");
            inner.Fill(index, batch, row, draw);
            Interlocked.Increment(ref fills);
        }
    }
}
