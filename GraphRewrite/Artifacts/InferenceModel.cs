using GraphRewrite.IR;
using GraphRewrite.IR.Shapes;
using GraphRewrite.NormalForm;
using GraphRewrite.Passes;
using GraphRewrite.Serialization;

namespace GraphRewrite.Artifacts;

/// <summary>The trained forward model for deployment: inference mode, weights and running statistics in place, the logits as its output.</summary>
public static class InferenceModel
{
    /// <summary>Makes the model that is deployed of the evaluation model and trained values; what only the loss needs goes.</summary>
    /// <param name="evaluation">The evaluation model, which stays as it is.</param>
    /// <param name="prediction">The value that holds the prediction.</param>
    /// <param name="valueOf">The value of a parameter by name; null where a graph input is no parameter.</param>
    /// <param name="ownPrecision">Whether what was of half precision before the training is so again; else it takes and gives Float.</param>
    public static Model From(Model evaluation, string prediction, Func<string, Tensor?> valueOf, bool ownPrecision = false)
    {
        Model model = evaluation.Clone();
        Graph graph = model.Graph;
        graph.UnmarkOutputs(_ => true);
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
        if (ownPrecision) HalfPrecision.Narrow(model);
        return model;
    }

    /// <summary>The same of the forward model itself: in its own opset, node for node; only what is done in training alone goes.</summary>
    /// <param name="forward">The forward model as it was read, which stays as it is.</param>
    /// <param name="prediction">The output that holds the prediction; the others go.</param>
    /// <param name="valueOf">The value of a parameter by name; null where a value is no parameter.</param>
    public static Model OfForward(Model forward, string prediction, Func<string, Tensor?> valueOf)
    {
        Model model = forward.Functions.Count > 0 ? InlineFunctions.Of(forward) : forward.Clone();
        Graph graph = model.Graph;
        graph.UnmarkOutputs(output => output.Name != prediction);
        EvaluationNormalForm.EndTraining(graph);
        RemoveUnusedNodes.Apply(graph);
        foreach (Value value in graph.Initializers.Concat(graph.Inputs).Distinct().ToArray())
        {
            if (valueOf(value.Name) is not { } tensor) continue;
            if (value.IsGraphInput) graph.UnmarkInput(value);
            graph.SetInitializer(value, HalfPrecision.IsHalf(value.Type) ? HalfPrecision.To(value.Type, tensor) : tensor);
        }
        return model;
    }

    /// <summary>Gives the first axis of every input another size: what is computed from it follows, and constants that repeat it.</summary>
    /// <param name="model">The model; changed in place.</param>
    /// <param name="size">Examples in a batch; null leaves them open.</param>
    /// <remarks>A model may compute with its batch size in ways that cannot be seen; run it on two sizes to be sure.</remarks>
    public static void SetBatch(Model model, long? size)
    {
        Graph graph = model.Graph;
        Value[] batched = [.. graph.Inputs.Where(input => input is { IsInitializer: false, Shape.Rank: > 0 })];
        foreach (Node reshape in graph.Nodes.Where(node => node.Op == "Reshape").ToArray()) OpenReshape(reshape);
        foreach (Value input in batched) input.Shape = new([size is { } n ? n : Dim.Symbol("batch"), .. input.Shape!.Skip(1)]);
        foreach (Value value in graph.Nodes.SelectMany(node => node.Outputs.OfType<Value>())) value.Shape = null;
        ModelOrigin.ForgetShapes(graph);
        ShapeInference.Apply(graph);
    }

    /// <summary>[N, 784] and [N, −1] → [−1, 784] and [0, −1], where N is the data's batch now; 0 takes the data's own extent.</summary>
    private static void OpenReshape(Node reshape)
    {
        if (reshape.In(0).Shape is not { Rank: > 0 } shape || !shape[0].IsKnown) return;
        Value wanted = reshape.In(1);
        Tensor? target = wanted.Initializer ?? (wanted.Producer is { } made && made.Op == "Constant" ? made.TensorAttribute("value") : null);
        if (target is not { Length: > 0 } || target.Span<long>()[0] != shape[0].Value || reshape.Int("allowzero", 0) != 0) return;
        long[] opened = target.Span<long>().ToArray();
        opened[0] = opened.Contains(-1) ? 0 : -1;
        Graph graph = reshape.Graph;
        reshape.SetInput(1, graph.AddInitializer($"{reshape.Name}_shape", Tensor.Vector(opened)));
    }
}
