using GraphRewrite.Diagnostics;
using GraphRewrite.Gradients;
using GraphRewrite.IR;
using GraphRewrite.IR.Shapes;
using GraphRewrite.Kernels;
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
    /// <param name="loss">The loss, which adds the input "labels"; null: the sum of the first floating-point output is differentiated.</param>
    /// <param name="target">What it is made for.</param>
    /// <param name="operators">Gradients, lowerings and shapes of the program's own; null for none.</param>
    /// <returns>A model whose outputs are the loss (or the output) and NAME_grad for every wanted NAME.</returns>
    /// <exception cref="GraphRewriteException">A name matches nothing, or there is no gradient.</exception>
    public static Model Build(
        string path, IReadOnlyList<string> wanted, Loss? loss, LoweringTarget target, CustomOperators? operators = null) =>
        Stages.In(path, () => Make(path, wanted, loss, target, operators ?? CustomOperators.None));

    private static Model Make(string path, IReadOnlyList<string> wanted, Loss? loss, LoweringTarget target, CustomOperators operators)
    {
        Model model = InlineFunctions.Of(OnnxReader.Read(path));
        Graph graph = model.Graph;
        operators.DeclareShapes(graph);
        ForwardParameters parameters = ForwardParameters.Find(graph, operators);
        IEnumerable<Value> inputs = graph.Inputs.Where(input => input.Type.IsFloating());
        string[] candidates = [.. inputs.Select(input => input.Name).Union(parameters.Parameters)];
        var names = new GlobSet(Setting.Wanted, wanted);
        string[] chosen = [.. candidates.Where(names.Matches)];
        names.RefuseUnmatched(candidates);

        Value prediction = PredictionOutput.Of(graph);
        foreach (Value output in graph.Outputs.Where(output => output != prediction).ToArray()) graph.UnmarkOutput(output);
        Passes(model, chosen, loss, target, operators).Apply(graph);
        return model;
    }

    private static Pipeline Passes(
        Model model, IReadOnlyList<string> chosen, Loss? loss, LoweringTarget target, CustomOperators operators)
    {
        Value? differentiated = null;
        return new("gradient graph", requires: [Sorted],
        [
            // pass, requires, ensures, breaks
            new Pass("ForwardNormalForm", [Sorted], ForwardNormalForm.Ensures, graph => ForwardNormalForm.Apply(graph, BatchNormMode.Frozen)),
            new Pass("Loss", [OneOpset, Typed, Shaped], [], [NothingPassedOn, NoUnused], graph => differentiated = Differentiated(graph, loss)),
            new Pass("InferShapes", [Sorted], [Typed, Shaped], ShapeInference.Apply),
            new Pass("ReverseMode", [Sorted, Typed, Shaped, OneOpset, NoBernoulli], [], Differentiate),
            new Pass("TopologicalSort", [], [Sorted], TopologicalSort.Apply),
            new Pass("LoweringPipeline", [Sorted], LoweringPipeline.Ensures, _ => LoweringPipeline.Apply(model, target, operators: operators)),
        ]);

        void Differentiate(Graph graph) => AddGradients(graph, differentiated!, chosen, operators);
    }

    /// <summary>The loss, in the prediction's place among the outputs; without one the prediction.</summary>
    private static Value Differentiated(Graph graph, Loss? loss)
    {
        Value prediction = graph.Outputs[0];
        if (loss is null) return prediction;
        Value appended = loss.Append(graph, prediction).Loss;
        graph.UnmarkOutput(graph.Outputs[0]);
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
