using System.IO.Enumeration;

namespace GraphRewrite.Diagnostics;

/// <summary>Exact names or globs (* and ?) that a setting gives, and which of them have matched something.</summary>
internal sealed class GlobSet(Setting setting, IReadOnlyList<string> patterns)
{
    /// <summary>Names that a message shows: enough to see how they are built.</summary>
    private const int Shown = 12;

    private readonly HashSet<string> matched = [];

    public bool Matches(string name)
    {
        bool any = false;
        foreach (string pattern in patterns.Where(Fits))
        {
            matched.Add(pattern);
            any = true;
        }
        return any;

        bool Fits(string pattern) => pattern == name || FileSystemName.MatchesSimpleExpression(pattern, name, ignoreCase: false);
    }

    /// <exception cref="GraphRewriteException">A pattern has matched nothing.</exception>
    public void RefuseUnmatched(IEnumerable<string> candidates)
    {
        string[] idle = [.. patterns.Where(pattern => !matched.Contains(pattern))];
        if (idle.Length == 0) return;
        string[] names = [.. candidates];
        string more = names.Length > Shown ? $" and {names.Length - Shown} more" : "";
        throw new GraphRewriteException(new Finding($"matches none of {string.Join(", ", names.Take(Shown))}{more}")
        {
            Place = new() { Setting = setting, Given = string.Join(", ", idle) },
        });
    }
}
