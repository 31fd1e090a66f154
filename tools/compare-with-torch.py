#!/usr/bin/env python3
"""Exports torchvision's models, trains one step of each here and in PyTorch, and compares the loss and every parameter's gradient.

    python3 tools/compare-with-torch.py [NAME ...] [--opset 17] [--export-batch 2] [--batch 3] [--keep DIR]

Needs torch, torchvision and onnx (made with Debian's python3-torch 1.13; newer versions: dynamo=False is passed where it exists) and a built TrainingHost.
The truth is float64 PyTorch; a gradient holds where it deviates by at most 1e-4 of its largest entry (of a thousandth of the model's largest, for those that
are zero in exact arithmetic), or by ten times what float32 PyTorch deviates. A max-pool or ReLU near-tie that falls the other way exceeds both, here as in PyTorch:
such a model is tried again with other weights and data, and fails where three seeds in a row do. Exits with 1 where a model fails.
"""

import argparse
import copy
import inspect
import os
import subprocess
import sys
import tempfile

import onnx
import torch
import torchvision.models as zoo
from onnx import numpy_helper
from torch import nn
from torch.nn.functional import cross_entropy
from torchvision.models.convnext import CNBlockConfig, ConvNeXt

HOST = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "TrainingHost", "bin", "Release", "net10.0", "TrainingHost.dll")


class Segmentation(nn.Module):
    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, x):
        return self.model(x)["out"]


def video():
    resnet = zoo.video.resnet
    return resnet.VideoResNet(resnet.BasicBlock, [resnet.Conv3DSimple] * 4, [1, 1, 1, 1], resnet.BasicStem, num_classes=10)


# Name: (builder, shape of one input).
MODELS = {
    "squeezenet": (lambda: zoo.squeezenet1_1(num_classes=10), (3, 48, 48)),
    "densenet": (lambda: zoo.DenseNet(8, (2, 3, 2, 2), 16, num_classes=10), (3, 64, 64)),
    "googlenet": (lambda: zoo.googlenet(num_classes=10, aux_logits=False, init_weights=False), (3, 64, 64)),
    "inception": (lambda: zoo.inception_v3(num_classes=10, aux_logits=False, init_weights=False), (3, 96, 96)),
    "shufflenet": (lambda: zoo.shufflenet_v2_x0_5(num_classes=10), (3, 64, 64)),
    "mobilenet_v2": (lambda: zoo.mobilenet_v2(num_classes=10, width_mult=0.35), (3, 64, 64)),
    "mobilenet_v3": (lambda: zoo.mobilenet_v3_small(num_classes=10), (3, 64, 64)),
    "mnasnet": (lambda: zoo.mnasnet0_5(num_classes=10), (3, 64, 64)),
    "efficientnet": (lambda: zoo.efficientnet_b0(num_classes=10), (3, 64, 64)),
    "regnet_x": (lambda: zoo.regnet_x_400mf(num_classes=10), (3, 64, 64)),
    "regnet_y": (lambda: zoo.regnet_y_400mf(num_classes=10), (3, 64, 64)),
    "resnext": (lambda: zoo.ResNet(zoo.resnet.Bottleneck, [1, 1, 1, 1], num_classes=10, groups=8, width_per_group=4), (3, 64, 64)),
    "convnext": (lambda: ConvNeXt([CNBlockConfig(16, 32, 1), CNBlockConfig(32, 48, 1), CNBlockConfig(48, None, 2)], num_classes=10), (3, 64, 64)),
    "vit": (lambda: zoo.VisionTransformer(32, 8, 2, 4, 32, 64, num_classes=10), (3, 32, 32)),
    "swin": (lambda: zoo.SwinTransformer([4, 4], 24, [2, 2], [2, 4], [4, 4], num_classes=10), (3, 64, 64)),
    "maxvit": (lambda: zoo.MaxVit((64, 64), 16, 8, [16, 32], [1, 1], 8, 0.2, num_classes=10), (3, 64, 64)),
    "deeplab": (lambda: Segmentation(zoo.segmentation.deeplabv3_mobilenet_v3_large(weights=None, weights_backbone=None, num_classes=5)), (3, 48, 48)),
    "lraspp": (lambda: Segmentation(zoo.segmentation.lraspp_mobilenet_v3_large(weights=None, weights_backbone=None, num_classes=5)), (3, 64, 64)),
    "video": (video, (3, 8, 32, 32)),
}


def deterministic(model):
    for module in model.modules():
        for rate in ("p", "dropout"):
            if type(module).__name__ in ("Dropout", "Dropout2d", "StochasticDepth", "MultiheadAttention") and hasattr(module, rate):
                setattr(module, rate, 0.0)
    return model


def gradients(model, x, labels, dtype):
    model = copy.deepcopy(model).to(dtype)
    loss = cross_entropy(model(x.to(dtype)), labels)
    loss.backward()
    return loss.item(), {name: parameter.grad.double() for name, parameter in model.named_parameters()}


def trace(model, x, labels, folder, options):
    path, batches, output = (os.path.join(folder, name) for name in ("forward.onnx", "batches.onnx", "trace.onnx"))
    dynamo = {"dynamo": False} if "dynamo" in inspect.signature(torch.onnx.export).parameters else {}
    torch.onnx.export(copy.deepcopy(model), (x[: options.export_batch],), path, training=torch.onnx.TrainingMode.TRAINING, do_constant_folding=False,
                      opset_version=options.opset, input_names=["input"], output_names=["output"], dynamic_axes={"input": {0: "batch"}}, **dynamo)
    tensors = [numpy_helper.from_array(x.numpy(), "batch0/input0"), numpy_helper.from_array(labels.numpy(), "batch0/labels")]
    onnx.save(onnx.helper.make_model(onnx.helper.make_graph([], "batches", [], [], tensors)), batches)
    subprocess.run(["dotnet", HOST, "trace", path, "--batches", batches, "--output", output, "--no-tract", "--optimizer", "sgd", "--lr", "0"], check=True, stdout=subprocess.DEVNULL)
    return {tensor.name: torch.from_numpy(numpy_helper.to_array(tensor).copy()).double() for tensor in onnx.load(output).graph.initializer}


def compare(name, seed, options, folder):
    build, shape = MODELS[name]
    torch.manual_seed(seed)
    model, x = deterministic(build()).train(), torch.randn(options.batch, *shape)
    with torch.no_grad():
        y = copy.deepcopy(model)(x)
    labels = torch.randint(0, y.shape[1], (y.shape[0], *y.shape[2:]))
    loss, truth = gradients(model, x, labels, torch.float64)
    _, single = gradients(model, x, labels, torch.float32)
    traced = trace(model, x, labels, folder, options)
    largest = max(gradient.abs().max().item() for gradient in truth.values())
    worst, bad = 0.0, []
    for parameter, gradient in truth.items():
        scale = max(gradient.abs().max().item(), 1e-3 * largest)
        error = (traced["grad/" + parameter] - gradient).abs().max().item() / scale
        worst = max(worst, error)
        if not error <= max(1e-4, 10 * (single[parameter] - gradient).abs().max().item() / scale):
            bad.append(parameter)
    print(f"{name:14} loss {loss:.6f}, here {traced['losses'][0]:.6f}; {len(truth)} gradients, worst deviation {worst:.1e}" + (f"; exceeded at {len(bad)} of seed {seed}: {', '.join(bad[:5])}" if bad else ""), flush=True)
    return not bad


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help="all of: " + " ".join(MODELS))
    parser.add_argument("--opset", type=int, default=17)
    parser.add_argument("--export-batch", type=int, default=2)
    parser.add_argument("--batch", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", metavar="DIR", help="keep the files of the last model")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        if chosen.keep:
            os.makedirs(chosen.keep, exist_ok=True)
        failed = [name for name in chosen.names or MODELS if not any(compare(name, chosen.seed + i, chosen, chosen.keep or temporary) for i in range(3))]
    sys.exit(f"Failed: {', '.join(failed)}." if failed else 0)
