using GraphRewrite.Gradients;
using GraphRewrite.IR;
using GraphRewrite.IR.Building;
using GraphRewrite.Kernels;
using GraphRewrite.Lowering;
using GraphRewrite.NormalForm;
using GraphRewrite.Optimizers;
using GraphRewrite.Passes;
using GraphRewrite.Passes.Contracts;
using GraphRewrite.TrAct;
using static GraphRewrite.NormalForm.NormalFormConditions;
using static GraphRewrite.Passes.Contracts.Conditions;
using static GraphRewrite.StepGraphs.StepGraphConditions;

namespace GraphRewrite.StepGraphs;

/// <summary>
/// Training graph → step graph, in two halves that can be had apart: loss and gradients, lowered to what a stock runtime knows; and the update.
/// </summary>
public static class StepGraphBuilder
{
    /// <summary>Builds the step graph of a copy; the training graph stays as it is.</summary>
    /// <param name="training">The training graph, with TrAct rewritten into it or not.</param>
    /// <param name="prediction">The value that holds the prediction.</param>
    /// <param name="options">Optimizer, target, batch size.</param>
    public static StepGraph Build(TrainingGraph training, string prediction, StepGraphOptions options)
    {
        TrainingGraph copy = training.Clone();
        var names = StepNames.Beside(training);
        List<string> statistics = [];
        List<FormChoice> formulations = [];
        LossAndGradients(copy, prediction, options, names, statistics, formulations).Apply(copy.Graph);
        IReadOnlyDictionary<string, StateTaps> taps = options is { KeepsTaps: true, OutputGradients: false }
            ? ResidentTaps.Apply(copy.Graph, training.Trainable, names) : new Dictionary<string, StateTaps>();
        Update(copy.WithTrainable(ResidentTaps.Inputs(training.Trainable, taps)), options, names, statistics).Apply(copy.Graph);
        Dictionary<string, string> averages = options.AverageDecay is null ? []
            : training.Trainable.Concat(statistics).ToDictionary(name => name, names.Average);
        bool isChecked = copy.Graph.Find(TrActNames.Size) is not null;
        return new()
        {
            Model = copy.Model,
            BatchInputs = training.BatchInputs,
            Loss = training.Loss,
            Prediction = prediction,
            Trainable = training.Trainable,
            State = [.. training.Trainable, .. OptimizerState(training, options, names), .. statistics, .. averages.Values, names.Step],
            InPlace = options.Accumulate > 1 ? new HashSet<string>() : [.. OptimizerState(training, options, names)],
            Taps = WithAllOf(taps, options, names),
            Averages = averages,
            Constants = [.. training.Frozen.Except(statistics)],
            Names = names,
            Formulations = formulations,
            TrActSize = isChecked ? TrActNames.Size : null,
            TrActNorm = isChecked ? (copy.Graph.Find(TrActNames.LargestNorm) ?? copy.Graph.Get(TrActNames.Norm)).Name : null,
        };
    }

    /// <summary>
    /// Loss, prediction, gradients and running statistics as outputs; training operators lowered. Notes the names of the statistics and the
    /// formulations taken.
    /// </summary>
    private static Pipeline LossAndGradients(
        TrainingGraph training,
        string prediction,
        StepGraphOptions options,
        StepNames names,
        List<string> statistics,
        List<FormChoice> formulations) => new(
    "loss and gradients", requires: [Sorted],
    [
        // pass, requires, ensures, breaks
        new Pass("RemoveAccumulators", [], [NoAccumulators], GradientAccumulators.Remove),
        new Pass("MarkOutputs", [NoAccumulators], [], graph => MarkOutputs(graph, Gradients(training), graph.Get(prediction))),
        new Pass("MarkStatistics", [], [], graph => statistics.AddRange(RunningStatistics.MarkOutputs(graph, names))),
        new Pass("FeedLambda", [], [], FeedLambda),
        new Pass("MarkTrAct", [NoAccumulators], [], graph => MarkTrAct(graph, training, options)),
        new Pass("DoubleBranch", [Sorted], [], graph => DoubleBranch.Take(graph, options.Target)),
        new Pass("ExpandBernoulli", [], [NoBernoulli], ExpandBernoulli.Apply),
        new Pass("RandomLowering", [], [], graph => RandomLowering.Apply(graph, options.Target, () => StepInput(graph, names))),
        new Pass("RandomSeeds", [NoBernoulli], [], graph => SetSeeds(graph, options)),
        new Pass("LoweringPipeline", [Sorted], LoweringPipeline.Ensures, _ => formulations.AddRange(Lower(training, options))),
    ]);

    private static Pipeline Update(TrainingGraph training, StepGraphOptions options, StepNames names, IReadOnlyList<string> statistics) => new(
    "step graph", requires: [NoAccumulators, .. LoweringPipeline.Ensures],
    [
        // pass, requires, ensures, breaks
        new Pass("EmitUpdate", [OneOpset, Typed, Shaped], [], [NoUnused], graph => EmitUpdate(graph, training, options, names, statistics)),
        new Pass("HideGradients", [], [], graph => HideGradients(graph, training, options)),
        new Pass("RemoveUnusedNodes", [], [NoUnused], RemoveUnusedNodes.Apply),
        new Pass("TopologicalSort", [], [Sorted], TopologicalSort.Apply),
        new Pass("DepthOrder", [Sorted], [], DepthOrder.OfLong),
    ]);

    private static void MarkOutputs(Graph graph, Value[] gradients, Value prediction)
    {
        foreach (Value gradient in gradients) graph.MarkOutput(gradient);
        if (!prediction.IsGraphOutput) graph.MarkOutput(prediction);
    }

    /// <summary>What the rewrite stores becomes an input: λ may change from step to step.</summary>
    private static void FeedLambda(Graph graph)
    {
        if (graph.Find(TrActNames.Lambda) is not { IsInitializer: true } lambda) return;
        graph.RemoveInitializer(lambda);
        graph.MarkInput(lambda);
    }

    /// <summary>How many steps were done: the optimizer asks for it, and random numbers.</summary>
    private static Value StepInput(Graph graph, StepNames names) =>
        graph.Find(names.Step) is { IsGraphInput: true } known ? known : Input(graph, names.Step, ElementType.Int64, Shape.Of(1));

    /// <summary>The largest ‖XᵀX/b‖, and Σ |dW'| over the gradients that λ reaches.</summary>
    private static void MarkTrAct(Graph graph, TrainingGraph training, StepGraphOptions options)
    {
        Value[] norms = TrActNames.NormsIn(graph);
        if (!options.ChecksTrAct || norms.Length == 0 || graph.Find(TrActNames.Lambda) is not { } lambda) return;
        HashSet<Value> reached = Walk.Downstream([lambda]);
        using OpBuilder op = graph.BuildAtEnd(TrActNames.Size);
        Value size = op.Sum([.. Gradients(training).Where(reached.Contains).Select(dW => op.Op("ReduceL1", [dW], ("keepdims", 0L)))]);
        graph.Rename(size, TrActNames.Size);
        graph.MarkOutput(size);
        Value norm = norms.Length == 1 ? norms[0] : op.Op("Max", norms);
        if (norms.Length > 1) graph.Rename(norm, TrActNames.LargestNorm);
        graph.MarkOutput(norm);
    }

    private static void SetSeeds(Graph graph, StepGraphOptions options)
    {
        if (options.Seed is { } seed) RandomSeeds.Apply(graph, seed, options.RunsBefore);
    }

    private static IReadOnlyList<FormChoice> Lower(TrainingGraph training, StepGraphOptions options) =>
        LoweringPipeline.Apply(training.Model, options.Target, Extents(training, options), options.Operators);

    private static void HideGradients(Graph graph, TrainingGraph training, StepGraphOptions options)
    {
        if (!options.OutputGradients) graph.UnmarkOutputs(Gradients(training).ToHashSet().Contains);
    }

    private static IEnumerable<string> OptimizerState(TrainingGraph training, StepGraphOptions options, StepNames names)
    {
        IEnumerable<string> moments =
            from parameter in training.Trainable
            from moment in options.Optimizer.Moments
            select names.Moment(parameter, moment);
        return options.Accumulate > 1 ? moments.Concat(training.Trainable.Select(names.Accumulated)) : moments;
    }

    /// <summary>Of parameters that are kept tap by tap: all that is.</summary>
    private static Dictionary<string, StateTaps> WithAllOf(
        IReadOnlyDictionary<string, StateTaps> parameters, StepGraphOptions options, StepNames names)
    {
        IEnumerable<Func<string, string>> moments =
            options.Optimizer.Moments.Select(moment => (Func<string, string>)(parameter => names.Moment(parameter, moment)));
        Func<string, string>[] states = [parameter => parameter, .. moments, names.Accumulated, names.Average];
        return (from state in states from kept in parameters select (state(kept.Key), kept.Value.Of(state))).ToDictionary();
    }

    /// <summary>
    /// Inputs and outputs of the optimizer: P.m, P.v, step, learning_rate; P.new, P.m.new, P.v.new, step.new; P.accumulated where batches are;
    /// P.ema and P.ema.new where averages are.
    /// </summary>
    private static void EmitUpdate(
        Graph graph, TrainingGraph training, StepGraphOptions options, StepNames names, IReadOnlyList<string> statistics)
    {
        using OpBuilder op = graph.BuildAtEnd("update");
        OptimizerSettings optimizer = options.Optimizer;
        Value step = StepInput(graph, names);
        Value rate = Input(graph, names.LearningRate, ElementType.Float, Shape.Of(1));
        Value[] parameters = [.. training.Trainable.Select(graph.Get)], gradients = Gradients(training);
        var changes = new List<(Value Old, Value New)>();
        GradientAccumulation? accumulation = options.Accumulate > 1 ? new(op, names, options.Accumulate) : null;
        if (accumulation is not null)
        {
            (gradients, IReadOnlyList<(Value Old, Value New)> sums) = accumulation.Add(parameters, gradients);
            changes.AddRange(sums);
        }
        if (optimizer.ClipNorm is { } norm) gradients = GradientClipping.Apply(op, gradients, norm);
        IParameterUpdate update = ParameterUpdate.For(optimizer, op, rate, step);
        Dictionary<Value, Value> gradientOf = parameters.Zip(gradients).ToDictionary();
        Dictionary<Value, Value[]> momentsOf = parameters.ToDictionary(
            p => p,
            p => optimizer.Moments.Select(moment => Input(graph, names.Moment(p.Name, moment), p.Type, p.Shape)).ToArray());
        MovingAverage? average = options.AverageDecay is { } decay ? new(op, names, decay, step) : null;
        foreach (PackedParameters packed in PackedParameters.Of(op, parameters))
        {
            Value[] moments = [.. optimizer.Moments.Select((_, i) => packed.Pack([.. packed.Members.Select(p => momentsOf[p][i])]))];
            Value all = packed.Pack(packed.Members), allGradients = packed.Pack([.. packed.Members.Select(p => gradientOf[p])]);
            IReadOnlyList<Value> updated = update.Update(op, all, allGradients, moments);
            for (int i = 0; i < updated.Count; i++)
                foreach ((Value p, Value part) in packed.Members.Zip(packed.Unpack(updated[i]))) Change(i == 0 ? p : momentsOf[p][i - 1], part);
            foreach ((Value old, Value averaged) in average?.Add(packed, updated[0]) ?? []) Change(old, averaged);
        }
        foreach ((Value old, Value averaged) in average?.Add(op, statistics.Select(graph.Get), s => graph.Get(names.New(s.Name))) ?? [])
            Change(old, averaged);
        Change(step, step + op.Ints(1));
        foreach ((Value old, Value replacement) in changes) Output(graph, replacement, names.New(old.Name), old);

        void Change(Value old, Value updated)
        {
            // The learning rate is [1]: what it is multiplied with is too.
            Value shaped = (old.Shape, updated.Shape) is ({ Rank: 0 }, { Rank: 1 }) ? op.Squeeze(updated, 0) : updated;
            changes.Add((old, accumulation?.Choose(shaped, old) ?? shaped));
        }
    }

    private static Value[] Gradients(TrainingGraph training) => [.. training.Trainable.Select(GradientNames.Of).Select(training.Graph.Get)];

    internal static Value Input(Graph graph, string name, ElementType type, Shape? shape)
    {
        graph.Vacate(name);
        return graph.AddInput(name, type, shape);
    }

    private static void Output(Graph graph, Value value, string name, Value old)
    {
        if (value.Name != name) graph.Vacate(name);
        graph.Rename(value, name);
        value.Shape ??= old.Shape;
        if (value.Type == ElementType.Undefined) value.Type = old.Type;
        graph.MarkOutput(value);
    }

    /// <summary>The batch size for every symbol that stands for the number of examples: those of the first dimension of every batch input.</summary>
    private static Dictionary<string, long>? Extents(TrainingGraph training, StepGraphOptions options)
    {
        Dictionary<string, long> extents = options.Sizes?.ToDictionary() ?? [];
        if (options.BatchSize is { } size)
        {
            IEnumerable<Shape?> shapes = training.BatchInputs.Select(name => training.Graph.Get(name).Shape);
            foreach (string symbol in shapes.Select(shape => shape is { Rank: > 0 } ? shape[0].Symbols : null).OfType<string>())
                extents.TryAdd(symbol, size);
        }
        return extents.Count > 0 ? extents : null;
    }
}
