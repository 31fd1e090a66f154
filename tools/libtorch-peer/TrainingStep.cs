using TorchSharp;
using static TorchSharp.torch;

namespace LibtorchPeer;

/// <summary>A training step on one batch of random numbers: forward, cross-entropy, backward, optimizer.</summary>
internal sealed class TrainingStep
{
    private const double LearningRate = 1e-4;
    private const int Classes = 10;

    private readonly nn.Module<Tensor, Tensor> model;
    private readonly optim.Optimizer optimizer;
    private readonly Tensor examples;
    private readonly Tensor labels;

    /// <param name="plan">The model and its optimizer.</param>
    /// <param name="batchSize">Examples in the batch.</param>
    /// <param name="momentum">Of SGD.</param>
    public TrainingStep(PeerModel plan, int batchSize, double momentum)
    {
        model = plan.Create();
        model.train();
        optimizer = plan.TrainsWithSgd ? optim.SGD(model.parameters(), LearningRate, momentum: momentum)
            : optim.AdamW(model.parameters(), LearningRate);
        examples = randn([batchSize, .. plan.Shape]);
        labels = randint(0, Classes, [batchSize], dtype: int64);
    }

    public void Run()
    {
        using DisposeScope scope = NewDisposeScope();
        optimizer.zero_grad();
        nn.functional.cross_entropy(model.forward(examples), labels).backward();
        optimizer.step();
    }
}
