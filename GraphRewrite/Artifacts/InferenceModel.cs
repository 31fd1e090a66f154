using GraphRewrite.IR;
using GraphRewrite.IR.Shapes;
using GraphRewrite.Passes;

namespace GraphRewrite.Artifacts;

/// <summary>The trained forward model for deployment: inference mode, weights and running statistics in place, the logits as its output.</summary>
public static class InferenceModel
{
    /// <summary>Makes the model that is deployed of the evaluation model and trained values; what only the loss needs goes.</summary>
    /// <param name="evaluation">The evaluation model, which stays as it is.</param>
    /// <param name="prediction">The value that holds the prediction.</param>
    /// <param name="valueOf">The value of a parameter by name; null where a graph input is no parameter.</param>
    public static Model From(Model evaluation, string prediction, Func<string, Tensor?> valueOf)
    {
        Model model = evaluation.Clone();
        Graph graph = model.Graph;
        foreach (Value output in graph.Outputs.ToArray()) graph.UnmarkOutput(output);
        graph.MarkOutput(graph.Get(prediction));
        RemoveUnusedNodes.Apply(graph);
        foreach (Value input in graph.Inputs.ToArray())
        {
            if (!input.IsUsed) graph.Remove(input);
            else if (valueOf(input.Name) is { } tensor)
            {
                graph.UnmarkInput(input);
                graph.SetInitializer(input, tensor);
            }
        }
        ShapeInference.Apply(graph);
        return model;
    }
}
