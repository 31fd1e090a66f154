#!/usr/bin/env bash
# What the program writes, as one sorted list of hashes: run it with two builds and compare the lists.
#
#   dotnet build TrainingHost -c Release -o /tmp/before        (at the old commit)
#   tools/hash-outputs.sh /tmp/before/TrainingHost > before.txt
#   dotnet build TrainingHost -c Release -o /tmp/after         (at the new one)
#   tools/hash-outputs.sh /tmp/after/TrainingHost > after.txt
#   diff before.txt after.txt
#
# Every case of tests/cases, every export of tests/exports and models/: artifacts, gradient, rewrite, lower (of plain and rewritten artifacts, with and without a batch size,
# for CUDA too) and trace (on one thread, so that the numbers are the same ones). A line: hash, file; where a verb refuses: its exit code.
set -euo pipefail
[ $# -eq 1 ] || { echo "usage: $0 PROGRAM" >&2; exit 2; }
program=$(realpath "$1")
cd "$(dirname "${BASH_SOURCE[0]}")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

run() { # label, output, verb and arguments …
    local label=$1 output=$2 code=0
    "$program" "${@:3}" --output "$output" > /dev/null 2>&1 || code=$?
    if [ $code -ne 0 ]; then
        echo "exit code $code  $label"
        return
    fi
    local file
    for file in $(find "$(dirname "$output")" -path "$output*" -o -path "${output%.onnx}.init.onnx" | sort); do
        [ -f "$file" ] && echo "$(sha256sum < "$file" | cut -d' ' -f1)  $label${file#"${output%.onnx}"}"
    done
    return 0
}

forward() { # label, model
    local out=$work/$1
    mkdir -p "$out"
    run "$1 artifacts adamw" "$out/artifacts" artifacts "$2"
    run "$1 artifacts sgd, mse, frozen bn" "$out/artifacts-sgd" artifacts "$2" --optimizer sgd --loss mse --bn frozen
    run "$1 gradient" "$out/gradient.onnx" gradient "$2" --wrt '*'
    run "$1 gradient of cross-entropy" "$out/gradient-loss.onnx" gradient "$2" --wrt '*' --loss cross-entropy
    folder "$1 made" "$out/artifacts"
    rm -rf "$out"
}

folder() { # label, folder of artifacts
    [ -f "$2/checkpoint" ] || return 0
    local out=$work/${1// /-}-folder # no space: find lists files by words
    mkdir -p "$out"
    run "$1 rewrite" "$out/rewritten" rewrite "$2"
    run "$1 lower" "$out/step.onnx" lower "$2"
    run "$1 lower batch 8, sgd" "$out/step-8.onnx" lower "$2" --batch-size 8 --optimizer sgd --momentum 0.9 --seed 3
    if [ -d "$out/rewritten" ]; then
        run "$1 lower rewritten" "$out/rewritten.onnx" lower "$out/rewritten"
        run "$1 lower rewritten, cuda" "$out/cuda.onnx" lower "$out/rewritten" --device cuda --batch-size 8
    fi
    rm -rf "$out"
}

case_() { # folder of a case
    local name=${1#tests/cases/} out=$work/${1#tests/cases/}-trace
    mkdir -p "$out"
    forward "$name" "$1/forward.onnx"
    if [ -f "$1/training_model.onnx" ]; then folder "$name genuine" "$1"; fi
    if [ -f "$1/truth.onnx" ]; then
        run "$name trace" "$out/trace.onnx" trace "$1/forward.onnx" --batches "$1/truth.onnx" --threads 1
        run "$name trace plain" "$out/trace-plain.onnx" trace "$1/forward.onnx" --batches "$1/truth.onnx" --threads 1 --no-tract --optimizer sgd
    fi
    rm -rf "$out"
}

one() {
    case $1 in
        tests/cases/*) case_ "$1" ;;
        *) forward "$(basename "$1" .onnx)" "$1" ;;
    esac
}

export program work
export -f run forward folder case_ one
find tests/cases -mindepth 1 -maxdepth 1 -type d | cat - <(find tests/exports models -maxdepth 2 -name '*.onnx' ! -path 'models/lenet/*') | sort \
    | xargs -P "$(nproc)" -I{} bash -c 'one "{}"' | LC_ALL=C sort -k2
