using GraphRewrite.IR;
using TrainingHost.Data;
using TrainingHost.Models;
using TrainingHost.Reporting;
using TrainingHost.Runtime;

namespace TrainingHost.Runs;

/// <summary>An evaluated batch.</summary>
/// <param name="batch">The examples.</param>
/// <param name="logits">What was predicted of them, row after row.</param>
/// <param name="done">Examples so far, with these.</param>
internal delegate void EvaluatedBatch(Batch batch, ReadOnlySpan<float> logits, int done);

/// <summary>Runs the evaluation model over examples that are not trained on, with the parameters of the moment.</summary>
/// <param name="model">The model.</param>
/// <param name="batchInputs">What a batch fills, labels last.</param>
/// <param name="set">What the examples are: <see cref="HeldOutReport.Validation"/> or <see cref="HeldOutReport.Test"/>.</param>
/// <param name="examples">The examples, in order.</param>
/// <param name="device">Where to run.</param>
internal sealed class Evaluator(
    TrainableModel model, IReadOnlyList<string> batchInputs, string set, BatchLoader examples, Device device) : IDisposable
{
    private EvaluationSession? session;

    /// <summary>Examples of the set.</summary>
    public int Examples => examples.Examples;

    /// <summary>The evaluation of a run.</summary>
    /// <param name="valueOf">The present value of a parameter.</param>
    /// <param name="step">The steps behind it, for messages.</param>
    /// <param name="progress">Is told of every batch.</param>
    /// <param name="interruption">Stops between two batches.</param>
    /// <param name="see">Is shown every batch; null: nobody is.</param>
    /// <exception cref="DivergedException">The loss is not finite.</exception>
    public HeldOutReport Run(
        Func<string, Tensor> valueOf, int step, ITrainingProgress progress, CancellationToken interruption, EvaluatedBatch? see = null)
    {
        HeldOutReport result = Score(valueOf, (batch, logits, done) =>
        {
            see?.Invoke(batch, logits, done);
            progress.Evaluated(set, done, Examples);
            interruption.ThrowIfCancellationRequested();
        });
        return double.IsFinite(result.Loss) ? result : throw Divergence.InEvaluation(set, result.Loss, step);
    }

    /// <summary>All batches, one after the other.</summary>
    /// <param name="valueOf">The present value of a parameter.</param>
    /// <param name="see">Is shown every batch.</param>
    public HeldOutReport Score(Func<string, Tensor> valueOf, EvaluatedBatch see)
    {
        session ??= new(model.EvaluationWithPrediction(), valueOf, batchInputs, device);
        session.SetParameters(valueOf);
        double loss = 0, correct = 0, counted = 0;
        int done = 0;
        bool classes = true;
        foreach (Batch batch in examples.Epoch(0))
        {
            using var feeds = new LoadedBatch(batch, batchInputs);
            using StepOutputs outputs = session.Run(feeds.Values);
            ReadOnlySpan<float> logits = outputs.Floats(model.Prediction);
            double? accuracy = Accuracy.Of(logits, batch, model.IgnoredLabel);
            double counting = batch.Counting(model.IgnoredLabel);
            classes &= accuracy is not null;
            if (counting > 0) loss += outputs.Scalar(model.EvaluationLoss) * counting; // without an example that counts, a mean is 0/0
            correct += (accuracy ?? 0) * counting;
            counted += counting;
            done += batch.Count;
            see(batch, logits, done);
        }
        if (model.DrawsInEvaluation)
        {
            // Its generators stand elsewhere now: the next evaluation, of this process or of one that goes on, begins as this one did.
            session.Dispose();
            session = null;
        }
        return new(set, loss / counted, classes ? correct / counted : null);
    }

    public void Dispose() => session?.Dispose();
}
