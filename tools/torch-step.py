#!/usr/bin/python3
"""PyTorch's side of `bench --peer`: one training step for each line on standard input, its milliseconds on standard output.

    /usr/bin/python3 tools/torch-step.py resnet18 --batch-size 64 --momentum 0.9
    /usr/bin/python3 tools/torch-step.py resnet18 --export resnet18.onnx      the same model for `bench`, without weights

Needs PyTorch and torchvision (Debian: apt-get install python3-torch python3-torchvision libopenblas0-pthread). Models as in README's table.
"""
import argparse
import sys
import time

import torch
from torch import nn


class Mlp(nn.Sequential):
    """784-512-512-512-10."""
    shape = (784,)

    def __init__(self):
        super().__init__(nn.Linear(784, 512), nn.ReLU(), nn.Linear(512, 512), nn.ReLU(), nn.Linear(512, 512), nn.ReLU(), nn.Linear(512, 10))


class LeNet(nn.Sequential):
    shape = (1, 28, 28)

    def __init__(self):
        super().__init__(
            nn.Conv2d(1, 16, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(16, 32, 5), nn.ReLU(), nn.MaxPool2d(2),
            nn.Flatten(), nn.Linear(800, 64), nn.ReLU(), nn.Linear(64, 10))


class Block(nn.Module):
    """A transformer block: LayerNorm before attention and before the MLP."""

    def __init__(self, width, heads, hidden):
        super().__init__()
        self.heads, self.norm1, self.norm2 = heads, nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.mlp = nn.Sequential(nn.Linear(width, hidden), nn.GELU(), nn.Linear(hidden, width))

    def forward(self, x):
        n, t, d = x.shape
        q, k, v = self.qkv(self.norm1(x)).reshape(n, t, 3, self.heads, d // self.heads).permute(2, 0, 3, 1, 4)
        attention = (q @ k.transpose(-2, -1) * (d // self.heads) ** -0.5).softmax(-1)
        x = x + self.out((attention @ v).transpose(1, 2).reshape(n, t, d))
        return x + self.mlp(self.norm2(x))


class Vit(nn.Module):
    def __init__(self, size, patch, width=192, depth=6, heads=3, hidden=768):
        super().__init__()
        self.shape = (3, size, size)
        self.patches = nn.Conv2d(3, width, patch, patch)
        self.token = nn.Parameter(torch.zeros(1, 1, width))
        self.position = nn.Parameter(torch.zeros(1, (size // patch) ** 2 + 1, width))
        self.blocks = nn.Sequential(*(Block(width, heads, hidden) for _ in range(depth)))
        self.norm, self.head = nn.LayerNorm(width), nn.Linear(width, 10)

    def forward(self, x):
        x = self.patches(x).flatten(2).transpose(1, 2)
        x = torch.cat([self.token.expand(x.shape[0], -1, -1), x], 1) + self.position
        return self.head(self.norm(self.blocks(x))[:, 0])


def resnet(size, stem7):
    import torchvision
    model = torchvision.models.resnet18(num_classes=10)
    if not stem7:
        model.conv1 = nn.Conv2d(3, 64, 3, padding=1, bias=False)
    model.shape = (3, size, size)
    return model


MODELS = {
    "mlp": Mlp,
    "lenet": LeNet,
    "resnet18": lambda: resnet(32, stem7=False),
    "resnet18_stem7": lambda: resnet(112, stem7=True),
    "vit": lambda: Vit(32, 4),
    "vit_p16": lambda: Vit(112, 16),
}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("model", choices=MODELS)
    parser.add_argument("--batch-size", type=int, default=64)
    parser.add_argument("--momentum", type=float, default=0.0, help="of SGD, which the ResNets train with; the others take AdamW")
    parser.add_argument("--threads", type=int)
    parser.add_argument("--export", metavar="FILE", help="write the forward model as ONNX, without weights, and end")
    arguments = parser.parse_args()
    if arguments.threads:
        torch.set_num_threads(arguments.threads)
    torch.manual_seed(0)
    model = MODELS[arguments.model]()
    if arguments.export:
        torch.onnx.export(model, torch.randn(2, *model.shape), arguments.export, training=torch.onnx.TrainingMode.TRAINING, do_constant_folding=False,
                          export_params=False, input_names=["input"], output_names=["logits"], dynamic_axes={"input": {0: "batch"}, "logits": {0: "batch"}}, opset_version=16)
        return
    x, labels = torch.randn(arguments.batch_size, *model.shape), torch.randint(0, 10, (arguments.batch_size,))
    sgd = arguments.model.startswith("resnet")
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-4, momentum=arguments.momentum) if sgd else torch.optim.AdamW(model.parameters(), lr=1e-4)
    for _ in sys.stdin:
        start = time.perf_counter()
        optimizer.zero_grad(set_to_none=True)
        nn.functional.cross_entropy(model(x), labels).backward()
        optimizer.step()
        print(f"{1000 * (time.perf_counter() - start):.3f}", flush=True)


main()
