using GraphRewrite.IR;
using GraphRewrite.StepGraphs;
using Microsoft.ML.OnnxRuntime;

namespace TrainingHost.Runtime;

/// <summary>What came out of one run, by name, in host memory.</summary>
internal sealed class StepOutputs(IReadOnlyList<string> names, IDisposableReadOnlyCollection<OrtValue> values) : IDisposable
{
    public Tensor Tensor(string name) => OrtTensors.ToTensor(Value(name));

    /// <summary>The single element of a scalar.</summary>
    public float Scalar(string name) => Value(name).GetTensorDataAsSpan<float>()[0];

    public ReadOnlySpan<float> Floats(string name) => Value(name).GetTensorDataAsSpan<float>();

    /// <exception cref="NotFiniteException">The graph has TrAct, and its gradient is NaN or infinite.</exception>
    public void CheckTrAct(StepGraph graph, int step, float lambda)
    {
        if (graph.TrActSize is not { } size || float.IsFinite(Scalar(size))) return;
        throw new NotFiniteException(step, Scalar(graph.TrActNorm!), lambda);
    }

    public void Dispose() => values.Dispose();

    private OrtValue Value(string name) => values.ElementAt(names.Index().First(pair => pair.Item == name).Index);
}
