using GraphRewrite.Diagnostics;
using GraphRewrite.IR;
using GraphRewrite.StepGraphs;
using GraphRewrite.TrAct;
using Microsoft.ML.OnnxRuntime;

namespace TrainingHost.Runtime;

/// <summary>
/// Runs a step graph again and again. Parameters and optimizer state stay on the device in two sets of buffers: a step reads one and writes the
/// other, the next step the other way round; what may be replaced in place is in both. Only the batch goes in; only loss, logits and asked-for
/// gradients come out.
/// </summary>
internal sealed class StepSession : IDisposable
{
    private readonly InferenceSession session;
    private readonly RunOptions run;
    private readonly bool captures;
    private readonly DeviceMemory memory;
    private readonly Dictionary<string, OrtValue>[] state;
    private readonly Dictionary<string, OrtValue> constants;
    private readonly Dictionary<string, OrtValue> scalars = [];
    private readonly OrtIoBinding[] bindings;
    private readonly string[] results;
    private CapturedStep? captured;
    private int current;

    /// <param name="graph">The step graph.</param>
    /// <param name="initial">Values of its state and constants. Missing moments begin at zero, the step at 0, averages as what they are of.</param>
    /// <param name="device">Where to run.</param>
    /// <param name="taken">Told of each initial value that is not needed any more, as soon as it is copied.</param>
    /// <exception cref="GraphRewriteException">The runtime refuses the graph, or a parameter has no value.</exception>
    public StepSession(StepGraph graph, IReadOnlyDictionary<string, Tensor> initial, Device device, Action<string>? taken = null)
    {
        Graph = graph;
        captures = device.CudaGraph;
        using (SessionOptions options = device.SessionOptions(captures))
            session = Sessions.Open(graph.Model, options);
        run = captures ? CapturedStep.RunUncaptured() : new();
        memory = new(session, device);
        ILookup<bool, string> isInPlace = graph.State.ToLookup(name => !captures && graph.InPlace.Contains(name));
        Dictionary<string, OrtValue> inPlace = Resident(isInPlace[true]), replaced = Resident(isInPlace[false]);
        // The first step writes all of the second set before any step reads it.
        IEnumerable<KeyValuePair<string, OrtValue>> second = replaced.Select(pair => KeyValuePair.Create(pair.Key, memory.Like(pair.Value)));
        state = [replaced.Concat(inPlace).ToDictionary(), second.Concat(inPlace).ToDictionary()];
        constants = Resident(graph.Constants);
        scalars[Graph.Names.LearningRate] = OrtTensors.ToOrtValue(Tensor.Vector(0f));
        if (graph.Accumulates) scalars[Graph.Names.ApplyUpdate] = OrtTensors.ToOrtValue(Tensor.Scalar(true));
        if (graph.HasTrAct) scalars[TrActNames.Lambda] = OrtTensors.ToOrtValue(Tensor.Scalar(0.1f));
        results = [.. session.OutputNames.Except(state[0].Keys.Select(graph.Names.New))];
        bindings = [Bind(from: 0), Bind(from: 1)];

        Dictionary<string, OrtValue> Resident(IEnumerable<string> names)
        {
            string[] all = [.. names];
            if (all.Intersect(graph.Trainable.Concat(graph.Constants)).FirstOrDefault(name => !initial.ContainsKey(name)) is { } missing)
                throw new GraphRewriteException($"The parameter '{missing}' has no value.");
            var values = new Dictionary<string, OrtValue>();
            foreach ((string name, Tensor value) in graph.Beginnings(all, initial))
            {
                values[name] = memory.Write(value);
                if (!graph.Averages.ContainsKey(name)) taken?.Invoke(name); // its average begins as it does
            }
            return values;
        }
    }

    public StepGraph Graph { get; }

    /// <summary>The learning rate of the steps to come.</summary>
    public float LearningRate
    {
        set => scalars[Graph.Names.LearningRate].GetTensorMutableDataAsSpan<float>()[0] = value;
    }

    /// <summary>Whether the next batch is the last of those that make an update; without meaning where each makes one.</summary>
    public bool ApplyUpdate
    {
        set
        {
            if (Graph.Accumulates) scalars[Graph.Names.ApplyUpdate].GetTensorMutableDataAsSpan<bool>()[0] = value;
        }
    }

    /// <summary>TrAct's λ in the steps to come; without meaning where the graph has no TrAct.</summary>
    public float Lambda
    {
        get => Graph.HasTrAct ? scalars[TrActNames.Lambda].GetTensorDataAsSpan<float>()[0] : 0;
        set
        {
            if (Graph.HasTrAct) scalars[TrActNames.Lambda].GetTensorMutableDataAsSpan<float>()[0] = value;
        }
    }

    /// <summary>One step over a batch.</summary>
    /// <param name="batch">The batch inputs by name, in host memory; they stay the caller's.</param>
    /// <returns>Loss, logits and gradients in host memory.</returns>
    /// <exception cref="GraphRewriteException">The runtime fails, for instance on labels out of range.</exception>
    public StepOutputs Step(IReadOnlyDictionary<string, OrtValue> batch)
    {
        // Scalars too: for another device BindInput copies, and a binding made before would keep the old learning rate.
        KeyValuePair<string, OrtValue>[] inputs = [.. batch, .. scalars];
        try
        {
            StepOutputs outputs = captured?.Takes(inputs) is true ? captured.Step(current, inputs) : Uncaptured(inputs);
            current = 1 - current;
            return outputs;
        }
        catch (OnnxRuntimeException e)
        {
            throw new GraphRewriteException($"ONNX Runtime failed in a training step: {e.Message.Split('\n')[0]}", e);
        }
    }

    /// <summary>Ends profiling and returns the profile's file.</summary>
    public string EndProfiling() => session.EndProfiling();

    /// <summary>The present value of a parameter, a moment, a running statistic or the step.</summary>
    public Tensor Read(string name) => Read(name, state[current], memory.Read);

    /// <summary>The same, of use until the next step: it is copied only where it must be.</summary>
    public Tensor View(string name) => Read(name, state[current], memory.View);

    /// <summary>The same of its moving average where the graph keeps one.</summary>
    public Tensor ViewAveraged(string name) => View(Graph.Averages.GetValueOrDefault(name) ?? name);

    /// <summary>What the last step read: a parameter, the step or a scalar input as it was before; not what it replaced in place.</summary>
    public Tensor ReadBefore(string name) => scalars.TryGetValue(name, out OrtValue? scalar) ? OrtTensors.ToTensor(scalar)
        : Read(name, state[1 - current], memory.Read);

    public void Dispose()
    {
        captured?.Dispose();
        foreach (OrtIoBinding binding in bindings) binding.Dispose();
        foreach (OrtValue value in state.SelectMany(set => set.Values).Distinct().Concat(constants.Values).Concat(scalars.Values)) value.Dispose();
        memory.Dispose();
        run.Dispose();
        session.Dispose();
    }

    private StepOutputs Uncaptured(KeyValuePair<string, OrtValue>[] inputs)
    {
        OrtIoBinding binding = bindings[current];
        foreach ((string name, OrtValue value) in inputs) binding.BindInput(name, value);
        foreach (string output in results) binding.BindOutputToDevice(output, OrtMemoryInfo.DefaultInstance);
        session.RunWithBinding(run, binding);
        string[] names = binding.GetOutputNames();
        IDisposableReadOnlyCollection<OrtValue> values = binding.GetOutputValues();
        if (captures && captured is null)
        {
            IEnumerable<KeyValuePair<string, OrtValue>> outputs = names.Zip(values, KeyValuePair.Create).Where(pair => results.Contains(pair.Key));
            captured = new(session, memory, [Bind(from: 0), Bind(from: 1)], inputs, outputs);
        }
        return new(names, values);
    }

    private Tensor Read(string name, Dictionary<string, OrtValue> from, Func<OrtValue, Tensor> read) =>
        Graph.FromInputs(name, [.. Graph.InputsOf(name).Select(input => read(from.GetValueOrDefault(input) ?? constants[input]))]);

    private OrtIoBinding Bind(int from)
    {
        OrtIoBinding binding = session.CreateIoBinding();
        foreach ((string name, OrtValue value) in constants.Concat(state[from])) binding.BindInput(name, value);
        Dictionary<string, OrtValue> next = state[1 - from].ToDictionary(pair => Graph.Names.New(pair.Key), pair => pair.Value);
        foreach ((string output, OrtValue value) in next) binding.BindOutput(output, value);
        return binding;
    }
}
