using GraphRewrite.IR;
using GraphRewrite.IR.Building;
using GraphRewrite.IR.Windows;

namespace GraphRewrite.Kernels.Conv;

/// <summary>The forms of a convolution: Y[n, o, i] = B[o] + Σ_{c, k} W[o, c, k] · X[n, c, i·stride + k·dilation − pad].</summary>
public static class ConvForward
{
    internal static IReadOnlyList<IConvForm> Forms { get; } = [new PlainConvolution(), new BlockedConvolution(), new TiledConvolution()];

    /// <summary>Gives every Conv of known extents its form.</summary>
    public static void Apply(Graph graph, LoweringTarget target)
    {
        foreach (Node node in graph.Nodes.Where(node => node.Op == "Conv" && HasExtents(node)).ToArray())
        {
            var conv = Convolution.OfForward(node);
            IConvForm form = target.Forms.Choose(node.Name, "conv", Forms.Where(form => form.CanLower(conv, target)), form => form.Cost(conv, target))!;
            if (form is PlainConvolution) continue;
            using OpBuilder op = graph.BuildBefore(node, node.Name);
            graph.Redefine(node.Out(0), form.Emit(op, conv, target));
            graph.Remove(node);
        }
    }

    private static bool HasExtents(Node node) => node.In(1).Shape is { IsStatic: true, Rank: > 2 } && node.In(0).Shape is { } x && x.Skip(2).All(dim => dim.IsKnown);

    /// <summary>ONNX's Conv, as it stands in the model.</summary>
    private sealed class PlainConvolution : IConvForm
    {
        public string Name => "plain";

        public bool CanLower(Convolution conv, LoweringTarget target) => true;

        public double Cost(Convolution conv, LoweringTarget target) => ConvCost.OfConvolution(conv);

        public Value Emit(OpBuilder op, Convolution conv, LoweringTarget target) => conv.Y;
    }

    /// <summary>In NCHWc blocks, whose kernels read X where it lies instead of copying its windows.</summary>
    private sealed class BlockedConvolution : IConvForm
    {
        public string Name => "blocked";

        public bool CanLower(Convolution conv, LoweringTarget target) => ChannelBlocks.Fit(conv, target);

        public double Cost(Convolution conv, LoweringTarget target) => ConvCost.OfBlockedConvolution(conv);

        public Value Emit(OpBuilder op, Convolution conv, LoweringTarget target)
        {
            var blocks = new ChannelBlocks(op, target.ChannelBlock);
            Value y = blocks.Conv(blocks.Blocked(conv.X), blocks.Weight(conv), conv.Bias,
                ("kernel_shape", conv.Window.Kernel), ("strides", conv.Window.Strides), ("dilations", conv.Window.Dilations), ("pads", conv.Window.Pads));
            return blocks.Plain(y, conv.Outputs);
        }
    }

    /// <summary>Y = X's patches [N·P, C·K] · Wᵀ + B, where the windows tile X: one product for the whole batch.</summary>
    private sealed class TiledConvolution : IConvForm
    {
        public string Name => "tiles";

        public bool CanLower(Convolution conv, LoweringTarget target) => conv.Groups == 1 && Tiles.Fit(conv.Window);

        public double Cost(Convolution conv, LoweringTarget target) => ConvCost.OfTiles(conv);

        public Value Emit(OpBuilder op, Convolution conv, LoweringTarget target)
        {
            Value w = op.Reshape(conv.W, conv.Outputs, -1);
            Value rows = Tiles.Rows(op, conv.X, conv.Window);
            Value y = op.Op("Gemm", conv.Bias is null ? [rows, w] : [rows, w, conv.Bias], ("transB", true)); // [N·P, O]
            y = op.Transpose(op.Reshape(y, -1, SlidingWindow.Product(conv.Window.Output), conv.Outputs), 0, 2, 1);
            return op.Reshape(y, [0, 0, .. conv.Window.Output]);
        }
    }
}
