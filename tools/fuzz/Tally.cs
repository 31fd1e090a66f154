using System.Globalization;

namespace Fuzz;

/// <summary>A row of the table.</summary>
internal sealed class Tally
{
    private long accepted;
    private long refused;
    private long strays;

    public long Hangs { get; set; }

    public long Crashes { get; set; }

    public bool IsClean => strays + Hangs + Crashes == 0;

    public void Add(long acceptedMore, long refusedMore, long straysMore)
    {
        accepted += acceptedMore;
        refused += refusedMore;
        strays += straysMore;
    }

    public static Tally Sum(IEnumerable<Tally> tallies)
    {
        var sum = new Tally();
        foreach (Tally tally in tallies)
        {
            sum.Add(tally.accepted, tally.refused, tally.strays);
            (sum.Hangs, sum.Crashes) = (sum.Hangs + tally.Hangs, sum.Crashes + tally.Crashes);
        }
        return sum;
    }

    public string Row(string name)
    {
        long all = accepted + refused + strays + Hangs + Crashes;
        return string.Create(
            CultureInfo.InvariantCulture, $"| {name} | {all:N0} | {accepted:N0} | {refused:N0} | {strays:N0} | {Hangs:N0} | {Crashes:N0} |");
    }
}
