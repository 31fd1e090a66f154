using GraphRewrite.Artifacts;
using GraphRewrite.Diagnostics;
using GraphRewrite.Gradients;
using GraphRewrite.IR;
using GraphRewrite.IR.Shapes;
using GraphRewrite.Losses;
using GraphRewrite.Lowering;
using GraphRewrite.NormalForm;
using GraphRewrite.Passes;
using GraphRewrite.Passes.Contracts;
using GraphRewrite.Rules;
using GraphRewrite.Serialization;
using static GraphRewrite.NormalForm.NormalFormConditions;
using static GraphRewrite.Passes.Contracts.Conditions;

namespace GraphRewrite.Forward;

/// <summary>
/// The gradient graph alone, for a stock runtime: of the loss, or of the sum of an output, with respect to parameters or inputs (saliency, attacks,
/// one's own optimizer). Parameters keep their values inside.
/// </summary>
public static class GradientGraph
{
    /// <summary>Makes the gradient graph of a forward model, lowered for a target; nothing is written.</summary>
    /// <param name="path">The forward .onnx.</param>
    /// <param name="wanted">Names or globs of parameters and inputs.</param>
    /// <param name="options">What is differentiated, and what the graph is made for.</param>
    /// <returns>A model whose outputs are the loss (or the output) and NAME_grad for every wanted NAME.</returns>
    /// <exception cref="GraphRewriteException">A name matches nothing, or there is no gradient.</exception>
    public static GradientModel Build(string path, IReadOnlyList<string> wanted, GradientOptions options) =>
        Stages.In(path, () => Make(path, wanted, options));

    private static GradientModel Make(string path, IReadOnlyList<string> wanted, GradientOptions options)
    {
        Model read = OnnxReader.Read(path);
        IReadOnlyList<Finding> damage = ExportDamage.Find(read.Graph);
        CustomOperators operators = options.Operators;
        Model model = InlineFunctions.Of(read);
        Graph graph = model.Graph;
        operators.DeclareShapes(graph);
        if (HalfPrecision.Widen(model) is { } widened) damage = [.. damage, widened];
        ForwardParameters parameters = ForwardParameters.Find(graph, operators);
        IEnumerable<Value> inputs = graph.Inputs.Where(input => input.Type.IsFloating());
        string[] candidates = [.. inputs.Select(input => input.Name).Union(parameters.Parameters)];
        var names = new GlobSet(Setting.Wanted, wanted);
        string[] chosen = [.. candidates.Where(names.Matches)];
        names.RefuseUnmatched(candidates);

        IReadOnlyList<TrainedOutput> trained = PredictionOutput.Of(graph, options.Outputs);
        foreach (Value output in graph.Outputs.Where(output => !trained.Any(chosen => chosen.Name == output.Name)).ToArray())
            graph.UnmarkOutput(output);
        Passes(model, chosen, trained, options).Apply(graph);
        return new(model, damage);
    }

    private static Pipeline Passes(Model model, IReadOnlyList<string> chosen, IReadOnlyList<TrainedOutput> outputs, GradientOptions options)
    {
        Value? differentiated = null;
        return new("gradient graph", requires: [Sorted],
        [
            // pass, requires, ensures, breaks
            new Pass("ForwardNormalForm", [Sorted], ForwardNormalForm.Ensures, graph => ForwardNormalForm.Apply(graph, BatchNormMode.Frozen)),
            new Pass("Loss", [OneOpset, Typed, Shaped], [], [NothingPassedOn, NoUnused], AppendLoss),
            new Pass("InferShapes", [Sorted], [Typed, Shaped], ShapeInference.Apply),
            new Pass("ReverseMode", [Sorted, Typed, Shaped, OneOpset, NoBernoulli], [], [NothingToExpand], Differentiate),
            new Pass("TopologicalSort", [], [Sorted], TopologicalSort.Apply),
            new Pass("LoweringPipeline", [Sorted], LoweringPipeline.Ensures, Lower),
        ]);

        void AppendLoss(Graph graph) => differentiated = Differentiated(graph, outputs, options);
        void Differentiate(Graph graph) => AddGradients(graph, differentiated!, chosen, options.Operators);
        void Lower(Graph graph) => LoweringPipeline.Apply(model, options.Target, operators: options.Operators);
    }

    /// <summary>The loss, in the prediction's place among the outputs; without one the first output.</summary>
    private static Value Differentiated(Graph graph, IReadOnlyList<TrainedOutput> outputs, GradientOptions options)
    {
        Value[] predictions = [.. outputs.Select(output => graph.Get(output.Name))];
        if (options.Loss is null && outputs.All(output => output.Loss is null))
        {
            foreach (Value other in predictions.Skip(1)) graph.UnmarkOutput(other);
            return predictions[0];
        }
        IReadOnlyList<LossTerm> terms = PredictionOutput.Terms(graph, outputs, options.Loss ?? new OutputLoss());
        Value appended = SummedLoss.Append(graph, terms, options.SharesLabels, "labels").Loss;
        foreach (Value prediction in predictions) graph.UnmarkOutput(prediction);
        return appended;
    }

    private static void AddGradients(Graph graph, Value differentiated, IReadOnlyList<string> chosen, CustomOperators operators)
    {
        Value[] wanted = [.. chosen.Select(graph.Get)];
        IReadOnlyDictionary<Value, Value> gradients = ReverseMode.AppendGradients(graph, differentiated, wanted, operators: operators);
        string[] unreached = [.. chosen.Where(name => !gradients.ContainsKey(graph.Get(name)))];
        if (unreached.Length > 0)
        {
            string names = string.Join(", ", unreached);
            throw graph.Refuse($"'{differentiated.Name}' does not depend on {names} by any path that a gradient flows along");
        }
        foreach (string name in chosen) graph.MarkOutput(gradients[graph.Get(name)]);
    }
}
