using GraphRewrite.IR;
using TrainingHost.Data;
using TrainingHost.Models;
using TrainingHost.Runtime;

namespace TrainingHost.Runs;

/// <summary>Mean loss and accuracy over a test set.</summary>
internal sealed record EvaluationResult(double Loss, double? Accuracy);

/// <summary>Runs the evaluation model over a test set with the parameters of the moment.</summary>
internal sealed class Evaluator(TrainableModel model, IReadOnlyList<string> batchInputs, BatchLoader test, Device device) : IDisposable
{
    private EvaluationSession? session;

    /// <param name="valueOf">The present value of a parameter.</param>
    /// <param name="cancellation">Stops between two batches.</param>
    public EvaluationResult Run(Func<string, Tensor> valueOf, CancellationToken cancellation)
    {
        session ??= new(model.EvaluationWithPrediction(), valueOf, batchInputs, device);
        session.SetParameters(valueOf);
        double loss = 0, correct = 0;
        int examples = 0;
        bool classes = true;
        foreach (Batch batch in test.Epoch(0, cancellation: cancellation))
        {
            using var feeds = new LoadedBatch(batch, batchInputs);
            using StepOutputs outputs = session.Run(feeds.Values);
            loss += outputs.Scalar(model.EvaluationLoss) * batch.Count;
            double? accuracy = Accuracy.Of(outputs.Floats(model.Prediction), batch);
            classes &= accuracy is not null;
            correct += (accuracy ?? 0) * batch.Count;
            examples += batch.Count;
        }
        return new(loss / examples, classes ? correct / examples : null);
    }

    public void Dispose() => session?.Dispose();
}
