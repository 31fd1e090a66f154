using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace LibtorchPeer.Models;

/// <summary>A vision transformer of width 192: six blocks of three heads, on square patches and a class token.</summary>
internal sealed class Vit : Module<Tensor, Tensor>
{
    private const int Width = 192, Depth = 6, Heads = 3, Hidden = 768;

    private readonly Conv2d patches;
    private readonly Parameter token, position;
    private readonly Module<Tensor, Tensor> blocks;
    private readonly LayerNorm norm;
    private readonly Linear head;

    /// <param name="size">Pixels of an image's side.</param>
    /// <param name="patch">Pixels of a patch's side.</param>
    public Vit(int size, int patch)
        : base(nameof(Vit))
    {
        int side = size / patch;
        patches = Conv2d(3, Width, patch, stride: patch);
        token = Parameter(zeros(1, 1, Width));
        position = Parameter(zeros(1, (side * side) + 1, Width));
        blocks = Sequential(Enumerable.Range(0, Depth).Select(_ => new VitBlock(Width, Heads, Hidden)));
        norm = LayerNorm(Width);
        head = Linear(Width, 10);
        RegisterComponents();
    }

    public override Tensor forward(Tensor input)
    {
        Tensor rows = patches.forward(input).flatten(2).transpose(1, 2); // [n, patches, width]
        Tensor tokens = cat([token.expand(input.shape[0], -1, -1), rows], 1) + position;
        return head.forward(norm.forward(blocks.forward(tokens)).select(1, 0));
    }
}
