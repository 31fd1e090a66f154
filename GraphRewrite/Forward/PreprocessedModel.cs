using GraphRewrite.Artifacts;
using GraphRewrite.Diagnostics;
using GraphRewrite.IR;
using GraphRewrite.IR.Building;
using GraphRewrite.IR.Shapes;
using GraphRewrite.Passes;

namespace GraphRewrite.Forward;

/// <summary>
/// An inference model with its preprocessing inside: raw data in, x = raw · scale/std − mean/std, laid out as the model takes it, and out the
/// probabilities, softmax or sigmoid of the logits, where it predicts classes. Names of input and output stay. Around a model of half precision both
/// are computed in Float, and what it gives is Float too.
/// </summary>
public static class PreprocessedModel
{
    /// <summary>Puts preprocessing into a model.</summary>
    /// <param name="inference">The model of one input, with its weights inside; it stays as it is.</param>
    /// <param name="preprocessing">What is done before: raw examples are <see cref="Preprocessing.RawDims"/> behind the batch axis.</param>
    /// <param name="activation">What makes probabilities of the output.</param>
    /// <param name="raw">Float or UInt8: the type of the raw input.</param>
    /// <exception cref="GraphRewriteException">The model has several inputs, or one of another type.</exception>
    public static Model Of(Model inference, Preprocessing preprocessing, OutputActivation activation, ElementType raw = ElementType.Float)
    {
        Model model = inference.Clone();
        Graph graph = model.Graph;
        if (model.MetadataOf(Preprocessing.PlaceProperty) is not null) throw graph.Refuse("it has its preprocessing inside already");
        if (graph.Inputs.Count != 1)
            throw graph.Refuse($"it has {graph.Inputs.Count} inputs; preprocessing goes into a model of one", "Write it beside the model");
        Value input = graph.Inputs[0];
        if (!input.Type.IsFloating()) throw graph.Refuse($"its input '{input.Name}' is {input.Type}; preprocessing makes numbers with fractions");
        Prepend(graph, input, preprocessing, raw);
        Append(graph, activation);
        TopologicalSort.Apply(graph);
        ShapeInference.Apply(graph);
        preprocessing.Record(model, inside: true);
        return model;
    }

    /// <summary>The model as it is, with the preprocessing that it needs written into its metadata.</summary>
    /// <param name="inference">The model; it stays as it is.</param>
    /// <param name="preprocessing">What is to be done before it.</param>
    public static Model Described(Model inference, Preprocessing preprocessing)
    {
        Model model = inference.Clone();
        preprocessing.Record(model, inside: false);
        return model;
    }

    private static void Prepend(Graph graph, Value input, Preprocessing preprocessing, ElementType rawType)
    {
        (string name, Shape? shape, ElementType type) = (input.Name, input.Shape, input.Type);
        Dim batch = shape is { Rank: > 0 } own ? own[0] : Dim.Symbol("batch");
        graph.Rename(input, $"{name}_normalized");
        graph.UnmarkInput(input);
        Value raw = graph.AddInput(name, rawType, new([batch, .. preprocessing.RawDims.Select(dim => (Dim)dim)]));
        using OpBuilder op = graph.BuildBefore(graph.Nodes.FirstOrDefault(), "preprocessing");
        long[] perChannel = [preprocessing.Channels, .. preprocessing.RawDims.Skip(1).Select(_ => 1L)];
        Value scaled = op.Cast(raw, ElementType.Float) * PerChannel((mean, std) => preprocessing.Scale / std);
        Value normalized = scaled + PerChannel((mean, std) => -mean / std);
        Value fitted = preprocessing.Layout switch
        {
            InputLayout.ChannelsLast => op.Transpose(normalized, 0, 2, 3, 1),
            InputLayout.Flat or InputLayout.Columns when shape is { } laid && laid.Rank != 1 + preprocessing.RawDims.Count =>
                op.Reshape(normalized, [-1, .. laid.Skip(1).Select(dim => dim.IsKnown ? dim.Value : Left(laid))]),
            _ => normalized,
        };
        input.ReplaceAllUsesWith(op.Cast(fitted, type));
        if (input.IsGraphOutput) throw graph.Refuse($"its output is its input '{name}'");
        graph.Remove(input);

        Value PerChannel(Func<double, double, double> of) =>
            op.Constant(Tensor.Of(perChannel, [.. preprocessing.Mean.Zip(preprocessing.Std, (mean, std) => (float)of(mean, std))]));

        // The one open extent is what is left of the elements.
        long Left(Shape laid) => preprocessing.RawDims.Aggregate(1L, (a, b) => a * b)
            / laid.Skip(1).Where(dim => dim.IsKnown).Aggregate(1L, (product, dim) => product * dim.Value);
    }

    private static void Append(Graph graph, OutputActivation activation)
    {
        Value prediction = graph.Outputs[0];
        string name = prediction.Name, op = activation.ToString();
        bool activates = activation != OutputActivation.None && prediction.Producer?.Op != op;
        if (!activates && !HalfPrecision.IsHalf(prediction.Type)) return;
        graph.UnmarkOutput(prediction);
        graph.Rename(prediction, activates ? $"{name}_logits" : $"{name}_{prediction.Type}");
        using OpBuilder builder = graph.BuildAtEnd(activates ? "probabilities" : "prediction");
        Value result = builder.Cast(prediction, ElementType.Float);
        if (activates) result = activation == OutputActivation.Softmax ? builder.Op(op, [result], ("axis", 1)) : builder.Op(op, [result]);
        graph.Rename(result, name);
        graph.MarkOutput(result);
    }
}
