namespace GraphRewrite.Diagnostics;

/// <summary>Names in a message, few enough for a line: "5 nodes: 'a', 'b', 'c', …".</summary>
internal static class NameList
{
    private const int Shown = 4;

    public static string Of(IReadOnlyCollection<string> names, string noun) =>
        $"{names.Count} {noun}{(names.Count == 1 ? "" : "s")}: {string.Join(", ", names.Take(Shown))}{(names.Count > Shown ? ", …" : "")}";
}
