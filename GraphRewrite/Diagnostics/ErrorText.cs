using System.Globalization;
using System.Text;

namespace GraphRewrite.Diagnostics;

/// <summary>
/// THE place that makes sentences of findings, in one line: FILE: stage: Node 'NAME' (OPERATOR, opset N): found (detail): inner; inner. Remedy.
/// </summary>
public static class ErrorText
{
    /// <summary>Inner findings that a message shows; of the rest it tells the number.</summary>
    internal const int Shown = 20;

    /// <summary>Characters of a line: enough for <see cref="Shown"/> findings; a name from a file may be of any length.</summary>
    private const int Longest = 6000;

    /// <summary>
    /// A finding as sentences in one line; where its inner findings ask for lines of their own, those follow, two spaces before each.
    /// </summary>
    /// <param name="finding">The finding.</param>
    /// <param name="settingName">What the program calls a setting, such as "--layer"; null for neutral words.</param>
    public static string Compose(Finding finding, Func<Setting, string>? settingName = null)
    {
        Func<Setting, string> name = settingName ?? Neutral;
        string remedy = finding.Remedy is { } text ? $" {Sentence(text.Write(name))}" : "";
        string head = Head(finding, settingName);
        if (!finding.InLines) return OneLine($"{Sentence($"{head}{Body(finding, name)}")}{remedy}");
        IEnumerable<string> lines = finding.Inner.Take(Shown).Select(inner => $"  {OneLine(Sentence(Item(inner, name)))}");
        if (finding.Inner.Count > Shown) lines = lines.Append($"  And {finding.Inner.Count - Shown} more.");
        return string.Join('\n', lines.Prepend(OneLine($"{Sentence($"{head}{finding.Found.Write(name)}")}{remedy}")));
    }

    /// <summary>How a message that no program composes speaks of a setting.</summary>
    internal static string Neutral(Setting setting) => $"the setting {setting}";

    private static string Head(Finding finding, Func<Setting, string>? settingName)
    {
        Place place = finding.Place;
        var head = new StringBuilder();
        if (place.File is { } file) head.Append(file).Append(": ");
        if (finding.Stage is { } stage) head.Append(head.Length == 0 ? Capitalized(Words(stage)) : Words(stage)).Append(": ");
        if (place.Setting is { } setting)
        {
            head.Append(settingName?.Invoke(setting) ?? setting.ToString());
            head.Append(place.Given is { } given ? $" {given}: " : ": ");
        }
        if (place.Node is not null) head.Append("Node ").Append(NodeLabel(place)).Append(": ");
        else if (place.Graph is { } graph) head.Append("Graph '").Append(graph).Append("': ");
        return head.ToString();
    }

    private static string Body(Finding finding, Func<Setting, string> name)
    {
        string found = finding.Found.Write(name);
        if (finding.Detail is { } detail) found = $"{found} ({detail.Trim().TrimEnd('.')})";
        if (finding.Inner.Count == 0) return found;
        string more = finding.Inner.Count > Shown ? $"; and {finding.Inner.Count - Shown} more" : "";
        return $"{found}: {string.Join("; ", finding.Inner.Take(Shown).Select(inner => Item(inner, name)))}{more}";
    }

    /// <summary>One of several findings: 'NAME' (OPERATOR, opset N): found (remedy).</summary>
    private static string Item(Finding finding, Func<Setting, string> name)
    {
        string found = Body(finding, name);
        string place = finding.Place.Node is null ? "" : NodeLabel(finding.Place);
        string item = place.Length == 0 ? found : found.Length == 0 ? place : $"{place}: {found}";
        return finding.Remedy is { } remedy ? $"{item} ({Uncapitalized(remedy.Write(name))})" : item;
    }

    private static string NodeLabel(Place place) =>
        place.Operator is null ? $"'{place.Node}'"
        : place.Opset is { } opset ? $"'{place.Node}' ({place.Operator}, opset {opset})"
        : $"'{place.Node}' ({place.Operator})";

    private static string Words(Stage stage) => stage switch
    {
        Stage.OpsetUpgrade => "opset upgrade",
        Stage.NormalForm => "normal form",
        Stage.ShapeInference => "shape inference",
        Stage.TrAct => "TrAct",
        _ => Uncapitalized(stage.ToString()),
    };

    private static string Sentence(string text) => text is [.., '.' or '?' or '!'] ? text : $"{text}.";

    private static string Capitalized(string text) => text.Length == 0 ? text : $"{char.ToUpperInvariant(text[0])}{text[1..]}";

    /// <summary>A word that goes on in capitals is a name, and stays.</summary>
    private static string Uncapitalized(string text) =>
        text.Length < 2 || char.IsUpper(text[1]) ? text : $"{char.ToLowerInvariant(text[0])}{text[1..]}";

    /// <summary>Names from a file may hold line breaks, and characters that terminals take for commands: they are shown as in C#.</summary>
    private static string OneLine(string text)
    {
        string shown = text.Length <= Longest ? text : $"{text[..Longest]}… ({text.Length - Longest} characters more)";
        return string.Concat(shown.Select(Escaped));
    }

    private static string Escaped(char c) => c switch
    {
        '\n' => "\\n",
        '\r' => "\\r",
        '\t' => "\\t",
        _ when char.GetUnicodeCategory(c) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator
            or UnicodeCategory.ParagraphSeparator => $"\\u{(int)c:X4}",
        _ => c.ToString(),
    };
}
