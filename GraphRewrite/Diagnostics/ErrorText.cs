using System.Text;

namespace GraphRewrite.Diagnostics;

/// <summary>
/// THE place that makes sentences of findings, in one line: FILE: stage: Node 'NAME' (OPERATOR, opset N): found (detail): inner; inner. Remedy.
/// </summary>
public static class ErrorText
{
    /// <summary>A finding as sentences in one line.</summary>
    /// <param name="finding">The finding.</param>
    /// <param name="settingName">What the program calls a setting, such as "--layer"; null for neutral words.</param>
    public static string Compose(Finding finding, Func<Setting, string>? settingName = null)
    {
        Func<Setting, string> name = settingName ?? Neutral;
        var text = new StringBuilder(Sentence($"{Head(finding, settingName)}{Body(finding, name)}"));
        if (finding.Remedy is { } remedy) text.Append(' ').Append(Sentence(remedy.Write(name)));
        return OneLine(text);
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
        return finding.Inner.Count == 0 ? found : $"{found}: {string.Join("; ", finding.Inner.Select(inner => Item(inner, name)))}";
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

    /// <summary>Names from a file may hold line breaks.</summary>
    private static string OneLine(StringBuilder text)
    {
        for (int i = 0; i < text.Length; i++)
            if (char.IsControl(text[i])) text[i] = ' ';
        return text.ToString();
    }
}
