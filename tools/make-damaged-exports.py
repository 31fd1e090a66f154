#!/usr/bin/env python3
"""Makes tests/exports: small models as PyTorch's exporters write them with their defaults, and the good exports that look alike.

    python3 tools/make-damaged-exports.py [--output tests/exports]

torchscript-*.onnx are real exports (made with Debian's python3-torch 1.13; newer versions: dynamo=False is passed where it exists).
dynamo-*.onnx imitate, with onnx.helper, what torch.onnx.export(..., dynamo=True) of PyTorch 2.5 and later writes, because those versions are not in Debian:
names, metadata and structure are those of real exports; with optimize=True onnxscript's rules have folded BatchNormalization (the new bias is called
WEIGHT_bias), transposed the weights of Linear (val_N), merged equal initializers and folded the class token for the batch that was traced.
The weights are random.
"""

import argparse
import inspect
import os
import warnings

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn

OPSET = 17
TRAINING = dict(training=torch.onnx.TrainingMode.TRAINING, do_constant_folding=False)


class ConvNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(1, 4, 3, padding=1, bias=False), nn.BatchNorm2d(4)
        self.conv2, self.bn2 = nn.Conv2d(4, 4, 3, padding=1), nn.BatchNorm2d(4)
        self.fc = nn.Linear(4, 10)

    def forward(self, x):
        x = torch.relu(self.bn1(self.conv1(x)))
        x = torch.relu(self.bn2(self.conv2(x)))
        return self.fc(x.mean((2, 3)))


class Tokens(nn.Module):
    def __init__(self):
        super().__init__()
        self.cls = nn.Parameter(0.02 * torch.randn(1, 1, 16))
        self.embed, self.head = nn.Linear(8, 16), nn.Linear(16, 5)
        self.n1, self.a = nn.LayerNorm(16), nn.Linear(16, 16)
        self.n2, self.b = nn.LayerNorm(16), nn.Linear(16, 16)

    def forward(self, x):
        x = self.embed(x)
        x = torch.cat([self.cls.expand(x.shape[0], -1, -1), x], 1)
        x = x + self.a(self.n1(x))
        x = x + torch.relu(self.b(self.n2(x)))
        return self.head(x[:, 0])


class Constants(nn.Module):
    """A weight that is no parameter for the tracer, and a slice of one that is."""

    def __init__(self):
        super().__init__()
        self.a, self.head = nn.Linear(8, 8), nn.Linear(8, 5)
        self.positions = nn.Parameter(torch.randn(4, 8))

    def forward(self, x):
        weight = torch.tensor(self.a.weight.detach().numpy())
        return self.head(torch.relu(x @ weight.t()) + self.positions[:1])


class Sharing(nn.Module):
    """One LayerNorm used twice, one weight in two layers: sharing on purpose."""

    def __init__(self):
        super().__init__()
        self.norm, self.a, self.b, self.head = nn.LayerNorm(8), nn.Linear(8, 8), nn.Linear(8, 8), nn.Linear(8, 5)
        self.b.weight = self.a.weight

    def forward(self, x):
        return self.head(self.b(self.norm(torch.relu(self.a(self.norm(x))))))


def torchscript(folder, name, model, x, **options):
    if "dynamo" in inspect.signature(torch.onnx.export).parameters:
        options["dynamo"] = False
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(model, x, os.path.join(folder, f"torchscript-{name}.onnx"), input_names=["input"], output_names=["output"], opset_version=OPSET, **options)


def note(message, field, **properties):
    """Adds metadata_props by their field number: onnx below 1.16 does not know them, but keeps and writes them."""
    for key, value in properties.items():
        entry = onnx.StringStringEntryProto(key=key.replace("__", "."), value=value).SerializeToString()
        length = b""
        rest = len(entry)
        while rest > 127:
            length, rest = length + bytes([rest & 127 | 128]), rest >> 7
        tag = field << 3 | 2
        message.MergeFromString((bytes([tag]) if tag < 128 else bytes([tag & 127 | 128, tag >> 7])) + length + bytes([rest]) + entry)


class Dynamo:
    """A model as the dynamo exporter writes one: notes on where each node and initializer comes from."""

    def __init__(self, dims):
        self.random = np.random.default_rng(1)
        self.nodes, self.initializers, self.infos, self.signature = [], [], [], []
        self.input = helper.make_tensor_value_info("input", TensorProto.FLOAT, dims)
        note(self.input, 4, pkg__torch__export__graph_signature__InputSpec__kind="USER_INPUT")

    def listed(self, name, kind="PARAMETER"):
        self.signature.append(f"{kind[0].lower()}_{name.replace('.', '_')}: {kind} target='{name}'" + (" persistent=True" if kind == "BUFFER" else ""))
        return name

    def stored(self, name, array, kind="PARAMETER"):
        """An initializer; with a kind: one that the signature lists."""
        array = np.asarray(array, np.float32)
        self.initializers.append(numpy_helper.from_array(array, name))
        if kind:
            info = helper.make_tensor_value_info(name, TensorProto.FLOAT, array.shape)
            note(info, 4, pkg__torch__export__graph_signature__InputSpec__kind=kind)
            self.infos.append(info)
            self.listed(name, kind)
        return name

    def weight(self, name, *dims, kind="PARAMETER"):
        return self.stored(name, self.random.uniform(-0.3, 0.3, dims), kind)

    def node(self, op, inputs, output, module="", **attributes):
        node = helper.make_node(op, inputs, [output], name=f"node_{output}", **attributes)
        scopes = [".".join(module.split(".")[:i]) for i in range(1, module.count(".") + 2)] if module else []
        note(node, 9, pkg__torch__onnx__name_scopes=str(["", *scopes, output]))
        self.nodes.append(node)
        return output

    def save(self, folder, name, dims):
        output = helper.make_tensor_value_info(self.nodes[-1].output[0], TensorProto.FLOAT, dims)
        graph = helper.make_graph(self.nodes, "main_graph", [self.input], [output], self.initializers, value_info=self.infos)
        note(graph, 16, pkg__torch__export__ExportedProgram__graph_signature="\n# inputs\n" + "\n".join(self.signature) + "\nx: USER_INPUT\n\n# outputs\nlinear: USER_OUTPUT\n")
        model = helper.make_model(graph, producer_name="pytorch", producer_version="2.9.0", opset_imports=[helper.make_opsetid("", 18)], ir_version=8)
        onnx.checker.check_model(model)
        onnx.save(model, os.path.join(folder, f"dynamo-{name}.onnx"))


def folded_batch_norm():
    net = Dynamo(["s0", 1, 8, 8])
    conv1, conv2 = net.weight("conv1.weight", 4, 1, 3, 3), net.weight("conv2.weight", 4, 4, 3, 3)
    net.listed("conv2.bias")
    for norm in ["bn1", "bn2"]:
        net.listed(f"{norm}.weight"), net.listed(f"{norm}.bias"), net.listed(f"{norm}.running_mean", "BUFFER"), net.listed(f"{norm}.running_var", "BUFFER")
    x = net.node("Conv", ["input", conv1, net.weight("conv1.weight_bias", 4, kind=None)], "getitem", "bn1", pads=[1, 1, 1, 1])
    x = net.node("Conv", [net.node("Relu", [x], "relu"), conv2, net.weight("conv2.bias", 4, kind=None)], "getitem_3", "bn2", pads=[1, 1, 1, 1])
    x = net.node("Relu", [x], "relu_1")
    net.initializers.append(numpy_helper.from_array(np.array([-1, 256]), "val_1"))
    x = net.node("Reshape", [x, "val_1"], "view")
    net.node("Gemm", [x, net.weight("fc.weight", 10, 256), net.weight("fc.bias", 10)], "linear", "fc", transB=1)
    return net, ["s0", 10]


def tokens(optimize):
    """Tokens as above, for a batch of 2: with optimize=True the class token is expanded, weights are transposed, equal scales and biases are one."""
    net = Dynamo([2, 3, 8])

    def linear(x, name, n, m, result):
        if optimize:
            net.listed(f"{name}.weight")
            weight = net.weight(f"val_{len(net.nodes) + 10}", n, m, kind=None)
        else:
            weight = net.node("Transpose", [net.weight(f"{name}.weight", m, n)], f"val_{len(net.nodes) + 10}", name, perm=[1, 0])
        product = net.node("MatMul", [x, weight], f"val_{len(net.nodes) + 40}", name)
        return net.node("Add", [product, net.weight(f"{name}.bias", m)], result, name)

    def norm(x, name, result):
        if optimize and name != "n1":
            net.listed(f"{name}.weight"), net.listed(f"{name}.bias")
            parameters = ["n1.weight", "n1.bias"]
        else:
            parameters = [net.stored(f"{name}.weight", np.ones(16)), net.stored(f"{name}.bias", np.zeros(16))]
        return net.node("LayerNormalization", [x, *parameters], result, name, axis=-1)

    if optimize:
        net.listed("cls")
        token = net.weight("expand", 2, 1, 16, kind=None)
    else:
        cls = net.weight("cls", 1, 1, 16)
        net.initializers.append(numpy_helper.from_array(np.array([2, 1, 16]), "val_2"))
        token = net.node("Expand", [cls, "val_2"], "expand")
    x = net.node("Concat", [token, linear("input", "embed", 8, 16, "linear_e")], "cat", axis=1)
    x = net.node("Add", [x, linear(norm(x, "n1", "layer_norm"), "a", 16, 16, "linear_a")], "add")
    x = net.node("Add", [x, net.node("Relu", [linear(norm(x, "n2", "layer_norm_1"), "b", 16, 16, "linear_b")], "relu")], "add_1")
    net.initializers.append(numpy_helper.from_array(np.array(0), "val_3"))
    x = net.node("Gather", [x, "val_3"], "select", axis=1)
    net.node("Gemm", [x, net.weight("head.weight", 5, 16), net.weight("head.bias", 5)], "linear", "head", transB=1)
    return net, [2, 5]


def buffers():
    """A good export: a buffer of positions, a tensor that forward() makes, a number that the exporter stores, and a tied weight without a name."""
    net = Dynamo(["s0", 8])
    x = net.node("Gemm", ["input", net.weight("a.weight", 8, 8), net.weight("a.bias", 8)], "linear_a", "a", transB=1)
    x = net.node("Add", [x, net.weight("positions", 1, 8, kind="BUFFER")], "add")
    x = net.node("Mul", [x, net.weight("lifted_tensor_0", 8, kind="CONSTANT_TENSOR")], "mul")
    x = net.node("Mul", [x, net.stored("val_5", 0.5, kind=None)], "mul_1")
    net.listed("b.weight")
    x = net.node("Gemm", [x, "a.weight", net.weight("b.bias", 8)], "linear_b", "b", transB=1)
    x = net.node("Mul", [x, net.stored("scale", 1.5)], "mul_2")
    net.node("Gemm", [x, net.weight("head.weight", 5, 8), net.weight("head.bias", 5)], "linear", "head", transB=1)
    return net, ["s0", 5]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", default=os.path.join("tests", "exports"))
    folder = parser.parse_args().output
    os.makedirs(folder, exist_ok=True)
    torch.manual_seed(1)
    torchscript(folder, "batchnorm", ConvNet(), torch.randn(2, 1, 8, 8), dynamic_axes={"input": {0: "batch"}})
    torchscript(folder, "tokens", Tokens(), torch.randn(2, 3, 8), dynamic_axes={"input": {0: "batch"}})
    torchscript(folder, "constants", Constants(), torch.randn(2, 8), dynamic_axes={"input": {0: "batch"}})
    torchscript(folder, "sharing", Sharing(), torch.randn(2, 8), dynamic_axes={"input": {0: "batch"}}, **TRAINING)
    torchscript(folder, "without-values", Tokens(), torch.randn(2, 3, 8), export_params=False, **TRAINING)
    for name, (net, dims) in {"batchnorm": folded_batch_norm(), "tokens": tokens(True), "tokens-unoptimized": tokens(False), "buffers": buffers()}.items():
        net.save(folder, name, dims)


if __name__ == "__main__":
    main()
