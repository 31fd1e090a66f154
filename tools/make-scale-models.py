#!/usr/bin/env python3
"""Makes models that are large in one way, for tools/measure-scale.sh: make-scale-models.py FOLDER [MEGABYTES]

unary.onnx: 20,000 nodes in a chain behind one MatMul. parameters.onnx: 20,000 nodes in a chain over 13,334 parameters (scale, shift, Tanh).
weights.onnx: MEGABYTES (default 1,000) of weights in eight square MatMuls, as external data. Needs Debian's python3-onnx."""
import math
import os
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

NODES, WIDTH = 20_000, 8
folder = sys.argv[1]
megabytes = int(sys.argv[2]) if len(sys.argv) > 2 else 1000
os.makedirs(folder, exist_ok=True)
rng = np.random.default_rng(1)


def save(name, nodes, initializers, width, classes, external=False):
    graph = helper.make_graph(
        nodes, name, [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["batch", width])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["batch", classes])],
        [numpy_helper.from_array(value, key) for key, value in initializers.items()])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    path = os.path.join(folder, f"{name}.onnx")
    data = os.path.join(folder, f"{name}.data")
    if os.path.exists(data):
        os.remove(data)  # onnx appends to it
    onnx.save_model(model, path, save_as_external_data=external, location=f"{name}.data")


def matrix(rows, columns):
    return (rng.standard_normal((rows, columns), dtype=np.float32) / math.sqrt(rows)).astype(np.float32)


unary = ["Tanh", "Sigmoid", "Relu", "Softplus"]
nodes = [helper.make_node("MatMul", ["x", "w"], ["v0"], "first")]
nodes += [helper.make_node(unary[i % 4], [f"v{i}"], [f"v{i + 1}"], f"n{i}") for i in range(NODES - 2)]
nodes.append(helper.make_node("Identity", [f"v{NODES - 2}"], ["y"], "last"))
save("unary", nodes, {"w": matrix(WIDTH, WIDTH)}, WIDTH, WIDTH)

nodes, values = [helper.make_node("MatMul", ["x", "w"], ["v0"], "first")], {"w": matrix(WIDTH, WIDTH)}
for i in range(NODES // 3):
    values[f"scale{i}"] = np.ones(WIDTH, np.float32)
    values[f"shift{i}"] = np.zeros(WIDTH, np.float32)
    nodes += [helper.make_node("Mul", [f"v{i}", f"scale{i}"], [f"m{i}"], f"mul{i}"),
              helper.make_node("Add", [f"m{i}", f"shift{i}"], [f"a{i}"], f"add{i}"),
              helper.make_node("Tanh", [f"a{i}"], [f"v{i + 1}" if i + 1 < NODES // 3 else "y"], f"tanh{i}")]
save("parameters", nodes, values, WIDTH, WIDTH)

side = int(math.sqrt(megabytes * 1_000_000 / 4 / 8))
nodes, values = [], {}
for i in range(8):
    values[f"w{i}"] = matrix(side, side)
    nodes.append(helper.make_node("MatMul", ["x" if i == 0 else f"r{i - 1}", f"w{i}"], [f"h{i}" if i < 7 else "y"], f"layer{i}"))
    if i < 7:
        nodes.append(helper.make_node("Relu", [f"h{i}"], [f"r{i}"], f"relu{i}"))
save("weights", nodes, values, side, side, external=True)
