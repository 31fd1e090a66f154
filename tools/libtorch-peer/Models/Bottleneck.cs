using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace LibtorchPeer.Models;

/// <summary>torchvision's Bottleneck: convolutions 1x1, 3x3 with the stride, and 1x1 to four times the width, beside a shortcut.</summary>
internal sealed class Bottleneck : Module<Tensor, Tensor>
{
    public const int Expansion = 4;

    private readonly Module<Tensor, Tensor> branch;
    private readonly Module<Tensor, Tensor>? shortcut;

    /// <param name="channels">That come in.</param>
    /// <param name="width">Channels inside; four times as many go out.</param>
    /// <param name="stride">Of the block.</param>
    public Bottleneck(int channels, int width, int stride)
        : base(nameof(Bottleneck))
    {
        branch = Sequential(
            Conv2d(channels, width, 1, bias: false), BatchNorm2d(width), ReLU(inplace: true),
            Conv2d(width, width, 3, stride: stride, padding: 1, bias: false), BatchNorm2d(width), ReLU(inplace: true),
            Conv2d(width, width * Expansion, 1, bias: false), BatchNorm2d(width * Expansion));
        shortcut = Shortcut(channels, width * Expansion, stride);
        RegisterComponents();
    }

    public override Tensor forward(Tensor input) => ResNet.AddAndRectify(branch.forward(input), shortcut, input);

    /// <summary>
    /// A 1x1 convolution with a stride reads every other pixel, which a pooling of one pixel picks out as well: as one operation, from 1024 to 2048
    /// channels, oneDNN's gradient divides by zero (SIGFPE in brgemm_convolution_bwd_strided_t, libtorch 2.10).
    /// </summary>
    private static Module<Tensor, Tensor>? Shortcut(int channels, int outputs, int stride) =>
        stride == 1 ? ResNet.Shortcut(channels, outputs, stride)
            : Sequential(AvgPool2d(1, stride: stride), Conv2d(channels, outputs, 1, bias: false), BatchNorm2d(outputs));
}
