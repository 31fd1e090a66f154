using GraphRewrite.Diagnostics;
using GraphRewrite.IR;

namespace GraphRewrite.Verification;

/// <summary>
/// Whether two models are the same up to names and order: of values, nodes, inputs and outputs. Compared are inputs and outputs with their types and
/// shapes, operator sets, nodes with attributes and subgraphs, stored data bit by bit, declared types. Not compared are producer, documentation,
/// metadata and the file format's version.
/// </summary>
public static class ModelEquality
{
    /// <summary>Compares two models.</summary>
    /// <param name="a">The one, "A" in what it says.</param>
    /// <param name="b">The other.</param>
    /// <exception cref="GraphRewriteException">A graph has a cycle.</exception>
    public static VerificationReport Compare(Model a, Model b) => Stage.Verification.During(() => Differences(a.Graph, b.Graph));

    private static VerificationReport Differences(Graph a, Graph b)
    {
        (Value A, Value B)[] inputs = [.. Pairs(a.Inputs, b.Inputs)], outputs = [.. Pairs(a.Outputs, b.Outputs)];
        var walk = new Correspondence(a, b, new HashSet<Value>(), inputs.ToDictionary(pair => pair.B, pair => pair.A.Name));
        foreach ((Value inA, Value inB) in inputs) walk.Follow(inA, inB, $"input '{inA.Name}'");
        foreach ((Value inA, Value inB) in outputs) walk.Follow(inA, inB, $"output '{inA.Name}'");
        string[] unmatched = [.. new Remainder(a, b, walk, [], []).Differences()];
        return new(
        [
            Check(
                "inputs and outputs are as many, of the same types and shapes",
                [.. Ends("input", a.Inputs, b.Inputs, inputs), .. Ends("output", a.Outputs, b.Outputs, outputs)]),
            Check("the operator sets in use are the same", Opsets(a, b)),
            Check(
                "the nodes and the stored data are the same",
                [.. walk.Differences, .. unmatched],
                $"{a.Nodes.Count} nodes in A, {b.Nodes.Count} in B"),
        ])
        {
            Verdicts = ("Equal up to names and order.", "Not equal."),
        };
    }

    /// <summary>By name where all names are the same, by position elsewhere.</summary>
    private static IEnumerable<(Value A, Value B)> Pairs(IReadOnlyList<Value> a, IReadOnlyList<Value> b)
    {
        Dictionary<string, Value> named = b.DistinctBy(value => value.Name).ToDictionary(value => value.Name);
        bool sameNames = a.Count == b.Count && a.All(value => named.ContainsKey(value.Name));
        return sameNames ? a.Select(value => (value, named[value.Name])) : a.Zip(b);
    }

    private static IEnumerable<string> Ends(string kind, IReadOnlyList<Value> a, IReadOnlyList<Value> b, (Value A, Value B)[] pairs)
    {
        if (a.Count != b.Count) yield return $"BEFORE has {a.Count} {kind}s, AFTER {b.Count}";
        foreach ((Value inA, Value inB) in pairs)
            if (inA.Type != inB.Type || !Equals(inA.Shape, inB.Shape)) yield return $"{kind} {inA} in BEFORE, {inB} in AFTER";
    }

    private static IEnumerable<string> Opsets(Graph a, Graph b)
    {
        IEnumerable<string> used = a.Nodes.Concat(b.Nodes).SelectMany(node => Walk.NodesInside(node).Prepend(node)).Select(node => node.Op.Domain);
        foreach (string domain in used.Distinct())
        {
            if (a.OpsetOf(domain) != b.OpsetOf(domain))
                yield return $"opset {(domain.Length == 0 ? "ai.onnx" : domain)} {a.OpsetOf(domain)} in BEFORE, {b.OpsetOf(domain)} in AFTER";
        }
    }

    /// <summary>The two are A and B here.</summary>
    private static VerificationCheck Check(string claim, IEnumerable<string> differences, string measured = "") => new(
        claim,
        [.. differences.Select(line => line.Replace("BEFORE", "A", StringComparison.Ordinal).Replace("AFTER", "B", StringComparison.Ordinal))],
        measured);
}
