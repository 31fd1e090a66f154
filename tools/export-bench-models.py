#!/usr/bin/python3
"""Exports the models that the speed is measured on: forward models for `bench`, without weights, the batch size free.

    tools/export-bench-models.py FOLDER                      all of them, as FOLDER/MODEL.onnx
    tools/export-bench-models.py FOLDER resnet18 vit         these

Needs PyTorch and torchvision (Debian: apt-get install python3-torch python3-torchvision). tools/libtorch-peer has the same models.
"""
import argparse
import pathlib

import torch
import torchvision
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


def resnet(build, size=32, stem7=False):
    """torchvision's, with ten classes; its first convolution 3x3 without stride unless it is to stay 7x7 with stride 2."""
    model = build(num_classes=10)
    if not stem7:
        model.conv1 = nn.Conv2d(3, 64, 3, padding=1, bias=False)
    model.shape = (3, size, size)
    return model


MODELS = {
    "mlp": Mlp,
    "lenet": LeNet,
    "resnet18": lambda: resnet(torchvision.models.resnet18),
    "resnet18_stem7": lambda: resnet(torchvision.models.resnet18, 112, stem7=True),
    "resnet34": lambda: resnet(torchvision.models.resnet34),
    "resnet50": lambda: resnet(torchvision.models.resnet50),
    "vit": lambda: Vit(32, 4),
    "vit_p16": lambda: Vit(112, 16),
}


def export(name, path):
    model = MODELS[name]()
    torch.onnx.export(
        model, torch.randn(2, *model.shape), path, training=torch.onnx.TrainingMode.TRAINING, do_constant_folding=False, export_params=False,
        input_names=["input"], output_names=["logits"], dynamic_axes={"input": {0: "batch"}, "logits": {0: "batch"}}, opset_version=16)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path, metavar="FOLDER")
    parser.add_argument("names", nargs="*", metavar="MODEL", help="all of: " + " ".join(MODELS))
    arguments = parser.parse_args()
    if unknown := [name for name in arguments.names if name not in MODELS]:
        parser.error(f"MODEL {', '.join(unknown)}: there are {', '.join(MODELS)}.")
    arguments.folder.mkdir(parents=True, exist_ok=True)
    for name in arguments.names or MODELS:
        export(name, str(arguments.folder / f"{name}.onnx"))


if __name__ == "__main__":
    main()
