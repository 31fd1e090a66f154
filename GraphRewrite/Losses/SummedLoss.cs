using GraphRewrite.IR;
using GraphRewrite.IR.Building;

namespace GraphRewrite.Losses;

/// <summary>One term of a model's loss.</summary>
/// <param name="Prediction">The output that it is of.</param>
/// <param name="Loss">What the output is compared with labels by.</param>
/// <param name="Weight">Its weight in the sum.</param>
internal sealed record LossTerm(Value Prediction, Loss Loss, float Weight);

/// <summary>
/// L = Σ wᵢ Lᵢ over outputs of a model. Each output has labels of its own, in inputs of the graph: "labels" those of the first, behind all others;
/// or all share the first one's.
/// </summary>
internal static class SummedLoss
{
    /// <returns>
    /// The labels' inputs, those of the first output last; none where every output is its loss itself. And the loss, a scalar output.
    /// </returns>
    /// <exception cref="Diagnostics.GraphRewriteException">A loss does not fit its output.</exception>
    public static (IReadOnlyList<Value> Labels, Value Loss) Append(Graph graph, IReadOnlyList<LossTerm> terms, bool sharesLabels, string labels)
    {
        LossTerm[] labelled = [.. terms.Where(term => term.Loss.TakesLabels)];
        var inputs = new Dictionary<LossTerm, Value>();
        foreach (LossTerm term in sharesLabels ? [] : labelled.Skip(1))
            inputs[term] = term.Loss.AddLabels(graph, term.Prediction, $"{labels}_{term.Prediction.Name}");
        if (labelled.Length > 0) inputs[labelled[0]] = labelled[0].Loss.AddLabels(graph, labelled[0].Prediction, labels);

        using OpBuilder op = graph.BuildAtEnd("loss");
        Value[] losses = [.. terms.Select(Weighed)];
        return ([.. inputs.Values], Mark(graph, op.Sum(losses), terms[0].Loss));

        Value Weighed(LossTerm term)
        {
            Value of = term.Loss.TakesLabels ? inputs.GetValueOrDefault(term) ?? inputs[labelled[0]] : term.Prediction;
            Value loss = term.Loss.Of(op, term.Prediction, of);
            return term.Weight == 1 ? loss : loss * op.ScalarLike(loss, term.Weight);
        }
    }

    /// <summary>The loss by its name, as an output.</summary>
    public static Value Mark(Graph graph, Value loss, Loss first)
    {
        graph.Rename(loss, graph.Find("loss") is null ? "loss" : graph.FreeName($"{first.Name}_loss"));
        (loss.Type, loss.Shape) = (loss.Type.FloatIfUndefined(), Shape.Scalar);
        graph.MarkOutput(loss);
        return loss;
    }
}
