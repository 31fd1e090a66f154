using GraphRewrite.Diagnostics;
using GraphRewrite.IR;

namespace GraphRewrite.Forward;

/// <summary>
/// BatchNormalization folded into the Conv before it: W' = W · γ/σ, B' = (B − μ) · γ/σ + β.
/// Torchscript stores both under made-up names (onnx::Conv_25); dynamo keeps the weight's name, calls a new bias WEIGHT_bias, and notes the rule;
/// its signature still names the running statistics.
/// </summary>
internal static class FoldedBatchNorm
{
    private const string RunningMean = ".running_mean";

    /// <summary>The nodes that a BatchNormalization can be seen to have gone into.</summary>
    public static Node[] Nodes(Graph graph, TorchRecord record) => [.. graph.Nodes.Where(node => IsFolded(node, record))];

    /// <summary>The modules whose running statistics the file has lost.</summary>
    public static string[] Modules(TorchRecord record) =>
        [.. record.LostBuffers.Where(name => name.EndsWith(RunningMean, StringComparison.Ordinal)).Select(name => name[..^RunningMean.Length])];

    public static Phrase? Describe(Graph graph, TorchRecord record)
    {
        string[] nodes = [.. Nodes(graph, record).Select(node => $"'{node.Name}'")];
        string[] modules = Modules(record);
        if (nodes.Length + modules.Length == 0) return null;
        string where = modules.Length == 0 ? NameList.Of(nodes, "node") : $"the layer before it ({NameList.Of(modules, "module")})";
        return $"BatchNormalization is folded into {where}: "
            + $"its scale, bias and running statistics are gone, and the model trains without normalization";
    }

    private static bool IsFolded(Node node, TorchRecord record)
    {
        if (node.Op.Type is not ("Conv" or "ConvTranspose" or "Gemm")) return false;
        if (node.InOrNull(1) is not { IsInitializer: true } weight || node.InOrNull(2) is not { IsInitializer: true } bias) return false;
        return TorchRecord.RuleOf(node)?.Contains("BatchNorm", StringComparison.Ordinal) == true
            || bias.Name == $"{weight.Name}_bias"
            || (!record.IsDynamo && node.Op.Type != "Gemm" && record.IsAnonymous(weight) && record.IsAnonymous(bias));
    }
}
