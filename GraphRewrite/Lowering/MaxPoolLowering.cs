using GraphRewrite.Diagnostics;
using GraphRewrite.IR;
using GraphRewrite.IR.Building;
using GraphRewrite.IR.Windows;
using GraphRewrite.Kernels.MaxPool;

namespace GraphRewrite.Lowering;

/// <summary>
/// A MaxPool whose gradient compares its images in blocks computes them in blocks, too: X is reordered once for both, and a convolution that follows
/// takes Y as it is.
/// </summary>
internal static class MaxPoolLowering
{
    /// <param name="graph">A gradient graph, not yet lowered; changed in place.</param>
    /// <param name="context">What it is made for.</param>
    public static void Apply(Graph graph, LoweringContext context)
    {
        foreach (Node node in graph.Nodes.Where(node => node.Op == "MaxPool" && IsOnlyCompared(node)).ToArray())
        {
            using OpBuilder op = graph.BuildBefore(node, node.Name);
            var images = new BlockedImages(op, node.In(0).Shape!, node.In(0).Type, context.Target);
            long[] kernel = node.Ints("kernel_shape") ?? throw node.Invalid("it lacks its attribute 'kernel_shape'");
            var window = SlidingWindow.Of(node, kernel, node.In(0).Shape);
            if (images.BlockedMaxima(node.In(0), window) is { } maxima) graph.Redefine(node.Out(0), images.Plain(maxima));
        }

        // Whether gradients alone use the indices, and none will.
        bool IsOnlyCompared(Node node) => node.OutOrNull(0) is not null && node.OutOrNull(1) is { Uses.Count: > 0, IsGraphOutput: false } indices
            && indices.Uses.All(use => use.Node.Op == "MaxPoolGrad" && IsCompared(new(use.Node)));

        bool IsCompared(MaxPoolGradient gradient) =>
            FormulationTable.MaxPoolGradient.Choose(gradient, context.Target) == MaxPoolGradForms.Comparison;
    }
}
