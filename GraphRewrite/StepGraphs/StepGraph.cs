using GraphRewrite.IR;
using GraphRewrite.Kernels;
using GraphRewrite.Optimizers;
using GraphRewrite.Passes;
using GraphRewrite.Rules;
using GraphRewrite.TrAct;

namespace GraphRewrite.StepGraphs;

/// <summary>
/// One training step for a stock runtime: forward, loss, backward, TrAct, optimizer. Inputs: the batch, every parameter P, the optimizer's state
/// (P.m, P.v, step), learning_rate, tract.lambda. Outputs: the loss, the prediction, and NAME.new for all that changes. Where averages are asked for,
/// P.ema of every parameter and running statistic too.
/// </summary>
public sealed class StepGraph
{
    /// <summary>float [1]. This and the other names of its own are the usual ones: those of a graph are its <see cref="Names"/>.</summary>
    public const string LearningRate = "learning_rate";

    /// <summary>int64 [1]: how many steps were done.</summary>
    public const string Step = "step";

    /// <summary>bool scalar: whether this batch is the last before an update. Only where gradients are accumulated.</summary>
    public const string ApplyUpdate = "apply_update";

    /// <summary>The graph, of operators that the target has.</summary>
    public required Model Model { get; init; }

    /// <summary>Graph inputs that a batch fills, labels last.</summary>
    public required IReadOnlyList<string> BatchInputs { get; init; }

    /// <summary>The output that holds the loss, a float scalar.</summary>
    public required string Loss { get; init; }

    /// <summary>The output that holds what the model predicts.</summary>
    public required string Prediction { get; init; }

    /// <summary>Parameters that the optimizer changes.</summary>
    public required IReadOnlyList<string> Trainable { get; init; }

    /// <summary>
    /// What a step replaces: trainable parameters, their moments, running statistics, the step. Each is an input NAME with the output NAME.new,
    /// unless it is kept as several (see <see cref="InputsOf"/>).
    /// </summary>
    public required IReadOnlyList<string> State { get; init; }

    /// <summary>Of <see cref="State"/>: what is kept tap by tap.</summary>
    internal IReadOnlyDictionary<string, StateTaps> Taps { get; init; } = new Dictionary<string, StateTaps>();

    /// <summary>
    /// Of <see cref="State"/>: what no node reads after the output that replaces it is written, so that one buffer can be bound as both. The moments,
    /// unless gradients are accumulated.
    /// </summary>
    public IReadOnlySet<string> InPlace { get; init; } = new HashSet<string>();

    /// <summary>
    /// The moving average of each trainable parameter and running statistic, by name: they are in <see cref="State"/> too. Empty where there are none.
    /// </summary>
    public IReadOnlyDictionary<string, string> Averages { get; init; } = new Dictionary<string, string>();

    /// <summary>Inputs that stay as they are: frozen parameters.</summary>
    public required IReadOnlyList<string> Constants { get; init; }

    /// <summary>What its own inputs and outputs are called.</summary>
    public required StepNames Names { get; init; }

    /// <summary>Which formulations its layers were lowered to.</summary>
    public IReadOnlyList<FormChoice> Formulations { get; init; } = [];

    /// <summary>Whether TrAct is in the graph, so that it has the input <see cref="TrActNames.Lambda"/>, a float scalar.</summary>
    public bool HasTrAct => Model.Graph.Find(TrActNames.Lambda) is { IsGraphInput: true } && Model.Metadata.ContainsKey(TrActNames.Layers);

    /// <summary>
    /// The output Σ |dW'| over TrAct's gradients, a float scalar: not finite where one of them is not. Null where it was not asked for.
    /// </summary>
    public string? TrActSize { get; init; }

    /// <summary>The output ‖XᵀX/b‖ (Frobenius), the largest of the layers with TrAct, a float scalar; as <see cref="TrActSize"/>.</summary>
    public string? TrActNorm { get; init; }

    /// <summary>What a step raises λ to, lest λI is lost in the rounding of XᵀX/b; null where λ is large enough (docs/numbers.md).</summary>
    /// <param name="norm">‖XᵀX/b‖ (Frobenius) of a layer in the step.</param>
    /// <param name="lambda">λ as it is given.</param>
    public static float? RaisedLambda(float norm, float lambda) =>
        norm * ClosedFormNodes.SmallestLambda is var least && least > lambda ? (float)least : null;

    /// <summary>Whether several batches make one update, so that the graph has the input <see cref="ApplyUpdate"/>.</summary>
    public bool Accumulates => Model.Graph.Find(Names.ApplyUpdate) is { IsGraphInput: true };

    /// <summary>The inputs that hold a state: itself, or the taps that a weight is kept as.</summary>
    /// <param name="state">A name of <see cref="State"/>.</param>
    public IReadOnlyList<string> InputsOf(string state) => Taps.TryGetValue(state, out StateTaps? taps) ? taps.Inputs : [state];

    /// <summary>The values of a state's inputs → its own.</summary>
    public Tensor FromInputs(string state, IReadOnlyList<Tensor> values) =>
        Taps.TryGetValue(state, out StateTaps? taps) ? taps.Weight.Join(values) : values[0];

    /// <summary>
    /// The values that the inputs of states and constants begin with: as given; else an average as what it is of, and a moment, a sum and the step at
    /// zero.
    /// </summary>
    /// <param name="names">Of <see cref="State"/> or <see cref="Constants"/>.</param>
    /// <param name="initial">The values that are given.</param>
    public IEnumerable<KeyValuePair<string, Tensor>> Beginnings(IEnumerable<string> names, IReadOnlyDictionary<string, Tensor> initial)
    {
        Dictionary<string, string> averaged = Averages.ToDictionary(pair => pair.Value, pair => pair.Key);
        foreach (string name in names)
        {
            Tensor? given = initial.GetValueOrDefault(name)
                ?? (averaged.TryGetValue(name, out string? own) ? initial[own] : null);
            IReadOnlyList<string> inputs = InputsOf(name);
            IEnumerable<Tensor> values = given is null ? inputs.Select(Zeros)
                : Taps.TryGetValue(name, out StateTaps? taps) ? taps.Weight.Split(given) : [given];
            foreach ((string input, Tensor value) in inputs.Zip(values)) yield return new(input, value);
        }
    }

    /// <summary>A value for every input but the batch: parameters and state as given, missing moments zero, the learning rate, λ.</summary>
    public OrderedDictionary<string, Tensor> InitialValues(IReadOnlyDictionary<string, Tensor> initial, float learningRate, Tensor? lambda)
    {
        var values = new OrderedDictionary<string, Tensor>(Beginnings(Constants.Concat(State), initial));
        values[Names.LearningRate] = Tensor.Vector(learningRate);
        if (lambda is not null) values[TrActNames.Lambda] = lambda;
        return values;
    }

    private Tensor Zeros(string input)
    {
        Value value = Model.Graph.Get(input);
        return Tensor.Zeros(value.Type, value.Shape!.Extents());
    }

    /// <summary>A copy of what the loss depends on, all its float values outputs: it tells where a loss that is not finite comes from.</summary>
    public Model LossWithEveryValue()
    {
        Model model = Model.Clone();
        Graph graph = model.Graph;
        graph.UnmarkOutputs(output => output.Name != Loss);
        RemoveUnusedNodes.Apply(graph);
        Value[] values = [.. graph.Nodes.SelectMany(node => node.Outputs).OfType<Value>()];
        foreach (Value value in values.Where(value => value.Type == ElementType.Float && !value.IsGraphOutput)) graph.MarkOutput(value);
        return model;
    }

    /// <summary>The output that replaces an input of <see cref="State"/>.</summary>
    public static string New(string name) => $"{name}.new";

    /// <summary>The sum of a parameter's gradients since the last update.</summary>
    internal static string Accumulated(string parameter) => $"{parameter}.accumulated";

    /// <summary>The moving average of a parameter or running statistic.</summary>
    internal static string Average(string name) => $"{name}.ema";

    /// <summary>One of the taps that a weight is kept as: the position in its kernel, flat.</summary>
    internal static string Tap(string parameter, int position) => $"{parameter}.tap{position}";

    /// <summary>The moment of a parameter: "m" or "v".</summary>
    public static string Moment(string parameter, string moment) => $"{parameter}.{moment}";
}

/// <summary>What a step graph is built for.</summary>
public sealed record StepGraphOptions
{
    /// <summary>The update rule and its constants; the learning rate is an input.</summary>
    public required OptimizerSettings Optimizer { get; init; }

    /// <summary>What the graph is made for.</summary>
    public LoweringTarget Target { get; init; } = LoweringTarget.Cpu;

    /// <summary>Examples in a batch; null leaves the dimension symbolic. Known shapes allow better formulations.</summary>
    public long? BatchSize { get; init; }

    /// <summary>Extents of symbols in the shapes of the batch inputs, before <see cref="BatchSize"/> is asked; the others stay symbolic.</summary>
    public IReadOnlyDictionary<string, long>? Sizes { get; init; }

    /// <summary>Batches that make one update.</summary>
    public int Accumulate { get; init; } = 1;

    /// <summary>The decay of moving averages of parameters and running statistics, above 0 and below 1; null: there are none.</summary>
    public double? AverageDecay { get; init; }

    /// <summary>
    /// Of Dropout and the random operators; null leaves them as they are written, mostly without one: then every session draws other numbers.
    /// </summary>
    public int? Seed { get; init; }

    /// <summary>Batches that a resumed run has behind it: on the CPU it draws the numbers that it would have drawn, elsewhere other ones.</summary>
    public long RunsBefore { get; init; }

    /// <summary>Lowerings and shapes of operators of the program's own.</summary>
    public CustomOperators Operators { get; init; } = CustomOperators.None;

    /// <summary>Whether what tells a gradient of TrAct that is not finite is an output too.</summary>
    public bool ChecksTrAct { get; init; }

    /// <summary>Whether every gradient P_grad is an output too.</summary>
    public bool OutputGradients { get; init; }

    /// <summary>
    /// Whether a weight that the step reads tap by tap may be kept so, as several inputs (see <see cref="StepGraph.InputsOf"/>): for who keeps the
    /// state itself. Not together with <see cref="OutputGradients"/>.
    /// </summary>
    public bool KeepsTaps { get; init; }
}
