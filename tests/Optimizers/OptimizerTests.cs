using GraphRewrite.Artifacts;
using GraphRewrite.Gradients;
using GraphRewrite.IR;
using GraphRewrite.Kernels;
using GraphRewrite.Optimizers;
using GraphRewrite.StepGraphs;
using TrainingHost.Runtime;

namespace TrActOnnx.Tests.Optimizers;

/// <summary>
/// Five steps of a step graph; PyTorch's formulas in float64 take the same gradients and must reach the same parameters and moments.
/// </summary>
[TestClass]
public sealed class OptimizerTests
{
    private const int Steps = 5;
    private const float Rate = 0.01f;

    /// <summary>Against the largest entry of the tensor: the rounding of a handful of float32 operations a step.</summary>
    private const double Bound = 1e-6;

    /// <summary>The norm is a float32 sum over all elements of all gradients, and v squares its error.</summary>
    private const double ClippedBound = 4e-6;

    /// <summary>Constants that make each term visible: an ε of the size of √v, a decay of a percent a step.</summary>
    private static readonly AdamWSettings AdamW = new() { Beta1 = 0.8, Beta2 = 0.95, Epsilon = 1e-2, WeightDecay = 1 };

    public static IEnumerable<object[]> Optimizers =>
    [
        ["SGD", new SgdSettings()],
        ["SGD, decay", new SgdSettings { WeightDecay = 0.5 }],
        ["SGD, momentum", new SgdSettings { Momentum = 0.9 }],
        ["SGD, momentum, decay", new SgdSettings { Momentum = 0.9, WeightDecay = 0.5 }],
        ["SGD, Nesterov, decay", new SgdSettings { Momentum = 0.9, Nesterov = true, WeightDecay = 0.5 }],
        ["SGD, momentum, decay of matrices only", new SgdSettings { Momentum = 0.9, WeightDecay = 0.5, DecayMatricesOnly = true }],
        ["SGD, momentum, clipped", new SgdSettings { Momentum = 0.9, WeightDecay = 0.5, ClipNorm = 0.1 }],
        ["SGD, clip norm out of reach", new SgdSettings { ClipNorm = 1e6 }],
        ["AdamW, PyTorch, clipped", AdamW with { ClipNorm = 0.1 }],
        ["AdamW, PyTorch", AdamW with { WeightDecay = 0 }],
        ["AdamW, PyTorch, decay", AdamW],
        ["AdamW, Hugging Face", AdamW with { Mode = AdamMode.HuggingFace, WeightDecay = 0 }],
        ["AdamW, Hugging Face, decay", AdamW with { Mode = AdamMode.HuggingFace }],
        ["AdamW, Hugging Face, without correction", AdamW with { Mode = AdamMode.HuggingFace, CorrectBias = false }],
        ["AdamW, usual constants", new AdamWSettings()],
    ];

    [TestMethod]
    [DynamicData(nameof(Optimizers))]
    public void FollowsPyTorch(string name, OptimizerSettings settings)
    {
        var reference = ReferenceCase.Read("mlp");
        TrainingArtifacts artifacts = TrainingArtifacts.Read(reference.Folder);
        OrderedDictionary<string, Tensor> initial = StepInitials.From(artifacts.Checkpoint!, StepNames.Beside(artifacts.Training));
        StepGraph graph = StepGraphBuilder.Build(artifacts.Training, artifacts.Prediction, new() { Optimizer = settings, OutputGradients = true });
        using var session = new StepSession(graph, initial, Device.Cpu) { LearningRate = Rate };
        Dictionary<string, State> states = graph.Trainable.ToDictionary(p => p, p => new State(initial[p].ToDouble()));
        for (int t = 1; t <= Steps; t++)
        {
            IReadOnlyList<Tensor> batch = reference.Batches[t % reference.Steps];
            using var feeds = new BatchFeeds(graph.BatchInputs.Zip(batch).ToDictionary(pair => pair.First, pair => pair.Second));
            using StepOutputs outputs = session.Step(feeds.Values);
            Dictionary<string, double[]> gradients = graph.Trainable.ToDictionary(
                p => p, p => outputs.Tensor(GradientNames.Of(p)).ToDouble());
            if (settings.ClipNorm is { } limit) Clip(gradients.Values, limit);
            foreach (string p in graph.Trainable)
            {
                State state = states[p];
                OptimizerSettings own = settings.DecayMatricesOnly && initial[p].Rank < 2 ? settings with { WeightDecay = 0 } : settings;
                state.Update(own, gradients[p], t);
                double bound = settings.ClipNorm is null ? Bound : ClippedBound;
                AssertClose(bound, state.P, session.Read(p), $"{name}: {p} after step {t}");
                if (settings.Moments.Count > 0) AssertClose(bound, state.M, session.Read($"{p}.m"), $"{name}: {p}.m after step {t}");
                if (settings.Moments.Count > 1) AssertClose(bound, state.V, session.Read($"{p}.v"), $"{name}: {p}.v after step {t}");
            }
        }
        Assert.AreEqual(Steps, session.Read(StepGraph.Step).ToInt64().Single());
    }

    /// <summary>torch.nn.utils.clip_grad_norm_; the rows above are beyond the limit, or far below it.</summary>
    private static void Clip(IReadOnlyCollection<double[]> gradients, double limit)
    {
        double norm = Math.Sqrt(gradients.Sum(g => g.Sum(element => element * element)));
        Assert.AreEqual(limit < 1, norm > limit, $"norm {norm}");
        double scale = Math.Min(1, limit / (norm + 1e-6));
        foreach (double[] g in gradients)
            for (int i = 0; i < g.Length; i++) g[i] *= scale;
    }

    private static void AssertClose(double bound, double[] expected, Tensor actual, string what)
    {
        double worst = expected.Zip(actual.ToDouble(), (e, a) => Math.Abs(e - a)).Max();
        Assert.IsLessThanOrEqualTo(bound * expected.Max(Math.Abs), worst, what);
    }

    /// <summary>
    /// A parameter and its moments in float64, updated as torch.optim and transformers.AdamW write it: in place, one after the other.
    /// </summary>
    private sealed class State(double[] parameter)
    {
        public double[] P { get; } = [.. parameter];

        public double[] M { get; } = new double[parameter.Length];

        public double[] V { get; } = new double[parameter.Length];

        public void Update(OptimizerSettings settings, double[] gradient, int t)
        {
            for (int i = 0; i < P.Length; i++)
            {
                if (settings is SgdSettings sgd) Sgd(sgd, i, gradient[i]);
                else if (settings is AdamWSettings { Mode: AdamMode.PyTorch } torch) PyTorchAdamW(torch, i, gradient[i], t);
                else HuggingFaceAdamW((AdamWSettings)settings, i, gradient[i], t);
            }
        }

        private void Sgd(SgdSettings s, int i, double g)
        {
            g += s.WeightDecay * P[i];
            if (s.Momentum != 0)
            {
                M[i] = (s.Momentum * M[i]) + g;
                g = s.Nesterov ? g + (s.Momentum * M[i]) : M[i];
            }
            P[i] -= Rate * g;
        }

        private void PyTorchAdamW(AdamWSettings s, int i, double g, int t)
        {
            P[i] *= 1 - (Rate * s.WeightDecay);
            Moments(s, i, g);
            double denominator = (Math.Sqrt(V[i]) / Math.Sqrt(1 - Math.Pow(s.Beta2, t))) + s.Epsilon;
            P[i] -= Rate / (1 - Math.Pow(s.Beta1, t)) * M[i] / denominator;
        }

        private void HuggingFaceAdamW(AdamWSettings s, int i, double g, int t)
        {
            Moments(s, i, g);
            double stepSize = s.CorrectBias ? Rate * Math.Sqrt(1 - Math.Pow(s.Beta2, t)) / (1 - Math.Pow(s.Beta1, t)) : Rate;
            P[i] -= stepSize * M[i] / (Math.Sqrt(V[i]) + s.Epsilon);
            P[i] -= Rate * s.WeightDecay * P[i];
        }

        private void Moments(AdamWSettings s, int i, double g)
        {
            M[i] = (s.Beta1 * M[i]) + ((1 - s.Beta1) * g);
            V[i] = (s.Beta2 * V[i]) + ((1 - s.Beta2) * g * g);
        }
    }
}
