using System.Text;
using Spectre.Console;
using TrainingHost.Reporting;

namespace TrActOnnx.Tests.Reporting;

[TestClass]
public sealed class ProgressTests
{
    [TestMethod]
    public void Plain_PrintsAtOnceThenEveryTwoSecondsAndTheEnd()
    {
        using var output = new StringWriter { NewLine = "\n" };
        int result = new ConsoleProgress(Console(output, terminal: false)).Run("Training lenet, 100 steps.", progress =>
        {
            progress.Begin(new(100, 0));
            for (int step = 1; step <= 100; step++)
                progress.Step(new(step, 100, 1, 0.5, 0.75, 0.1, 64, TimeSpan.FromSeconds(step * 0.05)));
            progress.EpochDone(new(1, 100, 0.5, 0.75, new("test", 0.25, 0.875), TimeSpan.FromSeconds(65)));
            return 7;
        });
        Assert.AreEqual(7, result);
        Assert.AreEqual(
            """
            Training lenet, 100 steps.
            step 1/100, epoch 1, loss 0.5, accuracy 75.0 %
            step 41/100, epoch 1, loss 0.5, accuracy 75.0 %, 1280 images/s, 0:02 left
            step 81/100, epoch 1, loss 0.5, accuracy 75.0 %, 1280 images/s, 0:00 left
            step 100/100, epoch 1, loss 0.5, accuracy 75.0 %, 1280 images/s, 0:00 left
            epoch 1 done: loss 0.5, accuracy 75.0 %, test loss 0.25, test accuracy 87.5 %, 1:05 elapsed

            """,
            output.ToString());
    }

    [TestMethod]
    public void Live_ShowsTheNumbersAndKeepsTheLinesOfEpochs()
    {
        using var output = new StringWriter();
        new ConsoleProgress(Console(output, terminal: true)).Run("Training.", progress =>
        {
            progress.Begin(new(10, 0));
            progress.Step(new(1, 10, 1, 0.5, null, 0.1, 64, TimeSpan.FromSeconds(1)));
            progress.Step(new(2, 10, 1, 0.5, null, 0.1, 64, TimeSpan.FromSeconds(2)));
            progress.EpochDone(new(1, 10, 0.5, null, null, TimeSpan.FromSeconds(2)));
            return 0;
        });
        string text = output.ToString();
        Assert.Contains("Training.", text);
        Assert.Contains("epoch 1, 2/10, loss 0.5, 64 images/s, 0:08 left", text);
        Assert.Contains("epoch 1 done: loss 0.5, 0:02 elapsed", text);
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void Run_LetsTheWorksExceptionsThrough(bool terminal)
    {
        using var output = new StringWriter();
        var progress = new ConsoleProgress(Console(output, terminal));
        Assert.ThrowsExactly<InvalidTimeZoneException>(() => progress.Run<int>("x", _ => throw new InvalidTimeZoneException()));
    }

    /// <summary>Weights 0.95ᵃ: after losses 1 and 0, the mean is 0.95 / 1.95.</summary>
    [TestMethod]
    public void Pace_SmoothsTheLossAndFollowsTheSpeed()
    {
        var pace = new TrainingPace(new(1000, 0));
        pace.Add(new StepReport(1, 1000, 1, 1, 1, 0.1, 10, TimeSpan.FromSeconds(1)));
        pace.Add(new StepReport(2, 1000, 1, 0, 0, 0.1, 10, TimeSpan.FromSeconds(2)));
        Assert.AreEqual(0.95 / 1.95, pace.Loss, 1e-12);
        Assert.AreEqual(0.95 / 1.95, pace.Accuracy!.Value, 1e-12);
        Assert.AreEqual(10, pace.ImagesPerSecond!.Value, 1e-9);

        // Ten times as fast from here: after the window nothing is left of the slow start.
        for (int step = 3; step <= 203; step++) pace.Add(new StepReport(step, 1000, 1, 0, 0, 0.1, 10, TimeSpan.FromSeconds(2 + ((step - 2) * 0.1))));
        Assert.AreEqual(100, pace.ImagesPerSecond!.Value, 1e-6);
        Assert.AreEqual(79.7, pace.TimeLeft!.Value.TotalSeconds, 1e-6);
    }

    /// <summary>100 examples a second and 1,000 held out: before an evaluation was timed it is taken for 1,000 / 100 / 3 seconds.</summary>
    [TestMethod]
    public void Pace_CountsEvaluationsAmongTheTimeLeft()
    {
        var pace = new TrainingPace(new(10, 1000));
        for (int step = 1; step <= 10; step++) pace.Add(new StepReport(step, 20, 1, 1, 1, 0.1, 100, TimeSpan.FromSeconds(step)));
        Assert.AreEqual(10 + (2 * 10 / 3.0), pace.TimeLeft!.Value.TotalSeconds, 1e-6);
        pace.Add(new EpochReport(1, 10, 1, null, null, TimeSpan.FromSeconds(10 + 4)));
        for (int step = 11; step <= 12; step++) pace.Add(new StepReport(step, 20, 2, 1, 1, 0.1, 100, TimeSpan.FromSeconds(step + 4)));
        Assert.AreEqual(8 + 4, pace.TimeLeft!.Value.TotalSeconds, 1e-6);
    }

    private static IAnsiConsole Console(TextWriter writer, bool terminal) => AnsiConsole.Create(new()
    {
        Ansi = terminal ? AnsiSupport.Yes : AnsiSupport.No,
        Interactive = terminal ? InteractionSupport.Yes : InteractionSupport.No,
        Out = new Output(writer, terminal),
    });

    private sealed class Output(TextWriter writer, bool terminal) : IAnsiConsoleOutput
    {
        public TextWriter Writer => writer;

        public bool IsTerminal => terminal;

        public int Width => 120;

        public int Height => 30;

        public void SetEncoding(Encoding encoding)
        {
        }
    }
}
