using GraphRewrite.IR;
using GraphRewrite.Serialization;
using GraphRewrite.TrAct;

namespace GraphRewrite.Verification;

/// <summary>What surrounds the nodes: inputs, outputs, operator sets, IR version, metadata, and every field that the graph does not model.</summary>
internal static class ModelFrame
{
    public static IEnumerable<string> InterfaceDifferences(Graph before, Graph after) =>
        [.. ListDifferences("input", before.Inputs, after.Inputs), .. ListDifferences("output", before.Outputs, after.Outputs)];

    public static IEnumerable<string> HeaderDifferences(Model before, Model after, IReadOnlyCollection<string> allowed)
    {
        if (before.IrVersion != after.IrVersion) yield return $"IR version {before.IrVersion} in BEFORE, {after.IrVersion} in AFTER";
        foreach ((string domain, long version) in before.Graph.Opsets)
        {
            if (!after.Graph.Opsets.TryGetValue(domain, out long other)) yield return $"opset import {Domain(domain)} {version} is missing in AFTER";
            else if (other != version) yield return $"opset import {Domain(domain)} is {version} in BEFORE, {other} in AFTER";
        }
        foreach ((string domain, long version) in after.Graph.Opsets)
        {
            bool needed = domain == OpId.Microsoft && version == 1; // the new subgraph may need it for Inverse
            if (!before.Graph.Opsets.ContainsKey(domain) && !needed)
                yield return $"AFTER imports the opset {Domain(domain)} {version}, BEFORE does not";
        }
        foreach (string difference in MetadataDifferences(before, after, allowed)) yield return difference;
        foreach (string difference in UnmodeledFields.Differences(before, after)) yield return difference;
        if (before.Graph.Name != after.Graph.Name) yield return $"the graph is '{before.Graph.Name}' in BEFORE, '{after.Graph.Name}' in AFTER";
        foreach (string difference in UnmodeledFields.Differences(before.Graph, after.Graph)) yield return difference;
    }

    private static IEnumerable<string> ListDifferences(string kind, IReadOnlyList<Value> before, IReadOnlyList<Value> after)
    {
        HashSet<string> namesBefore = [.. before.Select(value => value.Name)];
        HashSet<string> namesAfter = [.. after.Select(value => value.Name)];
        for (int i = 0; i < Math.Max(before.Count, after.Count); i++)
        {
            (Value? b, Value? a) = (before.ElementAtOrDefault(i), after.ElementAtOrDefault(i));
            if (b is not null && a is not null && b.Name == a.Name)
            {
                if (b.Type != a.Type || !Equals(b.Shape, a.Shape)) yield return $"graph {kind} '{b.Name}' is {b} in BEFORE, {a} in AFTER";
                continue;
            }
            bool isGone = b is not null && !namesAfter.Contains(b.Name);
            bool isNew = a is not null && !namesBefore.Contains(a.Name);
            if (isGone && isNew) yield return $"graph {kind} {i} is '{b!.Name}' in BEFORE, renamed '{a!.Name}' in AFTER";
            else if (isGone) yield return $"graph {kind} '{b!.Name}' is missing in AFTER";
            else if (isNew) yield return $"graph {kind} '{a!.Name}' of AFTER is not in BEFORE";
            else if (before.Count == after.Count) yield return $"graph {kind} {i} is '{b!.Name}' in BEFORE, '{a!.Name}' in AFTER: another order";
        }
    }

    private static IEnumerable<string> MetadataDifferences(Model before, Model after, IReadOnlyCollection<string> allowed)
    {
        foreach ((string key, string value) in before.Metadata)
        {
            if (after.MetadataOf(key) is not { } other) yield return $"metadata '{key}' is missing in AFTER";
            else if (other != value) yield return $"metadata '{key}' is '{value}' in BEFORE, '{other}' in AFTER";
        }
        foreach ((string key, string value) in after.Metadata)
        {
            if (before.MetadataOf(key) is not null || allowed.Contains(key)) continue;
            yield return $"AFTER adds the metadata '{key}' = '{value}'";
        }
        if (ModelOrigin.DoubledMetadata(after) is { } twice) yield return $"AFTER has the metadata '{twice}' more than once";
    }

    private static string Domain(string domain) => domain.Length == 0 ? "ai.onnx" : domain;
}
