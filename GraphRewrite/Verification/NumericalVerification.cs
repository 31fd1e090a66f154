using GraphRewrite.Diagnostics;
using GraphRewrite.IR;
using GraphRewrite.Passes;
using GraphRewrite.TrAct;

namespace GraphRewrite.Verification;

/// <summary>
/// Proves by numbers what structure cannot: that the new gradients are dYᵀX (XᵀX/b + λI)⁻¹, computed in float64 outside the graph from X and dY
/// of the same run, and that all other outputs are the same numbers as before. On several batch sizes and input scales.
/// </summary>
/// <param name="runner">Runs graphs.</param>
/// <param name="makeRunnable">Turns a training graph into one that the runner knows all operators of; may change it in place.</param>
internal sealed class NumericalVerification(IGraphRunner runner, Func<Model, Model> makeRunnable)
{
    private const long FewestBytesTogether = 64 << 20;

    /// <summary>A new gradient lies in memory in float64 too, and what it is made from.</summary>
    private const long CopiesOfNewGradient = 4;

    /// <summary>The batches to run with, odd sizes too. The dual form inverts b × b, which for Conv (b = N·OH·OW) calls for small ones.</summary>
    public IReadOnlyList<Trial> Trials { get; init; } = [new(6), new(24), new(17, Scale: 100), new(9, Scale: 1, Offset: 200)];

    /// <summary>Bytes of gradients that a run hands out at most, if no single one has more; null: a quarter of all, and not less than 64 MiB.</summary>
    public long? BytesTogether { get; init; }

    /// <summary>The checks of both models; they need the structural proof, which says what stands where.</summary>
    public VerificationReport Run(Model before, Model after, StructuralVerification structure)
    {
        if (!structure.HoldsOutside) return new([new("numbers", ["not run: the structural proof does not hold"])]);
        try
        {
            return new([.. Checked(before, after, structure.Replaced).SelectMany(trial => trial.Checks())]);
        }
        catch (BeforeFails e)
        {
            return new([new("both graphs run", []) { Limit = $"BEFORE does not run here: {e.Message}" }]);
        }
        catch (GraphRewriteException e)
        {
            return new([new("both graphs run", [$"AFTER does not run: {e.Message}"])]);
        }
    }

    private TrialChecks[] Checked(Model before, Model after, IReadOnlyList<ReplacedSubgraph> replaced)
    {
        (GradientProbe plain, GradientProbe rewritten) = Both.Of(
            () => new GradientProbe(before, replaced.SelectMany(subgraph => new[] { subgraph.Gradient.Layer.In(0), subgraph.Gradient.DY })),
            () => new GradientProbe(after, replaced.Select(subgraph => subgraph.Root)));
        var random = new RandomFeeds(plain.Model.Graph, seed: 1);
        string[] ofLayers = [.. KnownForms.FeedsOf(before.Graph, replaced.Select(subgraph => subgraph.Gradient), plain.Gradients.Keys)];
        HashSet<Value> changed = Walk.Downstream(replaced.Select(subgraph => subgraph.Gradient.DW));
        string[] losses = [.. plain.Losses.Where(loss => !changed.Contains(before.Graph.Get(loss)))];
        string[] same = [.. ParameterGradients.Of(before.Graph).Where(pair => !changed.Contains(pair.Gradient)).Select(pair => pair.Parameter)];
        double lambda = after.Graph.Get(TrActNames.Lambda).Initializer!.ToDouble()[0];
        TrialChecks[] trials = [.. Trials.Select(trial => new TrialChecks(trial))];

        foreach (Part part in Parts(same, plain))
        {
            (Runnable one, Runnable other) = Both.Of(
                () => OfBefore(() => Open(plain.Of(part.Parameters, part.HasOthers), plain, random)),
                () => Open(rewritten.Of(part.Parameters, part.HasOthers), plain, random));
            using Runnable _ = one, __ = other;
            foreach (TrialChecks checks in trials)
            {
                Trial trial = checks.Trial;
                Dictionary<string, Tensor> feeds = random.For(trial.Batch, trial is { Scale: 1, Offset: 0 } ? [] : ofLayers, trial.Scale, trial.Offset);
                (Outcome runBefore, Outcome runAfter) = Both.Of(() => OfBefore(() => one.Run(feeds)), () => other.Run(feeds));
                foreach (string parameter in part.Parameters)
                    checks.AddGradient(parameter, runBefore.Get(plain.Gradients[parameter]), runAfter.Get(rewritten.Gradients[parameter]));
                if (part.HasOthers) AddOthers(checks, runBefore, runAfter);
            }
        }
        return trials;

        void AddOthers(TrialChecks checks, Outcome runBefore, Outcome runAfter)
        {
            foreach (string loss in losses) checks.AddOutput(loss, runBefore.Get(loss), runAfter.Get(loss));
            foreach (ReplacedSubgraph subgraph in replaced)
            {
                Node layer = subgraph.Gradient.Layer;
                (Tensor x, Tensor dY) = (runBefore.Get(layer.In(0).Name), runBefore.Get(subgraph.Gradient.DY.Name));
                checks.AddLayer(subgraph, x, dY, WeightOf(layer, plain.Model.Graph), lambda, runAfter.Get(subgraph.Root.Name));
            }
        }
    }

    /// <summary>Parameters whose gradients are compared in one run; the first part has the losses and the layers' gradients too.</summary>
    private sealed record Part(IReadOnlyList<string> Parameters, bool HasOthers);

    /// <summary>Each part is a run of its own, so that no more gradients than one has need fit into memory at once.</summary>
    private IEnumerable<Part> Parts(IReadOnlyList<string> parameters, GradientProbe probe)
    {
        long most = BytesTogether ?? Math.Max(FewestBytesTogether, probe.Gradients.Keys.Sum(Bytes) / 4);
        long bytes = CopiesOfNewGradient * probe.Gradients.Keys.Except(parameters).Sum(Bytes);
        bool isFirst = true;
        List<string> together = [];
        foreach (string parameter in parameters)
        {
            if (bytes > 0 && bytes + Bytes(parameter) > most)
            {
                yield return new(together, isFirst);
                (together, bytes, isFirst) = ([], 0, false);
            }
            together.Add(parameter);
            bytes += Bytes(parameter);
        }
        yield return new(together, isFirst);

        long Bytes(string parameter) => probe.Model.Graph.Find(parameter) is { Shape: { IsStatic: true } shape } value
            ? shape.Size.Value * value.Type.SizeOf()
            : 0;
    }

    private static long[] WeightOf(Node layer, Graph shapes) => shapes.Get(layer.In(1).Name).Shape is { IsStatic: true } shape ? shape.Extents()
        : throw layer.Refuse($"the shape of its weight '{layer.In(1).Name}' is not known", "Export the model with shapes (onnx.shape_inference)");

    private Runnable Open(Model part, GradientProbe plain, RandomFeeds random)
    {
        Model runnable = makeRunnable(part);
        random.Store(runnable.Graph, plain.Gradients.Keys);
        JoinedOutputs joined = JoinedOutputs.Apply(runnable.Graph);
        DepthOrder.Apply(runnable.Graph);
        return new(runnable.Graph, joined, runner.Open(runnable));
    }

    /// <exception cref="BeforeFails">The graph that nobody changed does not run: that says nothing of the change.</exception>
    private static T OfBefore<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (GraphRewriteException e)
        {
            throw new BeforeFails(e.Message);
        }
    }

    private sealed class BeforeFails(string message) : Exception(message);

    private sealed record Runnable(Graph Graph, JoinedOutputs Joined, IGraphSession Session) : IDisposable
    {
        public Outcome Run(Dictionary<string, Tensor> feeds)
        {
            Dictionary<string, Tensor> fed = feeds.Where(feed => Graph.Find(feed.Key) is { IsGraphInput: true }).ToDictionary();
            return new(Joined.Apart(Session.Run(fed)), feeds, Graph);
        }

        public void Dispose() => Session.Dispose();
    }

    private sealed record Outcome(IReadOnlyDictionary<string, Tensor> Outputs, IReadOnlyDictionary<string, Tensor> Feeds, Graph Graph)
    {
        public Tensor Get(string name) => Outputs.GetValueOrDefault(name) ?? Feeds.GetValueOrDefault(name) ?? Graph.Get(name).Initializer
            ?? throw Graph.Refuse($"its run gave no value '{name}'");
    }
}
