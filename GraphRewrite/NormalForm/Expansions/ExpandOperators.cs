using GraphRewrite.Diagnostics;
using GraphRewrite.IR;
using GraphRewrite.IR.Building;

namespace GraphRewrite.NormalForm.Expansions;

/// <summary>What the outputs of a node are in operators that have gradients; null for one that has no such form.</summary>
internal delegate IReadOnlyList<Value?> OperatorForm(OpBuilder op, Node n);

/// <summary>Operators that are functions of others → those: what they need of gradients is there already.</summary>
internal static class ExpandOperators
{
    /// <summary>THE table of expansions: operator → its form.</summary>
    public static Dictionary<OpId, OperatorForm> Table { get; } = new()
    {
        // Images.
        ["AffineGrid"] = AffineGridForm.Write,
        ["CenterCropPad"] = CenterCropPadForm.Write,
        ["DeformConv"] = DeformConvForm.Write,
        ["GridSample"] = GridSampleForm.Write,
        ["com.microsoft::GridSample"] = GridSampleForm.Write,

        // What ONNX Runtime's optimizer fuses.
        ["SimplifiedLayerNormalization"] = NormalizationForms.Simplified,
        ["com.microsoft::SkipLayerNormalization"] = NormalizationForms.Skip,
        ["com.microsoft::SkipSimplifiedLayerNormalization"] = NormalizationForms.SkipSimplified,
        ["com.microsoft::FusedMatMul"] = FusedForms.MatMul,
        ["com.microsoft::FusedGemm"] = FusedForms.Gemm,
        ["com.microsoft::FusedConv"] = FusedForms.Conv,
        ["com.microsoft::MultiHeadAttention"] = MultiHeadAttentionForm.Write,
    };

    /// <summary>Whether a node has such a form.</summary>
    public static bool IsExpanded(Node node) => Table.ContainsKey(node.Op);

    /// <param name="graph">The forward graph, with shapes; changed in place.</param>
    /// <exception cref="GraphRewriteException">A node is written as its form has no place for.</exception>
    public static void Apply(Graph graph)
    {
        foreach (Node node in graph.Nodes.Where(IsExpanded).ToArray()) Expand(graph, node);
    }

    private static void Expand(Graph graph, Node node)
    {
        using OpBuilder op = graph.BuildBefore(node, node.Name);
        IReadOnlyList<Value?> written = Table[node.Op](op, node);
        for (int i = 0; i < node.Outputs.Count; i++)
        {
            if (node.Outputs[i] is not { } output) continue;
            if (!output.IsUsed)
            {
                node.SetOutput(i, null);
                continue;
            }
            if (written.ElementAtOrDefault(i) is not { } value) throw node.Refuse($"its output {i}, '{output.Name}', has no gradient here");
            node.SetOutput(i, null);
            graph.Redefine(output, value.Producer is null || value.IsUsed ? op.Identity(value) : value);
        }
        graph.Remove(node);
    }
}
