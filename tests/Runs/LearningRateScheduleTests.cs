using GraphRewrite.Diagnostics;
using TrainingHost.Runs;

namespace TrActOnnx.Tests.Runs;

[TestClass]
public sealed class LearningRateScheduleTests
{
    /// <summary>
    /// PyTorch 1.13's schedulers over ten steps from 0.5: LinearLR, CosineAnnealingLR, StepLR(3, 0.2), PolynomialLR(power 2),
    /// OneCycleLR (also pct_start 0.4).
    /// </summary>
    [TestMethod]
    [DataRow("constant", 0, new[] { 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5 })]
    [DataRow("linear", 0, new[] { 0.5, 0.45, 0.4, 0.35, 0.3, 0.25, 0.2, 0.15, 0.1, 0.05 })]
    [DataRow("cosine", 0, new[]
    {
        0.5, 0.4877641290737884, 0.45225424859373686, 0.3969463130731183, 0.32725424859373686,
        0.25, 0.17274575140626316, 0.10305368692688174, 0.047745751406263165,
        0.012235870926211617,
    })]
    [DataRow("step:3,0.2", 0, new[] { 0.5, 0.5, 0.5, 0.1, 0.1, 0.1, 0.02, 0.02, 0.02, 0.004 })]
    [DataRow("poly:2", 0, new[] { 0.5, 0.405, 0.32, 0.245, 0.18, 0.125, 0.08, 0.045, 0.02, 0.005 })]
    [DataRow("one-cycle", 0, new[]
    {
        0.02, 0.26, 0.5, 0.47524231600673683, 0.40587282697488153, 0.30563101096814466,
        0.19437098903185537, 0.09412917302511849, 0.024759683993263143, 2e-06,
    })]
    [DataRow("one-cycle", 4, new[]
    {
        0.02, 0.14, 0.38, 0.5, 0.4665064849207059, 0.3750005, 0.250001, 0.12500150000000004, 0.03349551507929411, 2e-06,
    })]
    public void At_IsPyTorchs(string text, int warmup, double[] expected)
    {
        LearningRateSchedule schedule = LearningRateSchedule.Parse(text, 0.5, expected.Length, warmup);
        for (int step = 0; step < expected.Length; step++) Assert.AreEqual(expected[step], schedule.At(step), 1e-12, $"step {step}");
        Assert.AreEqual(schedule.At(expected.Length - 1), schedule.At(1000), "steps past the end");
    }

    [TestMethod]
    public void Warmup_RisesLinearlyThenTheScheduleBegins()
    {
        LearningRateSchedule schedule = LearningRateSchedule.Parse("linear", 1, 8, warmup: 4);
        double[] expected = [0.25, 0.5, 0.75, 1, 1, 0.75, 0.5, 0.25];
        for (int step = 0; step < 8; step++) Assert.AreEqual(expected[step], schedule.At(step), 1e-12);
    }

    /// <summary>S steps of a step schedule stay whole, whatever the rounding of p.</summary>
    [TestMethod]
    public void StepSchedule_StepsExactlyEverySSteps()
    {
        for (int steps = 1; steps < 400; steps++)
        {
            LearningRateSchedule schedule = LearningRateSchedule.Parse("step:7,0.5", 1, steps);
            for (int step = 0; step < steps; step++) Assert.AreEqual(Math.Pow(0.5, step / 7), schedule.At(step), 1e-15, $"step {step} of {steps}");
        }
    }

    [TestMethod]
    public void Defaults_AreThoseOfTheDocumentation()
    {
        Assert.AreEqual(Math.Pow(0.5, 0.9), LearningRateSchedule.Parse("poly", 1, 10).At(5), 1e-12);
        LearningRateSchedule thirds = LearningRateSchedule.Parse("step", 1, 9);
        double[] expected = [1, 1, 1, 0.1, 0.1, 0.1, 0.01, 0.01, 0.01];
        for (int step = 0; step < 9; step++) Assert.AreEqual(expected[step], thirds.At(step), 1e-12);
    }

    [TestMethod]
    [DataRow("constant")]
    [DataRow("linear")]
    [DataRow("cosine")]
    [DataRow("poly")]
    [DataRow("step")]
    [DataRow("one-cycle")]
    public void ShortRuns_HaveAFiniteRateAboveZero(string text)
    {
        for (int steps = 1; steps <= 4; steps++)
            for (int warmup = 0; warmup <= steps; warmup++)
                for (int step = 0; step < steps; step++)
                {
                    double rate = LearningRateSchedule.Parse(text, 0.1, steps, warmup).At(step);
                    Assert.IsTrue(rate is > 0 and <= 0.1 + 1e-15, $"{rate} at {step} of {steps}, warm-up {warmup}");
                }
    }

    [TestMethod]
    public void WhatCannotBe_IsRefused()
    {
        const string Known =
            "is none of constant, linear, cosine, poly, poly:EXPONENT, step, step:STEPS, step:STEPS,FACTOR, one-cycle (numbers above 0).";
        Refuses($"--schedule cosin: {Known}", () => LearningRateSchedule.Parse("cosin", 1, 10));
        Refuses($"--schedule cosine:3: {Known}", () => LearningRateSchedule.Parse("cosine:3", 1, 10));
        Refuses($"--schedule step:0: {Known}", () => LearningRateSchedule.Parse("step:0", 1, 10));
        Refuses("--schedule step:x: 'x' is not a number.", () => LearningRateSchedule.Parse("step:x", 1, 10));
        Refuses("--warmup 11: must be from 0 to the run's 10 steps.", () => LearningRateSchedule.Parse("cosine", 1, 10, 11));

        static void Refuses(string message, Func<LearningRateSchedule> parse) =>
            Assert.AreEqual(message, Assert.ThrowsExactly<GraphRewriteException>(() => parse()).Message);
    }
}
