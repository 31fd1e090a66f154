#!/usr/bin/env python3
"""Makes models/resnet18.onnx and models/vit.onnx: forward models as PyTorch exports them, without weights.

    python3 tools/make-models.py [--output models] [--width 64]

Needs torch, torchvision and onnx (made with Debian's python3-torch 1.13; newer versions: dynamo=False is passed where it exists).
The output depends on the versions of torch and torchvision only: there are no weights in it, so nothing random.
"""

import argparse
import inspect
import io
import os

import onnx
import torch
from torch import nn
from torchvision.models.resnet import BasicBlock, ResNet

OPSET = 17


def resnet18(width):
    """torchvision's ResNet-18 with the stem of small images: 3x3 stride 1 instead of 7x7 stride 2; the max-pool stays (see models/README.md)."""
    model = ResNet(BasicBlock, [2, 2, 2, 2], num_classes=10)
    model.conv1 = nn.Conv2d(3, 64, kernel_size=3, stride=1, padding=1, bias=False)
    return model if width == 64 else thin(model, width)


def thin(model, width):
    """The same network with `width` channels in its first stage instead of 64."""
    scaled = lambda channels: channels * width // 64 if channels >= 64 else channels
    for module in list(model.modules()):
        for name, child in list(module.named_children()):
            if isinstance(child, nn.Conv2d):
                setattr(module, name, nn.Conv2d(scaled(child.in_channels), scaled(child.out_channels), child.kernel_size, child.stride, child.padding, bias=False))
            elif isinstance(child, nn.BatchNorm2d):
                setattr(module, name, nn.BatchNorm2d(scaled(child.num_features)))
    model.fc = nn.Linear(scaled(512), 10)
    return model


class Attention(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(width, 3 * width)
        self.proj = nn.Linear(width, width)

    def forward(self, x):
        batch, tokens, width = x.shape
        q, k, v = self.qkv(x).reshape(batch, tokens, 3, self.heads, width // self.heads).permute(2, 0, 3, 1, 4).unbind(0)
        attention = torch.softmax(q @ k.transpose(-2, -1) * (width // self.heads) ** -0.5, dim=-1)
        return self.proj((attention @ v).transpose(1, 2).reshape(batch, tokens, width))


class Block(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.norm1 = nn.LayerNorm(width)
        self.attn = Attention(width, heads)
        self.norm2 = nn.LayerNorm(width)
        self.fc1 = nn.Linear(width, 2 * width)
        self.fc2 = nn.Linear(2 * width, width)

    def forward(self, x):
        x = x + self.attn(self.norm1(x))
        return x + self.fc2(nn.functional.gelu(self.fc1(self.norm2(x))))


class VisionTransformer(nn.Module):
    """Patches of 4x4 by a convolution, a class token, learned positions, pre-norm blocks."""

    def __init__(self, size=28, channels=1, patch=4, width=64, depth=4, heads=4, classes=10):
        super().__init__()
        self.patch_embed = nn.Conv2d(channels, width, patch, stride=patch)
        self.cls_token = nn.Parameter(torch.zeros(1, 1, width))
        self.pos_embed = nn.Parameter(torch.zeros(1, (size // patch) ** 2 + 1, width))
        self.blocks = nn.Sequential(*(Block(width, heads) for _ in range(depth)))
        self.norm = nn.LayerNorm(width)
        self.head = nn.Linear(width, classes)

    def forward(self, x):
        x = self.patch_embed(x).flatten(2).transpose(1, 2)
        x = torch.cat([self.cls_token.expand(x.shape[0], -1, -1), x], dim=1) + self.pos_embed
        return self.head(self.norm(self.blocks(x))[:, 0])


def export(model, example, path):
    """Training form, nothing folded, weights left out: they are graph inputs without values, under PyTorch's names."""
    file = io.BytesIO()
    classic = {"dynamo": False} if "dynamo" in inspect.signature(torch.onnx.export).parameters else {}
    torch.onnx.export(
        model.train(), example, file, training=torch.onnx.TrainingMode.TRAINING, do_constant_folding=False, export_params=False, opset_version=OPSET,
        input_names=["input"], output_names=["logits"], dynamic_axes={"input": {0: "batch"}, "logits": {0: "batch"}}, **classic)
    proto = onnx.load_from_string(file.getvalue())
    onnx.checker.check_model(proto)
    with open(path + ".tmp", "wb") as out:
        out.write(proto.SerializeToString(deterministic=True))
    os.replace(path + ".tmp", path)
    parameters = sum(parameter.numel() for parameter in model.parameters())
    print(f"{path}: {os.path.getsize(path)} bytes, {len(proto.graph.node)} nodes, {parameters} parameters")


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--output", default=os.path.join(os.path.dirname(__file__), "..", "models"))
    options.add_argument("--width", type=int, default=64, help="channels of ResNet-18's first stage (64)")
    chosen = options.parse_args()
    export(resnet18(chosen.width), torch.zeros(2, 3, 32, 32), os.path.join(chosen.output, "resnet18.onnx"))
    export(VisionTransformer(), torch.zeros(2, 1, 28, 28), os.path.join(chosen.output, "vit.onnx"))


main()
