using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace LibtorchPeer.Models;

/// <summary>torchvision's BasicBlock: two convolutions 3x3, the first with the stride, beside a shortcut.</summary>
internal sealed class BasicBlock : Module<Tensor, Tensor>
{
    public const int Expansion = 1;

    private readonly Module<Tensor, Tensor> branch;
    private readonly Module<Tensor, Tensor>? shortcut;

    /// <param name="channels">That come in.</param>
    /// <param name="width">Channels that go out.</param>
    /// <param name="stride">Of the block.</param>
    public BasicBlock(int channels, int width, int stride)
        : base(nameof(BasicBlock))
    {
        branch = Sequential(
            Conv2d(channels, width, 3, stride: stride, padding: 1, bias: false), BatchNorm2d(width), ReLU(inplace: true),
            Conv2d(width, width, 3, padding: 1, bias: false), BatchNorm2d(width));
        shortcut = ResNet.Shortcut(channels, width * Expansion, stride);
        RegisterComponents();
    }

    public override Tensor forward(Tensor input) => ResNet.AddAndRectify(branch.forward(input), shortcut, input);
}
