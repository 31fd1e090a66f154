using Microsoft.ML.OnnxRuntime;

namespace TrainingHost.Runtime;

/// <summary>
/// A training step as two CUDA graphs, one for each way that the state is bound: ONNX Runtime records the step's launches, then replays them.
/// What goes in and comes out lies in buffers whose addresses stay; a step copies the one in and the other out. Before it records, ONNX Runtime
/// does the same step several times over, so that nothing may be replaced in place.
/// </summary>
/// <remarks>https://onnxruntime.ai/docs/execution-providers/CUDA-ExecutionProvider.html#using-cuda-graphs-preview.</remarks>
internal sealed class CapturedStep : IDisposable
{
    private readonly InferenceSession session;
    private readonly DeviceMemory memory;
    private readonly Dictionary<string, OrtValue> inputs, outputs;
    private readonly OrtIoBinding[] bindings;
    private readonly RunOptions[] runs;

    /// <param name="session">A session whose runs can be captured.</param>
    /// <param name="memory">The device's.</param>
    /// <param name="bindings">Bindings of the state, each to be a graph; it disposes them.</param>
    /// <param name="inputs">What goes in at each step, in host memory: examples of it, of the extents that are captured.</param>
    /// <param name="outputs">What comes out, likewise.</param>
    public CapturedStep(
        InferenceSession session,
        DeviceMemory memory,
        OrtIoBinding[] bindings,
        IEnumerable<KeyValuePair<string, OrtValue>> inputs,
        IEnumerable<KeyValuePair<string, OrtValue>> outputs)
    {
        (this.session, this.memory, this.bindings) = (session, memory, bindings);
        this.inputs = inputs.ToDictionary(pair => pair.Key, pair => memory.Write(pair.Value));
        this.outputs = outputs.ToDictionary(pair => pair.Key, pair => memory.Write(pair.Value));
        runs = [.. bindings.Select((_, i) => Run(i + 1))];
        foreach (OrtIoBinding binding in bindings)
        {
            foreach ((string name, OrtValue value) in this.inputs) binding.BindInput(name, value);
            foreach ((string name, OrtValue value) in this.outputs) binding.BindOutput(name, value);
        }
    }

    /// <summary>How such a session runs without being captured.</summary>
    public static RunOptions RunUncaptured() => Run(-1);

    /// <summary>Whether values have the extents that were captured.</summary>
    public bool Takes(IEnumerable<KeyValuePair<string, OrtValue>> values) =>
        values.All(pair => Extents(pair.Value).SequenceEqual(Extents(inputs[pair.Key])));

    /// <summary>A step.</summary>
    /// <param name="state">Which of the bindings.</param>
    /// <param name="values">What goes in, in host memory.</param>
    /// <returns>What comes out, in host memory.</returns>
    public StepOutputs Step(int state, IEnumerable<KeyValuePair<string, OrtValue>> values)
    {
        foreach ((string name, OrtValue value) in values) memory.Copy(value, inputs[name]);
        session.RunWithBinding(runs[state], bindings[state]);
        return new([.. outputs.Keys], [.. outputs.Values.Select(memory.ToHost)]);
    }

    public void Dispose()
    {
        foreach (IDisposable each in bindings.Concat<IDisposable>(runs)) each.Dispose();
        foreach (OrtValue value in inputs.Values.Concat(outputs.Values)) value.Dispose();
    }

    private static long[] Extents(OrtValue value) => value.GetTensorTypeAndShape().Shape;

    private static RunOptions Run(int graph)
    {
        var run = new RunOptions();
        run.AddRunConfigEntry("gpu_graph_id", $"{graph}");
        return run;
    }
}
