using GraphRewrite.IR;
using GraphRewrite.Kernels;
using GraphRewrite.Lowering;
using GraphRewrite.NormalForm;
using GraphRewrite.StepGraphs;
using Microsoft.ML.OnnxRuntime;
using TrainingHost.Runtime;

namespace TrActOnnx.Tests.StepGraphs;

/// <summary>A graph with random operators, lowered and seeded as a step graph is, and run again and again in one session.</summary>
internal sealed class RandomGraphRun : IDisposable
{
    private readonly InferenceSession session;
    private readonly RunOptions run = new();
    private long runs;

    public RandomGraphRun(Graph graph, int seed, long runsBefore = 0)
    {
        runs = runsBefore;
        ExpandBernoulli.Apply(graph);
        RandomLowering.Apply(graph, LoweringTarget.Cpu, () => graph.AddInput(StepGraph.Step, ElementType.Int64, Shape.Of(1)));
        RandomSeeds.Apply(graph, seed, runsBefore);
        var model = new Model(graph);
        LoweringPipeline.Apply(model, LoweringTarget.Cpu);
        using SessionOptions options = Device.Cpu.SessionOptions();
        session = Sessions.Open(model, options);
    }

    /// <summary>The float outputs of the next run, by name.</summary>
    public IReadOnlyDictionary<string, float[]> Next(params (string Name, Tensor Tensor)[] feeds)
    {
        var tensors = feeds.ToDictionary(feed => feed.Name, feed => feed.Tensor);
        if (session.InputNames.Contains(StepGraph.Step)) tensors[StepGraph.Step] = Tensor.Vector(runs);
        runs++;
        using var values = new BatchFeeds(tensors);
        using IDisposableReadOnlyCollection<OrtValue> outputs = session.Run(run, values.Values, session.OutputNames);
        return session.OutputNames.Zip(outputs).ToDictionary(pair => pair.First, pair => pair.Second.GetTensorDataAsSpan<float>().ToArray());
    }

    public void Dispose()
    {
        run.Dispose();
        session.Dispose();
    }
}
