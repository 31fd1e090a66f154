namespace GraphRewrite.Diagnostics;

/// <summary>Names in a message, few enough for a line: "5 nodes: 'a', 'b', 'c', …".</summary>
internal static class NameList
{
    private const int Shown = 4;

    /// <summary>"1 node", "5 nodes".</summary>
    public static string Count(int count, string noun) => $"{count} {noun}{(count == 1 ? "" : "s")}";

    public static string Of(IReadOnlyCollection<string> names, string noun) =>
        $"{Count(names.Count, noun)}: {string.Join(", ", names.Take(Shown))}{(names.Count > Shown ? ", …" : "")}";
}
