using GraphRewrite.Gradients;
using GraphRewrite.IR;
using GraphRewrite.IR.Building;
using GraphRewrite.Kernels;
using GraphRewrite.Lowering;
using GraphRewrite.NormalForm;
using GraphRewrite.Optimizers;
using GraphRewrite.Passes;
using GraphRewrite.TrAct;

namespace GraphRewrite.StepGraphs;

/// <summary>
/// Training graph → step graph, in two halves that can be had apart: loss and gradients, lowered to what a stock runtime knows; and the update.
/// </summary>
public static class StepGraphBuilder
{
    /// <summary>Builds the step graph. The training graph is used up.</summary>
    /// <param name="training">The training graph, with TrAct rewritten into it or not.</param>
    /// <param name="logits">The value that holds the prediction.</param>
    /// <param name="options">Optimizer, target, batch size.</param>
    public static StepGraph Build(TrainingGraph training, string logits, StepGraphOptions options)
    {
        Graph graph = training.Graph;
        (string[] statistics, IReadOnlyList<FormChoice> formulations) = LowerGradients(training, logits, options);

        using (OpBuilder op = graph.BuildAtEnd("update"))
            EmitUpdate(op, training, options.Optimizer, options.Accumulate);
        if (!options.OutputGradients)
            foreach (Value gradient in Gradients(training)) graph.UnmarkOutput(gradient);

        RemoveUnusedNodes.Apply(graph);
        TopologicalSort.Apply(graph);
        return new()
        {
            Model = training.Model,
            BatchInputs = training.BatchInputs,
            Loss = training.Loss,
            Prediction = logits,
            Trainable = training.Trainable,
            State = [.. training.Trainable, .. training.Trainable.SelectMany(p => options.Optimizer.Moments.Select(m => StepGraph.Moment(p, m))), .. training.Trainable.Where(_ => options.Accumulate > 1).Select(StepGraph.Accumulated), .. statistics, StepGraph.Step],
            Constants = [.. training.Frozen.Except(statistics)],
            Formulations = formulations,
        };
    }

    /// <summary>
    /// Loss, logits and running statistics as outputs; training operators lowered. Returns the names of the running statistics, and the formulations taken.
    /// </summary>
    private static (string[] Statistics, IReadOnlyList<FormChoice> Formulations) LowerGradients(
        TrainingGraph training, string logits, StepGraphOptions options)
    {
        Graph graph = training.Graph;
        GradientAccumulators.Remove(graph);
        foreach (Value gradient in Gradients(training)) graph.MarkOutput(gradient);
        if (!graph.Get(logits).IsGraphOutput) graph.MarkOutput(graph.Get(logits));
        string[] statistics = RunningStatistics.MarkOutputs(graph);
        if (graph.Find(TrActNames.Lambda) is { IsInitializer: true } lambda)
        {
            graph.RemoveInitializer(lambda);
            graph.MarkInput(lambda);
        }

        ExpandBernoulli.Apply(graph);
        DropoutLowering.Apply(graph, options.Target);
        if (options.Seed is { } seed) RandomSeeds.Apply(graph, seed, options.StepsBefore);
        IReadOnlyList<FormChoice> formulations = LoweringPipeline.Apply(
            training.Model,
            options.Target,
            options.BatchSize is { } size ? BatchSymbols(training).ToDictionary(symbol => symbol, _ => size) : null);
        return (statistics, formulations);
    }

    /// <summary>Inputs and outputs of the optimizer: P.m, P.v, step, learning_rate; P.new, P.m.new, P.v.new, step.new; P.accumulated where batches are.</summary>
    private static void EmitUpdate(OpBuilder op, TrainingGraph training, OptimizerSettings optimizer, int batches)
    {
        Graph graph = training.Graph;
        Value step = graph.AddInput(StepGraph.Step, ElementType.Int64, Shape.Of(1));
        Value rate = graph.AddInput(StepGraph.LearningRate, ElementType.Float, Shape.Of(1));
        Value[] parameters = [.. training.Trainable.Select(graph.Get)], gradients = Gradients(training);
        var changes = new List<(Value Old, Value New)>();
        GradientAccumulation? accumulation = batches > 1 ? new(op, batches) : null;
        if (accumulation is not null)
        {
            (gradients, IReadOnlyList<(Value Old, Value New)> sums) = accumulation.Add(parameters, gradients);
            changes.AddRange(sums);
        }
        if (optimizer.ClipNorm is { } norm) gradients = GradientClipping.Apply(op, gradients, norm);
        IParameterUpdate update = ParameterUpdate.For(optimizer, op, rate, step);
        Dictionary<Value, Value> gradientOf = parameters.Zip(gradients).ToDictionary();
        Dictionary<Value, Value[]> momentsOf = parameters.ToDictionary(p => p, p => optimizer.Moments.Select(moment => graph.AddInput(StepGraph.Moment(p.Name, moment), p.Type, p.Shape)).ToArray());
        foreach (PackedParameters packed in PackedParameters.Of(op, parameters))
        {
            Value[] moments = [.. optimizer.Moments.Select((_, i) => packed.Pack([.. packed.Members.Select(p => momentsOf[p][i])]))];
            IReadOnlyList<Value> updated = update.Update(op, packed.Pack(packed.Members), packed.Pack([.. packed.Members.Select(p => gradientOf[p])]), moments);
            for (int i = 0; i < updated.Count; i++)
                foreach ((Value p, Value part) in packed.Members.Zip(packed.Unpack(updated[i]))) Change(i == 0 ? p : momentsOf[p][i - 1], part);
        }
        Change(step, step + op.Ints(1));
        foreach ((Value old, Value replacement) in changes) Output(graph, replacement, StepGraph.New(old.Name), old.Shape);

        void Change(Value old, Value updated)
        {
            // The learning rate is [1]: what it is multiplied with is too.
            Value shaped = (old.Shape, updated.Shape) is ({ Rank: 0 }, { Rank: 1 }) ? op.Squeeze(updated, 0) : updated;
            changes.Add((old, accumulation?.Choose(shaped, old) ?? shaped));
        }
    }

    private static Value[] Gradients(TrainingGraph training) => [.. training.Trainable.Select(parameter => training.Graph.Get(GradientNames.Of(parameter)))];

    private static void Output(Graph graph, Value value, string name, Shape? shape)
    {
        graph.Rename(value, name);
        value.Shape ??= shape;
        if (value.Type == ElementType.Undefined) value.Type = name == StepGraph.New(StepGraph.Step) ? ElementType.Int64 : ElementType.Float;
        graph.MarkOutput(value);
    }

    /// <summary>The symbols that stand for the number of examples: those of the first dimension of every batch input.</summary>
    private static IEnumerable<string> BatchSymbols(TrainingGraph training) =>
        training.BatchInputs.Select(name => training.Graph.Get(name).Shape is { Rank: > 0 } shape ? shape[0].Symbols : null).OfType<string>().Distinct();
}
