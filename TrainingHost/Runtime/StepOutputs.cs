using System.Globalization;
using GraphRewrite.IR;
using GraphRewrite.StepGraphs;
using Microsoft.ML.OnnxRuntime;

namespace TrainingHost.Runtime;

/// <summary>What came out of one run, by name, in host memory.</summary>
internal sealed class StepOutputs(IReadOnlyList<string> names, IReadOnlyCollection<OrtValue> values) : IDisposable
{
    public Tensor Tensor(string name) => OrtTensors.ToTensor(Value(name));

    /// <summary>The single element of a scalar.</summary>
    public float Scalar(string name) => Value(name).GetTensorDataAsSpan<float>()[0];

    public ReadOnlySpan<float> Floats(string name) => Value(name).GetTensorDataAsSpan<float>();

    /// <exception cref="DivergedException">The graph has TrAct, and its gradient is NaN or infinite.</exception>
    public void CheckTrAct(StepGraph graph, int step, float lambda)
    {
        if (graph.TrActSize is not { } size || float.IsFinite(Scalar(size))) return;
        float norm = Scalar(graph.TrActNorm!);
        string cause = float.IsNaN(norm) ? "Its input is not finite or overflows" : "The gradient of its output overflows";
        throw new DivergedException(string.Create(
            CultureInfo.InvariantCulture,
            $"The gradient of TrAct's layer is not finite in step {step} (‖XᵀX/b‖ = {norm:g3}, λ = {lambda:g3}). "
            + $"{cause}: look at the data, or lower --lr."));
    }

    /// <summary>What to say where the step has raised λ in a layer with TrAct; null where it has not.</summary>
    public string? LambdaRaised(StepGraph graph, int step, float lambda)
    {
        if (graph.TrActNorm is not { } name) return null;
        float norm = Scalar(name);
        if (StepGraph.RaisedLambda(norm, lambda) is null) return null;
        string found = string.Create(CultureInfo.InvariantCulture, $"λ = {lambda:g3} is lost beside ‖XᵀX/b‖ = {norm:g3}");
        return $"In step {step} {found}: it is raised to 2⁻³⁸ of that wherever it is less. "
            + "Standardise the input (--mean, --std), or give a larger --lambda.";
    }

    public void Dispose()
    {
        foreach (OrtValue value in values) value.Dispose();
    }

    private OrtValue Value(string name) => values.ElementAt(names.Index().First(pair => pair.Item == name).Index);
}
