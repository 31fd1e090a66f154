using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace LibtorchPeer.Models;

/// <summary>torchvision's ResNet with ten classes, its first convolution 3x3 without stride instead of 7x7 with stride 2.</summary>
internal sealed class ResNet : Module<Tensor, Tensor>
{
    private static readonly int[] Widths = [64, 128, 256, 512];

    private readonly Module<Tensor, Tensor> features;
    private readonly Module<Tensor, Tensor> classifier;

    private ResNet(int[] blocks, Func<int, int, int, Module<Tensor, Tensor>> block, int expansion, bool stem7 = false)
        : base(nameof(ResNet))
    {
        List<Module<Tensor, Tensor>> layers =
        [
            stem7 ? Conv2d(3, Widths[0], 7, stride: 2, padding: 3, bias: false) : Conv2d(3, Widths[0], 3, padding: 1, bias: false),
            BatchNorm2d(Widths[0]), ReLU(inplace: true), MaxPool2d(3, 2, 1),
        ];
        int channels = Widths[0];
        foreach ((int stage, int width) in Widths.Index())
        {
            for (int i = 0; i < blocks[stage]; i++)
            {
                layers.Add(block(channels, width, i == 0 && stage > 0 ? 2 : 1));
                channels = width * expansion;
            }
        }
        features = Sequential(layers);
        classifier = Linear(channels, 10);
        RegisterComponents();
    }

    /// <param name="stem7">Whether the first convolution is torchvision's own.</param>
    public static ResNet With18Layers(bool stem7 = false) => new([2, 2, 2, 2], (c, w, s) => new BasicBlock(c, w, s), BasicBlock.Expansion, stem7);

    public static ResNet With34Layers() => new([3, 4, 6, 3], (c, w, s) => new BasicBlock(c, w, s), BasicBlock.Expansion);

    public static ResNet With50Layers() => new([3, 4, 6, 3], (c, w, s) => new Bottleneck(c, w, s), Bottleneck.Expansion);

    public override Tensor forward(Tensor input) => classifier.forward(features.forward(input).mean([2L, 3L]));

    /// <summary>A convolution 1x1 where the block changes the shape; null where its input is added as it is.</summary>
    internal static Module<Tensor, Tensor>? Shortcut(int channels, int outputs, int stride) =>
        stride == 1 && channels == outputs ? null : Sequential(Conv2d(channels, outputs, 1, stride: stride, bias: false), BatchNorm2d(outputs));

    /// <summary>How a block ends: ReLU(branch + shortcut), in place.</summary>
    internal static Tensor AddAndRectify(Tensor branch, Module<Tensor, Tensor>? shortcut, Tensor input) =>
        functional.relu(branch.add_(shortcut is null ? input : shortcut.forward(input)), inplace: true);
}
