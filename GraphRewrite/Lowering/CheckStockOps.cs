using GraphRewrite.Diagnostics;
using GraphRewrite.IR;
using GraphRewrite.IR.Building;
using GraphRewrite.Kernels;
using GraphRewrite.Opsets;

namespace GraphRewrite.Lowering;

/// <summary>After the lowering: every node is one that a stock ONNX Runtime can run. What it has no CUDA kernel for, it runs on the host.</summary>
internal static class CheckStockOps
{
    /// <exception cref="GraphRewriteException">Some nodes have no kernel; all of them are named.</exception>
    public static void Apply(Graph graph, LoweringTarget target)
    {
        Finding[] offenders = [.. graph.Nodes.SelectMany(node => Offences(graph, node, target))];
        if (offenders.Length == 0) return;
        throw new GraphRewriteException(new Finding($"ONNX Runtime has no kernel for {NameList.Count(offenders.Length, "node")} on {target.Device}")
        {
            Place = new() { Graph = graph.Name },
            Inner = offenders,
        });
    }

    private static IEnumerable<Finding> Offences(Graph graph, Node node, LoweringTarget target)
    {
        if (!HasKernel(graph, node.Op, target))
            yield return node.Finding(Remedy(node.Op));
        else if (target.Device == ExecutionDevice.Cuda && IsTrainingBatchNormalization(node) && graph.OpsetOf(OpId.Onnx) >= 14)
        {
            yield return node.Finding(
                $"CUDA has no training mode from opset 14 on; "
                + $"use BatchNormalization in training through the gradient graph, or {Setting.BatchNorm} frozen");
        }

        foreach (Node inner in Walk.NodesInside(node))
            if (!HasKernel(graph, inner.Op, target)) yield return inner.Finding($"inside {node}: {Remedy(inner.Op)}");
    }

    private static bool IsTrainingBatchNormalization(Node node) => node.Op == "BatchNormalization" && node.Int("training_mode", 0) != 0;

    private static bool HasKernel(Graph graph, OpId op, LoweringTarget target)
    {
        long opset = graph.OpsetOf(op.Domain);
        if (op.Domain == OpId.Nchwc) return target.ChannelBlock > 0;
        return KernelTable.IsExpanded(op) || KernelTable.Cpu.Has(op, opset)
            || (target.Device == ExecutionDevice.Cuda && KernelTable.Cuda.Has(op, opset));
    }

    private static string Remedy(OpId op) => op.Domain switch
    {
        _ when LoweringRules.Table.ContainsKey(op) => "it has a lowering; run it first",
        _ when KernelTable.Cpu.HasAnyForm(op) => $"only other opsets' forms have one; write the model in opset {UpgradeOpset.Target} without it",
        OpId.Onnx => "write it with other operators",
        OpId.Microsoft => "no lowering is known for this operator; write the forward model without it",
        _ => $"operators of domain '{op.Domain}' are not part of ONNX Runtime",
    };
}
