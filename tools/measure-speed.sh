#!/usr/bin/env bash
# README's table of step times: for six models, a step without and with TrAct and PyTorch's of the same model, in turn, on this machine.
# Needs Debian's python3-torch, python3-torchvision, python3-onnx and libopenblas0-pthread. Usage: tools/measure-speed.sh [ROUNDS]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
python=/usr/bin/python3
rounds=${1:-21}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
dotnet build TrainingHost -c Release -v q -clp:NoSummary

row() { # model, batch, optimizer options of ours, of PyTorch's
    $python -W ignore tools/torch-step.py "$1" --export "$folder/$1.onnx" > /dev/null 2>&1
    # shellcheck disable=SC2086  # the options are split into words
    dotnet run --project TrainingHost -c Release --no-build -- bench "$folder/$1.onnx" --batch-size "$2" --rounds "$rounds" $3 --json \
        --peer "$python tools/torch-step.py $1 --batch-size $2 $4" > "$folder/$1.json"
    $python - "$1" "$2" "$folder/$1.json" << 'PYTHON'
import json, sys
name, batch, file = sys.argv[1:]
ms = {t["Name"]: t for t in json.load(open(file))["milliseconds"]}
plain, tract, peer = (ms[k]["Median"] for k in ("plain", "TrAct", "peer"))
print(f"| {name}, batch {batch} | {plain:.1f} | {tract:.1f} ({100 * (tract / plain - 1):+.1f} %) | {peer:.1f} | {peer / plain:.2f} | {ms['plain']['StartUp'] / 1000:.1f} |")
PYTHON
}

echo "| model | plain, ms | with TrAct, ms | PyTorch $($python -c 'import torch; print(torch.__version__)'), ms | PyTorch / plain | start-up, s |"
echo "| --- | --- | --- | --- | --- | --- |"
row mlp 128 "--optimizer adamw" ""
row lenet 128 "--optimizer adamw" ""
row resnet18 64 "--optimizer sgd --momentum 0.9" "--momentum 0.9"
row resnet18_stem7 16 "--optimizer sgd --momentum 0.9" "--momentum 0.9"
row vit 64 "--optimizer adamw" ""
row vit_p16 16 "--optimizer adamw" ""
