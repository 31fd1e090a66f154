using System.Globalization;
using GraphRewrite.Diagnostics;
using GraphRewrite.IR;
using GraphRewrite.IR.Building;
using GraphRewrite.IR.Shapes;

namespace GraphRewrite.TrAct;

/// <summary>
/// Puts TrAct into the first layer of a training graph (arXiv 2410.23970): its weight gradient dW = dYᵀX becomes
/// <code>dW' = dW (XᵀX/b + λI)⁻¹ = dYᵀ (XXᵀ/b + λI)⁻¹ X,     X [b, n] rows (Conv: patches, each group on its own), dY [b, m]</code>
/// Y = αXWᵀ has αX for X. The new gradient takes over the name of dW, which goes on as "NAME.plain"; nothing else changes.
/// </summary>
public static class TrActRewrite
{
    /// <summary>Rewrites a training graph.</summary>
    /// <param name="training">The model; changed in place: the gradient, an initializer for λ, metadata that says so.</param>
    /// <param name="options">λ, the layers, and the roles of the graph's inputs.</param>
    /// <returns>The layers, and what the user should know about their choice.</returns>
    /// <exception cref="GraphRewriteException">The model has no layer that TrAct fits, or has it already.</exception>
    public static RewriteReport Apply(Model training, TrActOptions options) => Stage.TrAct.During(() => Rewrite(training, options));

    private static RewriteReport Rewrite(Model training, TrActOptions options)
    {
        Graph graph = training.Graph;
        RefuseSecondTime(training);
        if (!(options.Lambda > 0 && (float)options.Lambda is > 0 and < float.PositiveInfinity))
        {
            throw new GraphRewriteException(new Finding($"λ must be a finite number above 0 ({TrActNames.DefaultLambda} is the usual one)")
            {
                Place = new() { Setting = Setting.Lambda, Given = options.Lambda.ToString(CultureInfo.InvariantCulture) },
            });
        }
        ShapeInference.Apply(graph);
        (IReadOnlyList<WeightGradient> gradients, IReadOnlyList<Finding> warnings) = FirstLayer.Find(graph, options);
        LayerRows[] rows = [.. gradients.Select(gradient => LayerRows.Of(gradient, options))];

        Value lambda = graph.AddInitializer(TrActNames.Lambda, Tensor.Scalar((float)options.Lambda));
        foreach (LayerRows layer in rows) Replace(graph, layer, lambda);

        training.SetMetadata(TrActNames.Layers, string.Join(';', gradients.Select(gradient => gradient.Layer.Name).Distinct()));
        training.SetMetadata(TrActNames.Lambda, options.Lambda.ToString(CultureInfo.InvariantCulture));
        training.SetMetadata(TrActNames.Version, typeof(TrActRewrite).Assembly.GetName().Version!.ToString(3));
        return new(options.Lambda, [.. rows.Select(layer => layer.Report())], warnings);
    }

    /// <summary>dW = dYᵀX → dW', at the place where dW is made.</summary>
    private static void Replace(Graph graph, LayerRows layer, Value lambda)
    {
        Value dW = layer.Gradient.DW;
        Node producer = dW.Producer!;
        Value plain = graph.NewValue($"{dW.Name}.plain", dW.Type, dW.Shape);
        producer.SetOutput(dW.ProducerIndex, plain);
        using OpBuilder op = graph.BuildBefore(producer.Place!.Next?.Value, $"{layer.Gradient.Layer.Name}_TrAct");
        graph.Redefine(dW, new ClosedFormNodes(layer, lambda).Emit(op, plain));
    }

    private static void RefuseSecondTime(Model training)
    {
        if (training.MetadataOf(TrActNames.Layers) is { } layers)
            throw Refusal($"TrAct in {layers}, λ = {training.MetadataOf(TrActNames.Lambda)}");
        if (training.Graph.Find(TrActNames.Lambda) is not null) throw Refusal($"it has a value '{TrActNames.Lambda}'");

        GraphRewriteException Refusal(string sign) =>
            training.Graph.Refuse($"it is rewritten already ({sign})", "Rewrite the original artifacts instead");
    }
}
