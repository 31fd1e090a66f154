using GraphRewrite.Diagnostics;

namespace GraphRewrite.IR;

/// <summary>Findings and errors with their place in a graph.</summary>
public static class Refusals
{
    /// <summary>What a valid model never has.</summary>
    internal const string NotValid = "The model is not valid ONNX; check it (onnx.checker) and export it again";

    /// <summary>Where a node is.</summary>
    internal static Place Where(this Node node) =>
        new() { Node = node.Name, Operator = node.Op.ToString(), Opset = node.Graph.OpsetOf(node.Op.Domain) };

    /// <summary>Something found at a node.</summary>
    internal static Finding Finding(this Node node, Phrase found, Phrase? remedy = null) => new(found, remedy) { Place = node.Where() };

    /// <summary>The refusal of a node: what was found, and what would work.</summary>
    public static GraphRewriteException Refuse(this Node node, Phrase found, Phrase? remedy = null) => new(node.Finding(found, remedy));

    /// <summary>The refusal of a node that no ONNX model may have.</summary>
    internal static GraphRewriteException Invalid(this Node node, Phrase found) => node.Refuse(found, NotValid);

    /// <summary>The refusal of a whole graph: what was found, and what would work.</summary>
    internal static GraphRewriteException Refuse(this Graph graph, Phrase found, Phrase? remedy = null) =>
        new(new Finding(found, remedy) { Place = new() { Graph = graph.Name } });
}
