using GraphRewrite.Diagnostics;
using GraphRewrite.IR;
using GraphRewrite.StepGraphs;
using TrainingHost.Data;

namespace TrainingHost.Models;

/// <summary>What the batch inputs of a model can be filled with, where there is no data: numbers that are sound for the model and its loss.</summary>
internal static class SyntheticInputs
{
    /// <summary>
    /// Standard normal inputs, class indices where an input is Int64. Labels in Float: probabilities where the loss takes their logarithm (kl-div),
    /// else uniform over [0, 1).
    /// </summary>
    /// <param name="training">The training graph, with shapes.</param>
    /// <param name="prediction">What it predicts; the second dimension is the number of classes.</param>
    /// <param name="asker">Whom an error speaks of: the option or the verb that asks for synthetic data.</param>
    /// <returns>One for each batch input, the labels last.</returns>
    /// <exception cref="GraphRewriteException">An input is of another type, or an extent apart from the batch is not known.</exception>
    public static SyntheticTensor[] Of(TrainingGraph training, string prediction, string asker)
    {
        Graph graph = training.Graph;
        long classes = graph.Get(prediction).Shape is { Rank: > 1 } shape && shape[1].IsKnown ? shape[1].Value : 2;
        return [.. training.BatchInputs.Select(graph.Get).Select(input => Describe(training, input, (uint)classes, asker))];
    }

    private static SyntheticTensor Describe(TrainingGraph training, Value input, uint classes, string asker)
    {
        if (input.Shape is not { Rank: > 0 } shape || !shape.Skip(1).All(dim => dim.IsKnown))
        {
            throw new GraphRewriteException(
                $"{asker}: the input '{input.Name}' is {input.Type}{input.Shape}; its extents apart from the batch must be known. "
                + "Give them (--size NAME=EXTENT).");
        }
        var tensor = new ExampleTensor(input.Name, input.Type, [.. shape.Skip(1).Select(dim => dim.Value)]);
        return input.Type switch
        {
            ElementType.Float when input.Name == training.Labels && training.HasProbabilityLabels => new(tensor, SyntheticValues.Probabilities),
            ElementType.Float when input.Name == training.Labels => new(tensor, SyntheticValues.Uniform),
            ElementType.Float => new(tensor, SyntheticValues.Normal),
            ElementType.Int64 => new(tensor, SyntheticValues.Integers, classes),
            _ => throw new GraphRewriteException($"{asker}: the input '{input.Name}' is {input.Type}; Float and Int64 can be made."),
        };
    }
}
