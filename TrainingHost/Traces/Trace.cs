using GraphRewrite.Gradients;
using GraphRewrite.IR;
using GraphRewrite.Optimizers;
using GraphRewrite.StepGraphs;
using TrainingHost.Models;
using TrainingHost.Runtime;

namespace TrainingHost.Traces;

/// <summary>
/// Replays given batches and records what can be held against another implementation: <c>losses</c>, <c>grad/P</c> of the first step,
/// <c>after/NAME</c> of parameters and running statistics, <c>eval_loss_after</c> on batch 0.
/// </summary>
internal static class Trace
{
    /// <param name="model">The model.</param>
    /// <param name="batches">One step each.</param>
    /// <param name="optimizer">The optimizer.</param>
    /// <param name="learningRate">The same for all steps.</param>
    /// <param name="seed">Of Dropout and random operators.</param>
    /// <param name="device">Where to run.</param>
    public static OrderedDictionary<string, Tensor> Run(
        TrainableModel model, BatchFile batches, OptimizerSettings optimizer, float learningRate, int seed, Device device)
    {
        StepGraph graph = StepGraphBuilder.Build(
            model.Training,
            model.Prediction,
            new()
            {
                Optimizer = optimizer,
                Target = device.Target,
                Sizes = batches.Extents,
                Seed = seed,
                ChecksTrAct = true,
                OutputGradients = true,
            });
        using var session = new StepSession(graph, model.Initial, device) { LearningRate = learningRate, Lambda = model.Lambda ?? 0 };
        var trace = new OrderedDictionary<string, Tensor>();
        var losses = new List<float>();
        foreach (IReadOnlyDictionary<string, Tensor> batch in batches.Batches)
        {
            using var feeds = new BatchFeeds(batch);
            using StepOutputs outputs = session.Step(feeds.Values);
            losses.Add(outputs.Scalar(graph.Loss));
            outputs.CheckTrAct(graph, losses.Count, session.Lambda);
            if (losses.Count > 1) continue;
            foreach (string parameter in graph.Trainable) trace[$"grad/{parameter}"] = outputs.Tensor(GradientNames.Of(parameter));
        }

        foreach (string name in graph.State.Concat(graph.Constants).Where(model.IsParameter)) trace[$"after/{name}"] = session.Read(name);
        trace.Insert(0, "losses", Tensor.Vector(losses.ToArray()));
        trace.Insert(1, "eval_loss_after", EvaluationLoss(model, trace, batches.Batches[0], device));
        return trace;
    }

    private static Tensor EvaluationLoss(
        TrainableModel model, OrderedDictionary<string, Tensor> trace, IReadOnlyDictionary<string, Tensor> batch, Device device)
    {
        using var session = new EvaluationSession(model.Evaluation, name => trace[$"after/{name}"], [.. batch.Keys], device);
        using var feeds = new BatchFeeds(batch);
        using StepOutputs outputs = session.Run(feeds.Values);
        return Tensor.Scalar(outputs.Scalar(model.EvaluationLoss));
    }
}
