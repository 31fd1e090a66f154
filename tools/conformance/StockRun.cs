using GraphRewrite.Artifacts;
using GraphRewrite.IR;
using GraphRewrite.Optimizers;
using GraphRewrite.StepGraphs;
using TrainingHost.Models;
using TrainingHost.Runtime;

namespace Conformance;

/// <summary>A few steps here, on a stock ONNX Runtime.</summary>
/// <param name="Losses">One a step.</param>
/// <param name="AfterStep">The trainable parameters after each step, by name.</param>
/// <param name="AfterFirst">The checkpoint after the first step.</param>
internal sealed record StockRun(
    IReadOnlyList<double> Losses, IReadOnlyList<IReadOnlyDictionary<string, Tensor>> AfterStep, TrainingArtifacts AfterFirst)
{
    /// <param name="artifacts">Their folder.</param>
    /// <param name="batches">For each step the user inputs, then the labels.</param>
    /// <param name="learningRate">Of all steps.</param>
    /// <param name="tract">Whether TrAct is in them, or is to be left out.</param>
    public static StockRun Of(string artifacts, IReadOnlyList<IReadOnlyList<Tensor>> batches, double learningRate, bool tract)
    {
        var model = TrainableModel.Open(artifacts, new());
        model.Apply(new() { Off = !tract }, batches[0][0].Dims[0]);
        (OptimizerSettings optimizer, _) = new TrainingHost.Settings.OptimizerChoice().Over(model.Optimizer);
        StepGraph graph = StepGraphBuilder.Build(model.Training, model.Prediction, new() { Optimizer = optimizer, Target = Device.Cpu.Target });
        using var session = new StepSession(graph, model.Initial, Device.Cpu) { LearningRate = (float)learningRate, Lambda = model.Lambda ?? 0 };
        var losses = new List<double>();
        var after = new List<IReadOnlyDictionary<string, Tensor>>();
        TrainingArtifacts? first = null;
        foreach (IReadOnlyList<Tensor> batch in batches)
        {
            using var feeds = new BatchFeeds(graph.BatchInputs.Zip(batch).ToDictionary(pair => pair.First, pair => pair.Second));
            using StepOutputs outputs = session.Step(feeds.Values);
            losses.Add(outputs.Scalar(graph.Loss));
            after.Add(graph.Trainable.ToDictionary(name => name, session.Read));
            first ??= model.With(artifacts, StepInitials.ToCheckpoint(graph, model.Checkpoint, session.Read, (float)learningRate));
        }
        return new(losses, after, first!);
    }
}
