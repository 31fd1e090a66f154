using GraphRewrite.Diagnostics;
using GraphRewrite.Gradients;
using GraphRewrite.IR;
using GraphRewrite.IR.Shapes;
using GraphRewrite.Kernels;
using GraphRewrite.Losses;
using GraphRewrite.Lowering;
using GraphRewrite.NormalForm;
using GraphRewrite.Passes;
using GraphRewrite.Serialization;

namespace GraphRewrite.Forward;

/// <summary>
/// The gradient graph alone, for a stock runtime: of the loss, or of the sum of an output, with respect to parameters or inputs (saliency, attacks,
/// one's own optimizer). Parameters keep their values inside.
/// </summary>
public static class GradientGraph
{
    /// <param name="path">The forward .onnx.</param>
    /// <param name="wanted">Names or globs of parameters and inputs.</param>
    /// <param name="loss">The loss, which adds the input "labels"; null: the sum of the first floating-point output is differentiated.</param>
    /// <param name="target">What it is made for.</param>
    /// <returns>A model whose outputs are the loss (or the output) and NAME_grad for every wanted NAME.</returns>
    /// <exception cref="GraphRewriteException">A name matches nothing, or there is no gradient.</exception>
    public static Model Build(string path, IReadOnlyList<string> wanted, Loss? loss, LoweringTarget target)
    {
        Model model = InlineFunctions.Of(OnnxReader.Read(path));
        Graph graph = model.Graph;
        ForwardParameters parameters = ForwardParameters.Find(graph);
        string[] candidates = [.. graph.Inputs.Where(input => input.Type.IsFloating()).Select(input => input.Name).Union(parameters.Parameters)];
        var names = new GlobSet("--wrt", wanted);
        string[] chosen = [.. candidates.Where(names.Matches)];
        names.RefuseUnmatched(candidates);

        Value prediction = PredictionOutput.Of(path, graph);
        foreach (Value output in graph.Outputs.Where(output => output != prediction).ToArray()) graph.UnmarkOutput(output);
        ForwardNormalForm.Apply(graph, BatchNormMode.Frozen);
        Value differentiated = graph.Outputs[0];
        if (loss is not null)
        {
            differentiated = loss.Append(graph, graph.Outputs[0]).Loss;
            graph.UnmarkOutput(graph.Outputs[0]);
        }
        ShapeInference.Apply(graph);
        IReadOnlyDictionary<Value, Value> gradients = ReverseMode.Apply(graph, differentiated, [.. chosen.Select(graph.Get)]);
        string[] unreached = [.. chosen.Where(name => !gradients.ContainsKey(graph.Get(name)))];
        if (unreached.Length > 0) throw new GraphRewriteException($"{path}: '{differentiated.Name}' does not depend on {string.Join(", ", unreached)} by any path that a gradient flows along.");
        foreach (string name in chosen) graph.MarkOutput(gradients[graph.Get(name)]);
        TopologicalSort.Apply(graph);
        LoweringPipeline.Apply(model, target);
        return model;
    }
}
