using GraphRewrite.IR;
using Microsoft.ML.OnnxRuntime;

namespace TrainingHost.Runtime;

/// <summary>What came out of one run, by name, in host memory.</summary>
internal sealed class StepOutputs(IReadOnlyList<string> names, IDisposableReadOnlyCollection<OrtValue> values) : IDisposable
{
    public Tensor Tensor(string name) => OrtTensors.ToTensor(Value(name));

    /// <summary>The single element of a scalar.</summary>
    public float Scalar(string name) => Value(name).GetTensorDataAsSpan<float>()[0];

    public ReadOnlySpan<float> Floats(string name) => Value(name).GetTensorDataAsSpan<float>();

    public void Dispose() => values.Dispose();

    private OrtValue Value(string name) => values.ElementAt(names.Index().First(pair => pair.Item == name).Index);
}
