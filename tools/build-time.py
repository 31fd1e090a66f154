#!/usr/bin/env python3
"""How long the gradient graph takes to build, by the number of nodes: makes residual models, and takes the best of three
runs of `artifacts` on each.

usage: tools/build-time.py [NODES ...]     (needs the package onnx, and a Release build of TrainingHost)
"""
import pathlib
import re
import subprocess
import sys
import tempfile

from onnx import TensorProto, helper, save

ROOT = pathlib.Path(__file__).resolve().parent.parent
WIDTH = 8
RUNS = 3


def residual(nodes: int):
    """x + Gemm(Relu(Gemm(x))), four nodes a block, and a last Gemm."""
    operators, weights = [], []

    def gemm(name: str, x: str, width: int) -> str:
        weights.append(helper.make_tensor(f"{name}.weight", TensorProto.FLOAT, [width, WIDTH], [0.01] * (width * WIDTH)))
        weights.append(helper.make_tensor(f"{name}.bias", TensorProto.FLOAT, [width], [0.0] * width))
        operators.append(helper.make_node("Gemm", [x, f"{name}.weight", f"{name}.bias"], [f"{name}.y"], name, transB=1))
        return f"{name}.y"

    x = "input"
    for block in range((nodes - 1) // 4):
        operators.append(helper.make_node("Relu", [gemm(f"b{block}.0", x, WIDTH)], [f"b{block}.relu"], f"b{block}.relu"))
        operators.append(helper.make_node("Add", [x, gemm(f"b{block}.2", f"b{block}.relu", WIDTH)], [f"b{block}.y"], f"b{block}.add"))
        x = f"b{block}.y"
    logits = gemm("head", x, 10)
    batch = helper.make_tensor_value_info("input", TensorProto.FLOAT, ["batch", WIDTH])
    output = helper.make_tensor_value_info(logits, TensorProto.FLOAT, ["batch", 10])
    graph = helper.make_graph(operators, "residual", [batch], [output], weights)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def main() -> None:
    sizes = [int(size) for size in sys.argv[1:]] or [250, 500, 1000, 2000, 4000]
    print("| forward nodes | training graph | parameters | built in |\n| ---: | ---: | ---: | ---: |")
    with tempfile.TemporaryDirectory() as folder:
        for size in sizes:
            path = pathlib.Path(folder) / f"{size}.onnx"
            model = residual(size)
            save(model, str(path))
            program = ["dotnet", "run", "--project", str(ROOT / "TrainingHost"), "-c", "Release", "--no-build", "--"]
            command = [*program, "artifacts", str(path), "-o", f"{folder}/{size}"]
            said = [subprocess.run(command, check=True, capture_output=True, text=True).stdout for _ in range(RUNS)]
            nodes, parameters = re.search(r"(\d+) nodes, (\d+) trainable", said[0]).groups()
            best = min(float(re.search(r"built in ([0-9.]+) s", run)[1]) for run in said)
            print(f"| {len(model.graph.node)} | {nodes} | {parameters} | {best:.2f} s |", flush=True)


if __name__ == "__main__":
    main()
