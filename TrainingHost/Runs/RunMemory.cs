using GraphRewrite.StepGraphs;
using TrainingHost.Models;
using TrainingHost.Runtime;

namespace TrainingHost.Runs;

/// <summary>A run has the values of its model once: in its session.</summary>
internal static class RunMemory
{
    private const long MuchGarbage = 256 << 20;

    /// <summary>The model's values become the session's, one after the other: all of them twice would be the most that the run ever takes.</summary>
    /// <param name="graph">The step graph.</param>
    /// <param name="model">The model; it forgets its initial values.</param>
    /// <param name="device">Where to run.</param>
    /// <exception cref="GraphRewrite.Diagnostics.GraphRewriteException">The runtime refuses the graph, or a parameter has no value.</exception>
    public static StepSession Open(StepGraph graph, TrainableModel model, Device device)
    {
        long released = 0;
        var session = new StepSession(graph, model.Initial, device, Release) { Lambda = model.Lambda ?? 0 };
        model.ReleaseAll(graph.State.Concat(graph.Constants));
        Collect();
        return session;

        void Release(string name)
        {
            released += model.Release(name);
            if (released <= MuchGarbage) return;
            Collect();
            released = 0;
        }
    }

    /// <summary>Gives memory back to the system, which ONNX Runtime has its own from; little is not worth the tenth of a second.</summary>
    public static void Collect()
    {
        if (GC.GetTotalMemory(forceFullCollection: false) > MuchGarbage)
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
    }
}
