using GraphRewrite.Diagnostics;
using TrainingHost.Data;
using TrainingHost.Data.Sources;

namespace TrActOnnx.Tests.Data;

[TestClass]
public sealed class ValidationSplitTests
{
    [TestMethod]
    public void EachClass_GivesItsShare()
    {
        // 60, 30 and 10 of three classes, mixed up.
        Examples all = Labelled([.. Enumerable.Range(0, 100).Select(i => (long)(i * 37 % 100 < 60 ? 0 : i * 37 % 100 < 90 ? 1 : 2))]);
        (Examples training, Examples validation) = ValidationSplit.Of(all, 0.2, seed: 1, byClass: true);
        CollectionAssert.AreEqual(new[] { 12, 6, 2 }, Counts(validation));
        CollectionAssert.AreEqual(new[] { 48, 24, 8 }, Counts(training));
        Assert.HasCount(100, Rows(training).Concat(Rows(validation)).Distinct(), "each example is in one part");
        CollectionAssert.AreEqual(Rows(validation).Order().ToArray(), Rows(validation), "in the data's order");
        CollectionAssert.AreEqual(Rows(validation), Rows(ValidationSplit.Of(all, 0.2, seed: 1, byClass: true).Validation));
        CollectionAssert.AreNotEqual(Rows(validation), Rows(ValidationSplit.Of(all, 0.2, seed: 2, byClass: true).Validation));
    }

    /// <summary>A hundred classes of two, a tenth of them: lots decide, and not the order of the classes.</summary>
    [TestMethod]
    public void EqualRemainders_AreDrawnLots()
    {
        Examples all = Labelled([.. Enumerable.Range(0, 200).Select(i => (long)(i / 2))]);
        Examples validation = ValidationSplit.Of(all, 0.1, seed: 1, byClass: true).Validation;
        Assert.AreEqual(20, validation.Count);
        Assert.HasCount(20, Rows(validation).Select(row => row / 2).Distinct());
        Assert.IsGreaterThan(100, Rows(validation).Max());
    }

    /// <summary>Numbers to predict are no classes: the smallest ones must not all be held out.</summary>
    [TestMethod]
    public void Numbers_AreDrawnFromAll()
    {
        Examples all = Labelled([.. Enumerable.Range(0, 1000).Select(i => (long)i)]);
        int[] rows = Rows(ValidationSplit.Of(all, 0.1, seed: 1, byClass: false).Validation);
        Assert.HasCount(100, rows);
        // Uniform over 0 … 999: mean 499.5, deviation of the mean of 100 28; four of them.
        Assert.AreEqual(499.5, rows.Average(), 4 * 28);
    }

    [TestMethod]
    public void TooFew_IsSaid() => Assert.AreEqual(
        "--validation 0.1: few has 1 examples, too few to hold a part out. Give --validation 0, or more data.",
        Assert.ThrowsExactly<GraphRewriteException>(() => ValidationSplit.Of(Labelled([0]), 0.1, 1, byClass: true)).Message);

    private static Examples Labelled(long[] labels) => new(
        "few", new ArrayInputs([new("x", [], new float[labels.Length], null)]), new(new("labels", [], null, labels)));

    private static int[] Rows(Examples part) => [.. Enumerable.Range(0, part.Count).Select(part.RowOf)];

    private static int[] Counts(Examples part) =>
        [.. Enumerable.Range(0, 3).Select(c => Rows(part).Count(row => part.Labels.Values.Integers![row] == c))];
}
