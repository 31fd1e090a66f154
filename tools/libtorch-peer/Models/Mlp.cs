using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace LibtorchPeer.Models;

/// <summary>784-512-512-512-10 with ReLU between.</summary>
internal sealed class Mlp : Module<Tensor, Tensor>
{
    private readonly Module<Tensor, Tensor> layers =
        Sequential(Linear(784, 512), ReLU(), Linear(512, 512), ReLU(), Linear(512, 512), ReLU(), Linear(512, 10));

    public Mlp()
        : base(nameof(Mlp)) => RegisterComponents();

    public override Tensor forward(Tensor input) => layers.forward(input);
}
