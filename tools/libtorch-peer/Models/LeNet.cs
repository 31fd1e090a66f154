using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace LibtorchPeer.Models;

/// <summary>Two convolutions 5x5 with max-pooling, two fully connected layers, on 28x28.</summary>
internal sealed class LeNet : Module<Tensor, Tensor>
{
    private readonly Module<Tensor, Tensor> layers = Sequential(
        Conv2d(1, 16, 5, padding: 2), ReLU(), MaxPool2d(2),
        Conv2d(16, 32, 5), ReLU(), MaxPool2d(2),
        Flatten(), Linear(800, 64), ReLU(), Linear(64, 10));

    public LeNet()
        : base(nameof(LeNet)) => RegisterComponents();

    public override Tensor forward(Tensor input) => layers.forward(input);
}
