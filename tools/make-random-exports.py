#!/usr/bin/env python3
"""Makes tests/exports/droppath-*.onnx: residual networks with stochastic depth, as PyTorch's exporters write its two usual forms.

    python3 tools/make-random-exports.py [--output tests/exports]

droppath-floor: floor(keep + U), as in older timm; droppath-less: torch.bernoulli, which torchscript writes as U < p. Both are real exports (made with Debian's
python3-torch 1.13; newer versions: dynamo=False is passed where it exists). droppath-bernoulli is the second with the operator Bernoulli in place of U < p,
as exporters for opset 15 and later may write it.
"""

import argparse
import inspect
import os

import onnx
import torch
from onnx import helper
from torch import nn


class DropPath(nn.Module):
    def __init__(self, keep, floor):
        super().__init__()
        self.keep, self.floor = keep, floor

    def forward(self, x):
        shape = (x.shape[0],) + (1,) * (x.ndim - 1)
        if self.floor:
            return x / self.keep * (self.keep + torch.rand(shape, dtype=x.dtype)).floor()
        return x * (torch.bernoulli(torch.full(shape, self.keep, dtype=x.dtype)) / self.keep)


class Residual(nn.Module):
    def __init__(self, floor):
        super().__init__()
        self.stem, self.first, self.second, self.head = nn.Linear(12, 16), nn.Linear(16, 16), nn.Linear(16, 16), nn.Linear(16, 4)
        self.drop = DropPath(0.7, floor)

    def forward(self, x):
        x = self.stem(x)
        x = x + self.drop(torch.tanh(self.first(x)))
        x = x + self.drop(torch.tanh(self.second(x)))
        return self.head(x)


def export(path, floor):
    torch.manual_seed(0)
    dynamo = {"dynamo": False} if "dynamo" in inspect.signature(torch.onnx.export).parameters else {}
    torch.onnx.export(Residual(floor).train(), (torch.randn(8, 12),), path, training=torch.onnx.TrainingMode.TRAINING, do_constant_folding=False,
                      opset_version=17, input_names=["input"], output_names=["output"], dynamic_axes={"input": {0: "batch"}}, **dynamo)


def with_bernoulli(model):
    """RandomUniformLike(p), Less(u, p), Cast(less) -> Bernoulli(p)."""
    nodes, probability = [], {}
    for node in model.graph.node:
        if node.op_type == "RandomUniformLike":
            probability[node.output[0]] = node.input[0]
        elif node.op_type == "Less":
            probability[node.output[0]] = probability[node.input[0]]
        elif node.op_type == "Cast" and node.input[0] in probability:
            nodes.append(helper.make_node("Bernoulli", [probability[node.input[0]]], list(node.output), name=node.name))
        else:
            nodes.append(node)
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    onnx.checker.check_model(model)
    return model


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--output", default=os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "tests", "exports"))
    folder = parser.parse_args().output
    export(os.path.join(folder, "droppath-floor.onnx"), floor=True)
    less = os.path.join(folder, "droppath-less.onnx")
    export(less, floor=False)
    onnx.save(with_bernoulli(onnx.load(less)), os.path.join(folder, "droppath-bernoulli.onnx"))


if __name__ == "__main__":
    main()
