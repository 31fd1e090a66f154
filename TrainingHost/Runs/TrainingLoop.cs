using System.Diagnostics;
using GraphRewrite.Diagnostics;
using GraphRewrite.StepGraphs;
using TrainingHost.Data;
using TrainingHost.Reporting;
using TrainingHost.Runtime;

namespace TrainingHost.Runs;

/// <summary>How long and how fast a run trains.</summary>
/// <param name="Schedule">The learning rate of each step, from 0.</param>
/// <param name="Steps">Steps of the whole run; a resumed run has done some of them.</param>
/// <param name="Accumulate">Batches that make one step.</param>
/// <param name="Patience">Epochs without a better validation result before it ends early; null for none.</param>
internal sealed record TrainingPlan(LearningRateSchedule Schedule, int Steps, int Accumulate = 1, int? Patience = null)
{
    /// <summary>The label whose examples do not count; null: all do.</summary>
    public long? IgnoredLabel { get; init; }
}

/// <summary>
/// Epochs over the data: step, report, save, evaluate at the end of each epoch. Batches that are too few for another step are left out. An epoch is
/// saved before it is evaluated: a run that is killed meanwhile begins with the evaluation.
/// </summary>
internal sealed class TrainingLoop(
    StepSession session, BatchLoader training, Evaluator? evaluator, TrainingPlan plan, Checkpoints checkpoints, RunLog log, Device device)
{
    private readonly Stopwatch watch = Stopwatch.StartNew();
    private readonly TimeSpan before = log.History.Elapsed;

    public int StepsPerEpoch { get; } = StepsOfEpoch(training, plan.Accumulate);

    public TimeSpan Elapsed => before + watch.Elapsed;

    /// <summary>Steps in an epoch.</summary>
    /// <exception cref="GraphRewriteException">The epoch has too few batches for one.</exception>
    public static int StepsOfEpoch(BatchLoader training, int accumulate)
    {
        int batches = training.BatchesPerEpoch;
        if (batches >= accumulate) return batches / accumulate;
        string found = $"an epoch has {batches} batches of {training.BatchSize} only";
        throw new GraphRewriteException($"--accumulate {accumulate}: {found}; take fewer, or a smaller --batch-size.");
    }

    /// <summary>Runs until the planned number of steps is done, or the validation result gets no better.</summary>
    /// <param name="done">Steps that a resumed run has behind it.</param>
    /// <param name="progress">Is told of every step.</param>
    /// <param name="interruption">Ends it after a step, saved.</param>
    /// <returns>The steps that were done.</returns>
    /// <exception cref="DivergedException">The loss is no longer finite, or TrAct's gradient is not although the loss is.</exception>
    /// <exception cref="OperationCanceledException">A signal came; all is saved.</exception>
    public int Run(int done, ITrainingProgress progress, CancellationToken interruption)
    {
        progress.Begin(new(StepsPerEpoch, evaluator?.Examples ?? 0));
        checkpoints.DeleteOld(); // killed after the last was saved
        // Killed before the best was kept: it is this one.
        if (done > 0 && log.History.Best?.Step == done) checkpoints.KeepBest();
        if (EndsEpoch(done) && !log.History.HasEpochAt(done)) EndEpoch(done, progress, interruption);
        while (done < plan.Steps && !IsStuck())
        {
            foreach (StepReport report in Epoch(done))
            {
                done = report.Step;
                progress.Step(report);
                log.Add(report);
                checkpoints.AfterStep(done);
                if (interruption.IsCancellationRequested)
                {
                    checkpoints.Save(done);
                    interruption.ThrowIfCancellationRequested();
                }
            }
            EndEpoch(done, progress, interruption);
        }
        return done;
    }

    private bool EndsEpoch(int done) => done > 0 && (done == plan.Steps || done % StepsPerEpoch == 0);

    /// <summary>The steps that an epoch has left.</summary>
    private IEnumerable<StepReport> Epoch(int done)
    {
        var step = new EpochTotals();
        foreach (Batch batch in training.Epoch(done / StepsPerEpoch, done % StepsPerEpoch * plan.Accumulate))
        {
            bool isLast = batch.Index % plan.Accumulate == plan.Accumulate - 1;
            step.Add(Step(batch, done, isLast));
            if (!isLast) continue;
            yield return step.Report();
            step = new();
            if (EndsEpoch(++done)) break;
        }
    }

    private void EndEpoch(int done, ITrainingProgress progress, CancellationToken interruption)
    {
        checkpoints.Save(done);
        int epoch = ((done - 1) / StepsPerEpoch) + 1;
        EpochTotals totals = EpochTotals.Of(log.History.Steps.Where(step => step.Epoch == epoch));
        HeldOutReport? heldOut = evaluator?.Run(session.ViewAveraged, done, progress, interruption);
        var report = new EpochReport(epoch, done, totals.Loss, totals.Accuracy, heldOut, Elapsed);
        log.Add(report);
        if (log.History.Best == report) checkpoints.KeepBest();
        progress.EpochDone(report);
    }

    /// <summary>Whether as many epochs as there is patience for have brought nothing better.</summary>
    private bool IsStuck() => plan.Patience is { } patience && log.History.Best is { } best
        && log.History.Epochs.Count(epoch => epoch.Step > best.Step) >= patience;

    private StepReport Step(Batch batch, int index, bool isLast)
    {
        StepGraph graph = session.Graph;
        double rate = plan.Schedule.At(index);
        session.LearningRate = (float)rate;
        session.ApplyUpdate = isLast;
        using var feeds = new LoadedBatch(batch, graph.BatchInputs);
        using StepOutputs outputs = session.Step(feeds.Values);
        double loss = outputs.Scalar(graph.Loss);
        if (!double.IsFinite(loss)) throw Divergence.Of(session, batch, feeds, index + 1, loss, rate, device);
        outputs.CheckTrAct(graph, index + 1, session.Lambda);
        log.LambdaRaised(outputs.LambdaRaised(graph, index + 1, session.Lambda));
        double? accuracy = Accuracy.Of(outputs.Floats(graph.Prediction), batch, plan.IgnoredLabel);
        return new(index + 1, plan.Steps, batch.Epoch + 1, loss, accuracy, rate, batch.Count, Elapsed);
    }
}
