using GraphRewrite.Diagnostics;
using GraphRewrite.Randomness;
using TrainingHost.Data.Sources;

namespace TrainingHost.Data;

/// <summary>
/// Holds a part of the training examples out, drawn by seed: where the labels are classes, of each class its share (to whole examples, by largest
/// remainders), so that training and validation part have the same proportions; else of all of them.
/// </summary>
internal static class ValidationSplit
{
    private const long Purpose = 0x5917;

    /// <param name="training">The training examples.</param>
    /// <param name="part">The part to hold out, above 0 and below 1.</param>
    /// <param name="seed">Of the draw.</param>
    /// <param name="byClass">Whether the labels are classes.</param>
    /// <exception cref="GraphRewriteException">The examples are too few for two parts.</exception>
    public static (Examples Training, Examples Validation) Of(Examples training, double part, int seed, bool byClass)
    {
        int wanted = Math.Max(1, (int)Math.Round(part * training.Count));
        if (wanted >= training.Count)
        {
            throw new GraphRewriteException(
                $"--validation {part}: {training.Name} has {training.Count} examples, too few to hold a part out. Give --validation 0, or more data");
        }
        IGrouping<long, int>[] classes = [.. Enumerable.Range(0, training.Count).GroupBy(Class).OrderBy(group => group.Key)];
        int[] shares = Shares([.. classes.Select(group => group.Count())], wanted, Pcg32.For(seed, Purpose, -1));
        var held = new HashSet<int>();
        for (int c = 0; c < classes.Length; c++)
        {
            int[] members = [.. classes[c]];
            Pcg32 random = Pcg32.For(seed, Purpose, classes[c].Key);
            for (int drawn = 0; drawn < shares[c]; drawn++)
            {
                int other = drawn + (int)random.Next((uint)(members.Length - drawn));
                (members[drawn], members[other]) = (members[other], members[drawn]);
                held.Add(members[drawn]);
            }
        }
        IEnumerable<int> all = Enumerable.Range(0, training.Count);
        return (training.Of(all.Where(i => !held.Contains(i))), training.Of(all.Where(held.Contains)) with { Name = $"{training.Name} (held out)" });

        long Class(int i) => byClass && training.Labels.AreClasses ? training.Labels.Values.Integers![training.RowOf(i)] : 0;
    }

    /// <summary>
    /// Of wanted examples, each class gets its share rounded down, and those with the largest remainders one more; lots are drawn between equal ones.
    /// </summary>
    private static int[] Shares(int[] sizes, int wanted, Pcg32 random)
    {
        double part = (double)wanted / sizes.Sum();
        int[] shares = [.. sizes.Select(size => (int)(size * part))];
        (int Class, double Remainder, uint Lot)[] rest = [.. sizes.Select((size, c) => (c, (size * part) - shares[c], random.Next()))];
        foreach ((int c, _, _) in rest.OrderByDescending(r => r.Remainder).ThenBy(r => r.Lot).Take(wanted - shares.Sum())) shares[c]++;
        return shares;
    }
}
