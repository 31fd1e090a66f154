using GraphRewrite.IR;
using TrainingHost.Data;

namespace TrActOnnx.Tests.Data;

[TestClass]
public sealed class SyntheticDatasetTests
{
    private static readonly SyntheticTensor[] Inputs =
    [
        new(new("image", ElementType.Float, [3, 4]), SyntheticValues.Normal),
        new(new("tokens", ElementType.Int64, [6]), SyntheticValues.Integers, Bound: 50),
    ];

    private static readonly SyntheticTensor Classes = new(new("labels", ElementType.Int64, []), SyntheticValues.Integers, Bound: 4);

    [TestMethod]
    public void AnExample_IsAFunctionOfSeedAndIndex()
    {
        Batch together = Filled(7, [3, 9]), alone = Filled(7, [9]), otherSeed = Filled(8, [9]);
        CollectionAssert.AreEqual(alone.Inputs[0].Floats, together.Inputs[0].FloatsOf(1).ToArray());
        CollectionAssert.AreEqual(alone.Inputs[1].Integers, together.Inputs[1].IntegersOf(1).ToArray());
        CollectionAssert.AreNotEqual(alone.Inputs[0].Floats, otherSeed.Inputs[0].Floats);
        CollectionAssert.AreNotEqual(together.Inputs[0].FloatsOf(0).ToArray(), alone.Inputs[0].Floats);

        static Batch Filled(int seed, int[] indices)
        {
            var dataset = new SyntheticDataset(Inputs, Classes, 10, seed);
            var batch = new Batch(dataset, indices.Length);
            dataset.Fill(indices, batch);
            return batch;
        }
    }

    [TestMethod]
    public void Integers_CoverTheirRangeAndStayInIt()
    {
        var dataset = new SyntheticDataset(Inputs, Classes, 1000, 1);
        var batch = new Batch(dataset, 1000);
        dataset.Fill([.. Enumerable.Range(0, 1000)], batch);
        CollectionAssert.AreEqual(new long[] { 0, 1, 2, 3 }, batch.Labels.Integers.Distinct().Order().ToArray());
        Assert.AreEqual(0, batch.Inputs[1].Integers.Min());
        Assert.AreEqual(49, batch.Inputs[1].Integers.Max());
    }

    [TestMethod]
    public void Probabilities_SumToOneInEveryRow()
    {
        var dataset = new SyntheticDataset([Inputs[0]], new(new("target", ElementType.Float, [2, 5]), SyntheticValues.Probabilities), 3, 1);
        var batch = new Batch(dataset, 3);
        dataset.Fill([0, 1, 2], batch);
        foreach (float[] row in batch.Labels.Floats.Chunk(5))
        {
            Assert.AreEqual(1f, row.Sum(), 1e-6f);
            Assert.IsGreaterThan(0f, row.Min());
        }
    }

    [TestMethod]
    public void TypesThatDoNotMatchTheValues_AreRefused() => Assert.ThrowsExactly<ArgumentException>(
        () => new SyntheticDataset([new(new("x", ElementType.Int64, [2]), SyntheticValues.Normal)], Classes, 3, 1));
}
