#!/usr/bin/env python3
"""Exports PyTorch models, trains one step of each here and in PyTorch, and compares the loss and every parameter's gradient.

    python3 tools/compare-with-torch.py [NAME ...] [--opset 17] [--export-batch 2] [--batch 3] [--keep DIR] [--table FILE]

Needs torch, torchvision and onnx (made with Debian's python3-torch 1.13; newer versions: dynamo=False is passed where it exists) and a built TrainingHost.
The truth is float64 PyTorch; a gradient holds where it deviates by at most 1e-4 of its largest entry (of a thousandth of the model's largest, for those that
are zero in exact arithmetic), or by ten times what float32 PyTorch deviates. A max-pool or ReLU near-tie that falls the other way exceeds both, here as in PyTorch:
such a model is tried again with other weights and data, and so is one where float32 is on the other side here and in PyTorch (both deviate by more than 1e-3),
which would hold against anything. Where none of twelve seeds decides, the table says so. Exits with 1 where a model fails, with every seed.
The models are in compared_models.py; dynamic sizes differ between the export and the batch. --table writes docs/exports.md.
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
from onnx import numpy_helper

from compared_models import MODELS

HOST = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "TrainingHost", "bin", "Release", "net10.0", "TrainingHost.dll")
TIE = 1e-3
SEEDS = 12
TABLE = """# Exports, held against PyTorch

One step of {count} models, exported with PyTorch {torch} at opset {opset} (where a model says no other), against float64 PyTorch, as
`python3 tools/compare-with-torch.py --table docs/exports.md` prints it. A gradient's deviation is relative to its largest entry, or to a thousandth of
the model's largest; beside it, what float32 PyTorch deviates. Undecided: with each of twelve seeds a ReLU or a max-pool falls the other way in
float32, here, in PyTorch or in both, so that the gradients of float32 say nothing.

| model | loss, PyTorch | loss, here | gradients | worst deviation here | of float32 PyTorch |
| --- | ---: | ---: | ---: | ---: | ---: |
"""


def deterministic(model):
    for module in model.modules():
        for rate in ("p", "dropout"):
            if type(module).__name__ in ("Dropout", "Dropout2d", "StochasticDepth", "MultiheadAttention") and hasattr(module, rate):
                setattr(module, rate, 0.0)
    return model


def tensors(y):
    return list(y) if isinstance(y, (list, tuple)) else [y]


def typed(value, dtype):
    if isinstance(value, (list, tuple)):
        return [typed(each, dtype) for each in value]
    return value.to(dtype) if value.is_floating_point() else value


def gradients(case, model, inputs, labels, dtype):
    model = copy.deepcopy(model).to(dtype)
    loss = case.loss(model(*typed(inputs, dtype)), typed(labels, dtype))
    loss.backward()
    return loss.item(), {name: parameter.grad.double() for name, parameter in model.named_parameters() if parameter.grad is not None}


def narrow(path, dtype):
    """What model.half() would export: CPUs have no kernels to trace it with."""
    assert dtype == torch.float16
    model = onnx.load(path)
    for tensor in model.graph.initializer:
        tensor.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(tensor).astype("float16"), tensor.name))
    for value in [*model.graph.input, *model.graph.output]:
        value.type.tensor_type.elem_type = onnx.TensorProto.FLOAT16
    onnx.save(model, path)


def trace(case, model, inputs, labels, outputs, folder, options):
    path, batches, output = (os.path.join(folder, name) for name in ("forward.onnx", "batches.onnx", "trace.onnx"))
    dynamo = {"dynamo": False} if "dynamo" in inspect.signature(torch.onnx.export).parameters else {}
    examples = case.inputs(options.export_batch)
    torch.onnx.export(copy.deepcopy(model), tuple(examples), path, training=torch.onnx.TrainingMode.TRAINING,
                      do_constant_folding=False, opset_version=case.opset or options.opset, input_names=[f"input{i}" for i in range(len(inputs))],
                      output_names=["output", *(f"output{i}" for i in range(1, outputs))], dynamic_axes=case.dynamic(len(inputs)), **dynamo)
    if case.dtype:
        narrow(path, case.dtype)
    own = tensors(labels)
    fed = {f"input{i}": value for i, value in enumerate([*inputs, *own[1:]])}
    fed["labels"] = own[0]
    stored = [numpy_helper.from_array(value.numpy(), f"batch0/{name}") for name, value in fed.items()]
    onnx.save(onnx.helper.make_model(onnx.helper.make_graph([], "batches", [], [], stored)), batches)
    command = ["dotnet", HOST, "trace", path, "--batches", batches, "--output", output, "--no-tract", "--optimizer", "sgd", "--lr", "0", *case.options]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return {tensor.name: torch.from_numpy(numpy_helper.to_array(tensor).copy()).double() for tensor in onnx.load(output).graph.initializer}


def draw(case, options):
    model, inputs = deterministic(case.build()).train(), case.inputs(options.batch)
    if case.dtype:
        model = model.to(case.dtype).float()  # weights that the exported type holds exactly
    with torch.no_grad():
        y = copy.deepcopy(model)(*inputs)
    first = tensors(y)[0]
    labels = case.labels(y) if case.labels else torch.randint(0, first.shape[1], (first.shape[0], *first.shape[2:]))
    return model, inputs, labels, len(tensors(y))


def compare(name, seed, options, folder):
    case = MODELS[name]
    torch.manual_seed(seed)
    model, inputs, labels, outputs = draw(case, options)
    loss, truth = gradients(case, model, inputs, labels, torch.float64)
    _, single = gradients(case, model, inputs, labels, torch.float32)
    traced = trace(case, model, inputs, labels, outputs, folder, options)
    largest = max(gradient.abs().max().item() for gradient in truth.values())
    worst, worst_single, bad = 0.0, 0.0, []
    for parameter, gradient in truth.items():
        scale = max(gradient.abs().max().item(), 1e-3 * largest)
        error = (traced["grad/" + parameter] - gradient).abs().max().item() / scale
        error_single = (single[parameter] - gradient).abs().max().item() / scale
        worst, worst_single = max(worst, error), max(worst_single, error_single)
        if not error <= max(1e-4, 10 * error_single):
            bad.append(parameter)
    here = traced["losses"][0].item()
    if min(worst, worst_single) > TIE and not bad:
        print(f"{name:28} seed {seed} tells nothing: float32 PyTorch itself deviates by {worst_single:.1e}", flush=True)
        return f"| {name} | | | {len(truth)} | undecided: {worst:.1e} | {worst_single:.1e} |\n"
    exceeded = f"; exceeded at {len(bad)} of seed {seed}: {', '.join(bad[:5])}" if bad else ""
    print(f"{name:28} loss {loss:.6f}, here {here:.6f}; {len(truth)} gradients, worst deviation {worst:.1e}{exceeded}", flush=True)
    return None if bad else f"| {name} | {loss:.6f} | {here:.6f} | {len(truth)} | {worst:.1e} | {worst_single:.1e} |\n"


def attempt(name, options, folder):
    undecided = None
    for i in range(SEEDS):
        try:
            row = compare(name, options.seed + i, options, folder)
        except Exception as error:  # one model that fails is a finding, the others are still of interest
            print(f"{name:28} {type(error).__name__}: {error}", flush=True)
            return None
        if row and "undecided" not in row:
            return row
        undecided = row or undecided
    return undecided


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help="all of: " + " ".join(MODELS))
    parser.add_argument("--opset", type=int, default=17)
    parser.add_argument("--export-batch", type=int, default=2)
    parser.add_argument("--batch", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", metavar="DIR", help="keep the files of the last model")
    parser.add_argument("--table", metavar="FILE", help="write the results as a table in Markdown")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        if chosen.keep:
            os.makedirs(chosen.keep, exist_ok=True)
        rows = {name: attempt(name, chosen, chosen.keep or temporary) for name in chosen.names or MODELS}
    if chosen.table:
        with open(chosen.table, "w", encoding="utf-8") as table:
            table.write(TABLE.format(count=len(rows), torch=torch.__version__, opset=chosen.opset))
            table.writelines(row or f"| {name} | failed | | | | |\n" for name, row in rows.items())
    failed = [name for name, row in rows.items() if not row]
    sys.exit(f"Failed: {', '.join(failed)}." if failed else 0)
