#!/usr/bin/python3
"""How a step's time grows, in markdown: by the batch, an example's time at each size; by the depth, the time of a unit of work in each ResNet.

    tools/measure-growth.py                                     both, about fifteen minutes
    tools/measure-growth.py --tables batch --models vit --batches 32,64
    tools/measure-growth.py --tables depth

Ours is the step with TrAct. Builds the programs and exports the models itself; what that needs: tools/bench_models.py.
"""
import math

import onnx
from bench_models import MODELS, Workbench, libtorch, list_of, options, provenance, row, table

TABLES = ["batch", "depth"]
BY_BATCH = ["resnet18", "vit"]
BATCHES = [8, 16, 32, 64, 128, 256]
FULL_BATCH = 32
BY_DEPTH = ["resnet18", "resnet34", "resnet50"]


def both(bench, sizes):
    """What is run at each (model, batch): our step and libtorch's."""
    kinds = {}
    for name, batch in sizes:
        kinds[name, batch, "ours"] = lambda name=name, batch=batch: bench.ours(name, "TrAct", batch)
        kinds[name, batch, "libtorch"] = lambda name=name, batch=batch: bench.peer(name, batch)
    return kinds


def by_batch(bench, name, batches):
    found = bench.in_turn(both(bench, [(name, batch) for batch in batches]))
    each = {(batch, kind): summary.ms / batch for (_, batch, kind), summary in found.items()}
    best = {kind: min(each[batch, kind] for batch in batches if batch >= FULL_BATCH or batch == batches[-1]) for kind in ("ours", "libtorch")}
    print(f"\n{name}, one example by the batch; × is against the best from {FULL_BATCH} up:\n")
    table(["batch", "with TrAct, ms an example", "×", f"{libtorch()}, ms an example", "×", "TrAct / libtorch"])
    for batch in batches:
        ours, peer = each[batch, "ours"], each[batch, "libtorch"]
        row(f"{batch}", f"{ours:.3f}", f"{ours / best['ours']:.2f}", f"{peer:.3f}", f"{peer / best['libtorch']:.2f}", f"{ours / peer:.2f}")


def by_depth(bench):
    found = bench.in_turn(both(bench, [(name, MODELS[name].batch) for name in BY_DEPTH]))
    print("\nBy depth; GFLOP: of a step's convolutions and matrix products, the forward pass and both gradients:\n")
    table(["model", "GFLOP", "with TrAct, ms", "ms a GFLOP", f"{libtorch()}, ms", "ms a GFLOP", "TrAct / libtorch"])
    for name in BY_DEPTH:
        batch = MODELS[name].batch
        work = step_flops(bench.models / f"{name}.onnx", batch) / 1e9
        ours, peer = found[name, batch, "ours"].ms, found[name, batch, "libtorch"].ms
        row(f"{name}, batch {batch}", f"{work:.1f}", f"{ours:.0f}", f"{ours / work:.2f}", f"{peer:.0f}", f"{peer / work:.2f}", f"{ours / peer:.2f}")


def step_flops(path, batch):
    """Two for each multiply-add of a Conv or Gemm, once for the outputs, once for dW, and once for dX, which the first layer does not need."""
    model = onnx.load(str(path))
    model.graph.input[0].type.tensor_type.shape.dim[0].dim_value = batch
    graph = onnx.shape_inference.infer_shapes(model, strict_mode=True).graph
    shapes = {v.name: [d.dim_value for d in v.type.tensor_type.shape.dim] for v in [*graph.input, *graph.value_info, *graph.output]}
    layers = [node for node in graph.node if node.op_type in ("Conv", "Gemm")]
    forward = [2 * math.prod(shapes[node.output[0]]) * products(node, shapes[node.input[1]]) for node in layers]
    return 3 * sum(forward) - forward[0]


def products(node, weight):
    """Multiply-adds for one number of the output."""
    if node.op_type == "Conv":
        return math.prod(weight[1:])
    transposed = any(attribute.name == "transB" and attribute.i for attribute in node.attribute)
    return weight[1] if transposed else weight[0]


def main():
    parser = options(__doc__)
    parser.add_argument("--tables", type=list_of(TABLES), default=TABLES, help=f"some of {','.join(TABLES)}")
    parser.add_argument("--models", type=list_of(BY_BATCH), default=BY_BATCH, help=f"by the batch: some of {','.join(BY_BATCH)}")
    parser.add_argument("--batches", type=list_of([str(batch) for batch in BATCHES]), default=[str(batch) for batch in BATCHES])
    arguments = parser.parse_args()
    chosen = [*(arguments.models if "batch" in arguments.tables else []), *(BY_DEPTH if "depth" in arguments.tables else [])]
    with Workbench(chosen, arguments) as bench:
        if "batch" in arguments.tables:
            for name in arguments.models:
                by_batch(bench, name, sorted(map(int, arguments.batches)))
        if "depth" in arguments.tables:
            by_depth(bench)
    print(f"\n{provenance(arguments)}")


if __name__ == "__main__":
    main()
