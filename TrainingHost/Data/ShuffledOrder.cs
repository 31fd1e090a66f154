using GraphRewrite.Randomness;

namespace TrainingHost.Data;

/// <summary>
/// The order of an epoch: Fisher and Yates' shuffle of 0 … count − 1 with a generator of its own for (seed, epoch), so that an epoch's order needs
/// nothing of the epochs before it.
/// </summary>
internal static class ShuffledOrder
{
    private const long Purpose = 0x0D0E;

    public static int[] Of(int count, int seed, int epoch)
    {
        Pcg32 random = Pcg32.For(seed, Purpose, epoch);
        int[] order = [.. Enumerable.Range(0, count)];
        for (int last = count - 1; last > 0; last--)
        {
            int other = (int)random.Next((uint)last + 1);
            (order[last], order[other]) = (order[other], order[last]);
        }
        return order;
    }
}
