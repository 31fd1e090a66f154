namespace Conformance;

/// <summary>Why cells have no figure: a letter each, explained below the table.</summary>
internal sealed class Reasons
{
    private readonly List<string> known = [];

    public IEnumerable<string> Lines => known.Select((reason, i) => $"- {Letter(i)}: {reason}");

    public string this[string reason]
    {
        get
        {
            if (!known.Contains(reason)) known.Add(reason);
            return Letter(known.IndexOf(reason));
        }
    }

    private static string Letter(int index) => $"{(char)('a' + index)}";
}
