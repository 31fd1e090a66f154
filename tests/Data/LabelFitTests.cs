using GraphRewrite.Diagnostics;
using GraphRewrite.IR;
using TrainingHost.Data;
using TrainingHost.Data.Sources;

namespace TrActOnnx.Tests.Data;

[TestClass]
public sealed class LabelFitTests
{
    private static readonly Dim Batch = Dim.Symbol("batch");
    private static readonly LabelTarget Indices = new("labels", ElementType.Int64, Shape.Of(Batch), 3);
    private static readonly LabelTarget Parts = new("labels", ElementType.Float, Shape.Of(Batch, 3), null);
    private static readonly LabelTarget Number = new("labels", ElementType.Float, Shape.Of(Batch, 1), null);

    [TestMethod]
    public void Indices_AreAsTheyAre()
    {
        var fit = new LabelFit(Indices, Of(Whole(0, 2, 1)));
        CollectionAssert.AreEqual(new long[] { 0, 2, 1 }, Filled(fit, Whole(0, 2, 1)).Integers);
        Assert.IsNull(fit.Note);
        Assert.IsTrue(fit.AreClasses);
    }

    [TestMethod]
    public void OtherWholeNumbers_BecomeClassesInTheirOrder()
    {
        var fit = new LabelFit(Indices, Of(Whole(3, 1, 7, 3)));
        Assert.AreEqual("The labels 1, 3, 7 become the classes 0 to 2.", fit.Note);
        CollectionAssert.AreEqual(new[] { "1", "3", "7" }, fit.ClassNames!.ToArray());
        CollectionAssert.AreEqual(new long[] { 1, 0, 2, 1 }, Filled(fit, Whole(3, 1, 7, 3)).Integers);
        Assert.AreEqual("l, example 0: label 2 is not among the training part's.",
            Assert.ThrowsExactly<GraphRewriteException>(() => fit.Of(Of(Whole(2)))).Message);
    }

    [TestMethod]
    public void WhatTheLossIgnoresStays()
    {
        LabelTarget ignoring = Indices with { Ignored = -100 };
        CollectionAssert.AreEqual(new long[] { 0, -100, 2 }, Filled(new(ignoring, Of(Whole(0, -100, 2))), Whole(0, -100, 2)).Integers);
        var others = new LabelFit(ignoring, Of(Whole(3, -100, 7)));
        Assert.AreEqual("The labels 3, 7 become the classes 0 to 1.", others.Note);
        CollectionAssert.AreEqual(new long[] { -100, 1, 0 }, Filled(others, Whole(-100, 7, 3)).Integers);
    }

    /// <summary>A folder to test on may lack classes: they are told by name.</summary>
    [TestMethod]
    public void ClassesOfATrainedModel_AreFoundByName()
    {
        ExampleLabels labels = Whole(0, 1, 0) with { ClassNames = ["b", "c"] };
        CollectionAssert.AreEqual(new long[] { 1, 2, 1 }, Filled(new(Indices, Of(labels), ["a", "b", "c"]), labels).Integers);
        Assert.AreEqual("few: the class c is none of those that the model was trained on: a, b.",
            Assert.ThrowsExactly<GraphRewriteException>(() => new LabelFit(Indices, Of(labels), ["a", "b"])).Message);
    }

    [TestMethod]
    public void Classes_BecomeARowWithAOne()
    {
        var fit = new LabelFit(Parts, Of(Whole(2, 0)));
        BatchTensor filled = Filled(fit, Whole(2, 0));
        CollectionAssert.AreEqual(new float[] { 0, 0, 1, 1, 0, 0 }, filled.Floats);
        Assert.IsTrue(filled.Example.IsDistribution);
    }

    [TestMethod]
    public void Numbers_AreNumbers()
    {
        CollectionAssert.AreEqual(new[] { 2.5f, 3 }, Filled(new(Number, Of(Fractions(2.5f, 3))), Fractions(2.5f, 3)).Floats);
        CollectionAssert.AreEqual(new float[] { 250, 3 }, Filled(new(Number, Of(Whole(250, 3))), Whole(250, 3)).Floats);
        ExampleLabels two = Whole(1, 0) with { ClassNames = ["no", "yes"] };
        CollectionAssert.AreEqual(new float[] { 1, 0 }, Filled(new(Number, Of(two)), two).Floats);
    }

    [TestMethod]
    public void WhatCannotBe_IsSaid()
    {
        Refuses("l, example 1: label 4 is out of range, the model has 3 classes (0 to 2). "
            + "If its examples are not to count, give --ignore-index.", Indices, Whole(0, 4, 1, 2));
        Refuses("l: the labels are numbers with fractions, the model's 'labels' takes class indices. Train with --loss mse, or give whole numbers.",
            Indices, Fractions(0.5f));
        Refuses("few: 4 classes (a, b, c, d), the model predicts 3. Export it with as many outputs as there are classes.",
            Indices, Whole(0) with { ClassNames = ["a", "b", "c", "d"] });
        Refuses("The data brings classes, the model's 'labels' is Float[batch, 1]. Train with --loss cross-entropy, or give numbers.",
            Number, Whole(0) with { ClassNames = ["a", "b", "c"] });
        Refuses("The loss takes probabilities above 0 as 'labels', the data brings classes. Train with --loss cross-entropy.",
            Parts with { TakesLogarithm = true }, Whole(0));
        Refuses("l: the labels of an example are [2], the model's 'labels' is Int64[batch]. Give labels of its shape.",
            Indices, new(new("l", [2], null, [1, 2])));

        static void Refuses(string message, LabelTarget target, ExampleLabels labels) => Assert.AreEqual(
            message, Assert.ThrowsExactly<GraphRewriteException>(() => new LabelFit(target, Of(labels)).Of(Of(labels))).Message);
    }

    private static ExampleLabels Whole(params long[] values) => new(new("l", [], null, values));

    private static ExampleLabels Fractions(params float[] values) => new(new("l", [], values, null));

    private static Examples Of(ExampleLabels labels) => new("few", new ArrayInputs([labels.Values]), labels);

    private static BatchTensor Filled(LabelFit fit, ExampleLabels labels)
    {
        FittedLabels fitted = fit.Of(Of(labels));
        var tensor = new BatchTensor(fitted.Tensor, labels.Values.Count);
        for (int i = 0; i < labels.Values.Count; i++) fitted.Fill(i, tensor, i);
        return tensor;
    }
}
