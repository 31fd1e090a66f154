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
internal sealed record TrainingPlan(LearningRateSchedule Schedule, int Steps, int Accumulate = 1);

/// <summary>Epochs over the data: step, report, test at the end of each epoch. Batches that are too few for another step are left out.</summary>
internal sealed class TrainingLoop(StepSession session, BatchLoader training, Evaluator? evaluator, TrainingPlan plan)
{
    private readonly Stopwatch watch = Stopwatch.StartNew();

    /// <summary>Steps in an epoch.</summary>
    /// <exception cref="GraphRewriteException">The epoch has too few batches for one.</exception>
    public static int StepsPerEpoch(BatchLoader training, int accumulate)
    {
        int batches = training.BatchesPerEpoch;
        if (batches >= accumulate) return batches / accumulate;
        string found = $"an epoch has {batches} batches of {training.BatchSize} only";
        throw new GraphRewriteException($"--accumulate {accumulate}: {found}; take fewer, or a smaller --batch-size.");
    }

    /// <summary>Runs until the planned number of steps is done.</summary>
    /// <param name="doneBefore">Steps that a resumed run has behind it.</param>
    /// <param name="progress">Is told of every step.</param>
    /// <param name="metrics">The file that keeps them; null for none.</param>
    /// <param name="cancellation">Stops between two steps.</param>
    /// <returns>The last epoch's report.</returns>
    /// <exception cref="DivergedException">The loss is no longer finite.</exception>
    public EpochReport Run(int doneBefore, ITrainingProgress progress, MetricsLog? metrics, CancellationToken cancellation)
    {
        int done = doneBefore, stepsPerEpoch = StepsPerEpoch(training, plan.Accumulate);
        EpochReport? last = null;
        while (done < plan.Steps)
        {
            int epoch = done / stepsPerEpoch;
            var totals = new EpochTotals();
            var step = new EpochTotals();
            foreach (Batch batch in training.Epoch(epoch, done % stepsPerEpoch * plan.Accumulate, cancellation))
            {
                step.Add(Step(batch, done, isLast: batch.Index % plan.Accumulate == plan.Accumulate - 1));
                if (batch.Index % plan.Accumulate < plan.Accumulate - 1) continue;
                StepReport report = step.Report();
                step = new();
                totals.Add(report);
                progress.Step(report);
                metrics?.Write(report);
                if (++done == plan.Steps || done % stepsPerEpoch == 0) break;
            }
            EvaluationResult? test = evaluator?.Run(session.Read, cancellation);
            last = new(epoch + 1, totals.Loss, totals.Accuracy, test?.Loss, test?.Accuracy, watch.Elapsed);
            progress.EpochDone(last);
        }
        return last ?? throw new GraphRewriteException(
            $"There is nothing left to do: {doneBefore} of {plan.Steps} steps are done. Ask for more with --epochs or --steps.");
    }

    private StepReport Step(Batch batch, int index, bool isLast)
    {
        StepGraph graph = session.Graph;
        double rate = plan.Schedule.At(index);
        session.LearningRate = (float)rate;
        session.ApplyUpdate = isLast;
        using var feeds = new LoadedBatch(batch, graph.BatchInputs);
        using StepOutputs outputs = session.Step(feeds.Values);
        double loss = outputs.Scalar(graph.Loss);
        if (!double.IsFinite(loss)) throw new DivergedException(index + 1, loss, rate);
        double? accuracy = Accuracy.Of(outputs.Floats(graph.Prediction), batch);
        return new(index + 1, plan.Steps, batch.Epoch + 1, loss, accuracy, rate, batch.Count, watch.Elapsed);
    }

    /// <summary>Means over the examples of an epoch, or of a step's batches.</summary>
    private sealed class EpochTotals
    {
        private double loss;
        private double correct;
        private int images;
        private bool classes = true;
        private StepReport? last;

        public double Loss => loss / images;

        public double? Accuracy => classes ? correct / images : null;

        /// <summary>One report for all of them.</summary>
        public StepReport Report() => last! with { Loss = Loss, Accuracy = Accuracy, Images = images };

        public void Add(StepReport step)
        {
            loss += step.Loss * step.Images;
            correct += (step.Accuracy ?? 0) * step.Images;
            classes &= step.Accuracy is not null;
            images += step.Images;
            last = step;
        }
    }
}
