using System.Globalization;
using GraphRewrite.Diagnostics;
using TrainingHost.Data;

namespace TrainingHost.Models;

/// <summary>How many examples a batch has: as many as are asked for, or as many as the model was exported for, where it takes no other number.</summary>
/// <param name="Asked">--batch-size.</param>
/// <param name="Fixed">What the model takes; null: any number.</param>
internal sealed record ChosenBatch(int Asked, int? Fixed)
{
    public int Size => Fixed ?? Asked;

    public static ChosenBatch Of(TrainableModel model, int asked) =>
        new(asked, model.BatchInputs[0].Shape is { Rank: > 0 } shape && shape[0].IsKnown ? checked((int)shape[0].Value) : null);

    /// <summary>In order; of a model that takes whole batches only, the examples that are too few for one are left out.</summary>
    public BatchPlan Evaluation(int workers) => BatchPlan.Evaluation(Size) with { DropLast = Fixed is not null, Workers = workers };

    /// <summary>What differs from what one would expect, a line each.</summary>
    /// <param name="examples">Examples to train on, or to evaluate.</param>
    /// <exception cref="GraphRewriteException">They are too few for a batch of the model's.</exception>
    public IEnumerable<string> Notes(IDataset examples)
    {
        if (Fixed is { } taken)
        {
            if (examples.Count < taken)
                throw new GraphRewriteException($"{examples.Name}: has {examples.Count} examples; the model takes batches of exactly {taken}");
            if (Asked != taken) yield return Invariant($"The model takes batches of exactly {taken}: --batch-size {Asked} does not count.");
            if (examples.Count % taken is > 0 and int rest)
            {
                yield return Invariant(
                    $"{examples.Name}: {rest} of {examples.Count:N0} examples are too few for a batch of {taken}, and left out each time.");
            }
        }
        else if (Asked > examples.Count)
            yield return Invariant($"--batch-size {Asked}: {examples.Name} has {examples.Count:N0} examples, which make one batch.");
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
