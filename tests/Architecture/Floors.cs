namespace TrActOnnx.Tests.Architecture;

/// <summary>Namespaces on floors: one may use its own floor and those below it, and no namespaces use each other in a ring.</summary>
internal sealed class Floors
{
    private readonly Dictionary<string, int> floors;

    /// <param name="table">One floor a line, the highest first; the namespaces of a floor are separated by spaces.</param>
    public Floors(string table)
    {
        string[] lines = table.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        floors = lines.SelectMany((line, i) => line.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(name => (name, lines.Length - i)))
            .ToDictionary(StringComparer.Ordinal);
    }

    public IEnumerable<string> Namespaces => floors.Keys;

    /// <summary>The arrows that lead to a higher floor; those of a namespace without a floor are none.</summary>
    public IEnumerable<Arrow> Up(IEnumerable<Arrow> arrows) => arrows.Where(arrow =>
        floors.TryGetValue(arrow.From, out int from) && floors.TryGetValue(arrow.To, out int to) && from < to);

    /// <summary>The arrows that are part of a ring: those from whose end their beginning can be reached.</summary>
    public static IReadOnlyList<Arrow> InRings(IEnumerable<Arrow> arrows)
    {
        Arrow[] all = [.. arrows];
        ILookup<string, string> next = all.ToLookup(arrow => arrow.From, arrow => arrow.To);
        return [.. all.Where(arrow => Reachable(arrow.To).Contains(arrow.From))];

        HashSet<string> Reachable(string start)
        {
            var found = new HashSet<string>(StringComparer.Ordinal) { start };
            var open = new Stack<string>([start]);
            while (open.TryPop(out string? at))
                foreach (string to in next[at].Where(found.Add)) open.Push(to);
            return found;
        }
    }
}
