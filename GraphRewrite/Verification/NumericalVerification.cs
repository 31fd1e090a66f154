using System.Globalization;
using System.Numerics;
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
    /// <summary>
    /// The same kernels on the same numbers; only the split of a sum over threads may differ, a few float32 roundings of the largest entry.
    /// </summary>
    private const double SameTolerance = 1e-6;

    /// <summary>A float32 Gram matrix and its inverse against float64, where the system is well conditioned.</summary>
    private const double ClosedFormTolerance = 1e-4;

    /// <summary>
    /// Where it is less so, float32 itself loses more: a relative error of 2⁻²⁴ in the Gram matrix reaches the gradient times the condition κ of
    /// XᵀX/b + λI, and sums over n and b terms make it a few roundings (with n = 784 features and 6 rows 3 of them were measured).
    /// </summary>
    private const double FloatRoundings = 8.0 / (1 << 24);

    /// <summary>Above this κ the graph computes in float64, and so does what it is held against: each loses some 2⁻⁵³ κ.</summary>
    private const double LargestFloatCondition = 4096;

    /// <summary>Of κ above 2³⁸ both raise λ.</summary>
    private const double LargestCondition = 1L << 38;

    private const double DoubleRoundings = 1024.0 / (1L << 53);

    /// <summary>The batches to run with, odd sizes too. The dual form inverts b × b, which for Conv (b = N·OH·OW) calls for small ones.</summary>
    public IReadOnlyList<Trial> Trials { get; init; } = [new(6), new(24), new(17, Scale: 100), new(9, Scale: 1, Offset: 200)];

    /// <summary>A batch: its size, and inputs offset + scale · N(0, 1): large or nearly constant ones make XᵀX/b + λI ill-conditioned.</summary>
    internal sealed record Trial(long Batch, double Scale = 1, double Offset = 0)
    {
        public override string ToString() => (Scale, Offset) switch
        {
            (1, 0) => $"batch {Batch}",
            (_, 0) => FormattableString.Invariant($"batch {Batch}, inputs {Scale} · N(0, 1)"),
            _ => FormattableString.Invariant($"batch {Batch}, inputs {Offset} + {Scale} · N(0, 1)"),
        };
    }

    /// <summary>The checks of both models; they need the structural proof, which says what stands where.</summary>
    public VerificationReport Run(Model before, Model after, StructuralVerification structure)
    {
        if (!structure.HoldsOutside) return new([new("numbers", ["not run: the structural proof does not hold"])]);
        try
        {
            IReadOnlyList<ReplacedSubgraph> replaced = structure.Replaced;
            var plain = new GradientProbe(before, replaced.SelectMany(subgraph => new[] { subgraph.Gradient.Layer.In(0), subgraph.Gradient.DY }));
            var rewritten = new GradientProbe(after, replaced.Select(subgraph => subgraph.Root));
            var random = new RandomFeeds(plain.Model.Graph, seed: 1);
            (Runnable one, Runnable other) = Both(() => Open(plain, random), () => Open(rewritten, random));
            using Runnable _ = one, __ = other;
            return new([.. Trials.SelectMany(trial => Run(before, after, replaced, trial, random, one, other))]);
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

    private static List<VerificationCheck> Run(
        Model before, Model after, IReadOnlyList<ReplacedSubgraph> replaced, Trial trial, RandomFeeds random, Runnable one, Runnable other)
    {
        (GradientProbe plain, GradientProbe rewritten) = (one.Probe, other.Probe);
        string[] scaled = trial is { Scale: 1, Offset: 0 } ? []
            : [.. KnownForms.FeedsOf(before.Graph, replaced.Select(subgraph => subgraph.Gradient), plain.Gradients.Keys)];
        Dictionary<string, Tensor> feeds = random.For(trial.Batch, scaled, trial.Scale, trial.Offset);
        (Outcome runBefore, Outcome runAfter) = Both(() => one.Run(feeds), () => other.Run(feeds));

        HashSet<Value> changed = Walk.Downstream(replaced.Select(subgraph => subgraph.Gradient.DW));
        string[] same = [.. ParameterGradients.Of(before.Graph).Where(pair => !changed.Contains(pair.Gradient)).Select(pair => pair.Parameter)];
        var others = new Comparison();
        foreach (string loss in plain.Losses.Where(loss => !changed.Contains(before.Graph.Get(loss))))
            others.Add($"output '{loss}'", runBefore.Get(loss), runAfter.Get(loss), SameTolerance);
        foreach (string parameter in same)
        {
            (Tensor expected, Tensor found) = (runBefore.Get(plain.Gradients[parameter]), runAfter.Get(rewritten.Gradients[parameter]));
            others.Add($"the gradient of '{parameter}'", expected, found, SameTolerance);
        }

        double lambda = after.Graph.Get(TrActNames.Lambda).Initializer!.ToDouble()[0];
        var closed = new Comparison();
        double worst = 1;
        foreach (ReplacedSubgraph subgraph in replaced)
        {
            (double[] expected, double condition) = Expected(subgraph.Gradient, runBefore, plain.Model.Graph, lambda);
            double tolerance = Math.Max(ClosedFormTolerance, condition <= LargestFloatCondition
                ? FloatRoundings * condition
                : DoubleRoundings * Math.Min(condition, LargestCondition));
            worst = Math.Max(worst, condition);
            string what = $"the new gradient '{subgraph.Root.Name}' of layer '{subgraph.Gradient.Name}'";
            closed.Add(what, expected, runAfter.Get(subgraph.Root.Name), tolerance);
        }
        return
        [
            others.Check($"{trial}: {same.Length} other gradients and {plain.Losses.Count} other outputs are the same numbers"),
            closed.Check(
                $"{trial}: {replaced.Count} new gradients equal dYᵀX (XᵀX/b + λI)⁻¹ in float64",
                FormattableString.Invariant($", κ up to {worst:G2}")),
        ];
    }

    private Runnable Open(GradientProbe probe, RandomFeeds random)
    {
        Model runnable = makeRunnable(probe.Model.Clone());
        random.Store(runnable.Graph, probe.Gradients.Keys);
        JoinedOutputs joined = JoinedOutputs.Apply(runnable.Graph);
        DepthOrder.Apply(runnable.Graph);
        return new(probe, runnable.Graph, joined, runner.Open(runnable));
    }

    /// <summary>The same with both graphs, at the same time.</summary>
    private static (T Before, T After) Both<T>(Func<T> before, Func<T> after)
    {
        var running = Task.Run(after);
        try
        {
            T first = OfBefore(before);
            return (first, running.GetAwaiter().GetResult());
        }
        finally
        {
            ((IAsyncResult)running).AsyncWaitHandle.WaitOne(); // also where the first fails: the process must not end while a session opens
        }
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

    private sealed record Runnable(GradientProbe Probe, Graph Graph, JoinedOutputs Joined, IGraphSession Session) : IDisposable
    {
        public Outcome Run(Dictionary<string, Tensor> feeds)
        {
            Dictionary<string, Tensor> fed = feeds.Where(feed => Graph.Find(feed.Key) is { IsGraphInput: true }).ToDictionary();
            return new(Joined.Apart(Session.Run(fed)), feeds, Graph);
        }

        public void Dispose() => Session.Dispose();
    }

    /// <summary>The closed form, laid out as the graph lays out dW.</summary>
    private static (double[] Gradient, double Condition) Expected(LayerGradient gradient, Outcome run, Graph shapes, double lambda)
    {
        Node layer = gradient.Layer;
        long[] weight = shapes.Get(layer.In(1).Name).Shape is { IsStatic: true } shape ? shape.Extents()
            : throw layer.Refuse(
                $"the shape of its weight '{layer.In(1).Name}' is not known", "Export the model with shapes (onnx.shape_inference)");
        Tensor dY = run.Get(gradient.DY.Name);
        if (gradient.TransposedDY) dY = Tensor.Of([.. dY.Dims.Reverse()], Transposed(dY.ToDouble(), dY.Dims[^2], dY.Dims[^1]));
        (double[] dW, double condition) = ClosedForm.Conditioned(layer, run.Get(layer.In(0).Name), dY, weight, lambda);
        bool inputFirst = layer.Op.Type != "Conv" && layer.Int("transB", 0) == 0;
        return layer.Op.Type == "Conv" || inputFirst == gradient.XFirst ? (dW, condition) : (Transposed(dW, weight[0], weight[1]), condition);
    }

    private static double[] Transposed(double[] matrix, long rows, long columns) =>
        [.. Enumerable.Range(0, matrix.Length).Select(i => matrix[(i % rows * columns) + (i / rows)])];

    private sealed record Outcome(IReadOnlyDictionary<string, Tensor> Outputs, IReadOnlyDictionary<string, Tensor> Feeds, Graph Graph)
    {
        public Tensor Get(string name) => Outputs.GetValueOrDefault(name) ?? Feeds.GetValueOrDefault(name) ?? Graph.Get(name).Initializer
            ?? throw Graph.Refuse($"its run gave no value '{name}'");
    }

    /// <summary>Deviations relative to each tensor's largest expected entry.</summary>
    private sealed class Comparison
    {
        private readonly List<string> differences = [];
        private double worst;

        // Floats are compared as they lie: a large model's in double would take twice its memory.
        public void Add(string what, Tensor expected, Tensor found, double tolerance)
        {
            if (expected.Type == ElementType.Float) Add(what, expected.Span<float>(), found, tolerance);
            else Add<double>(what, expected.ToDouble(), found, tolerance);
        }

        public void Add<T>(string what, ReadOnlySpan<T> expected, Tensor found, double tolerance)
            where T : unmanaged, INumberBase<T>
        {
            if (found.Type == ElementType.Float) Add(what, expected, found.Span<float>(), tolerance);
            else Add<T, double>(what, expected, found.ToDouble(), tolerance);
        }

        private void Add<TExpected, TFound>(string what, ReadOnlySpan<TExpected> expected, ReadOnlySpan<TFound> found, double tolerance)
            where TExpected : unmanaged, INumberBase<TExpected>
            where TFound : unmanaged, INumberBase<TFound>
        {
            if (expected.Length != found.Length)
            {
                differences.Add($"{what} has {found.Length} elements instead of {expected.Length}");
                return;
            }
            (double deviation, int at) = Largest(expected, found);
            worst = Math.Max(worst, deviation);
            if (deviation > tolerance)
            {
                differences.Add(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{what} deviates by {deviation:G2} of its largest entry (allowed {tolerance:G1}): "
                    + $"element {at} is {found[at]:G7} instead of {expected[at]:G7}"));
            }
        }

        /// <summary>The largest deviation and where it is; infinite where a number is none, which no comparison would find.</summary>
        private static (double Deviation, int At) Largest<TExpected, TFound>(ReadOnlySpan<TExpected> expected, ReadOnlySpan<TFound> found)
            where TExpected : unmanaged, INumberBase<TExpected>
            where TFound : unmanaged, INumberBase<TFound>
        {
            double largest = 0, deviation = 0;
            foreach (TExpected e in expected) largest = double.MaxNumber(largest, Math.Abs(double.CreateChecked(e)));
            int at = 0;
            for (int i = 0; i < expected.Length; i++)
            {
                (double e, double f) = (double.CreateChecked(expected[i]), double.CreateChecked(found[i]));
                if (e == f) continue;
                double relative = Math.Abs(e - f) / largest;
                if (double.IsNaN(relative)) relative = double.PositiveInfinity;
                if (relative > deviation) (deviation, at) = (relative, i);
            }
            return (deviation, at);
        }

        public VerificationCheck Check(string claim, string more = "") =>
            new(claim, differences, string.Create(CultureInfo.InvariantCulture, $"largest deviation {worst:G2}{more}"));
    }
}
