#!/usr/bin/env bash
# Seconds and peak memory of every verb on the models of tools/make-scale-models.py: tools/measure-scale.sh MODELS [MODEL …]
# (unary, parameters, weights). One line a verb: model, verb, seconds, peak memory in MB, and for weights the factor of the model's size.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
program=TrainingHost/bin/Release/net10.0/TrainingHost
models=$(realpath "$1")
shift
[ $# -gt 0 ] || set -- unary parameters weights
dotnet build TrainingHost -c Release > /dev/null
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

measure() { # model, verb, arguments …
    local name=$1 verb=$2 code=0 began size factor=""
    shift 2
    began=$(date +%s.%N)
    timeout "${LIMIT:-600}" /usr/bin/time -f %M -o "$out/memory" "$program" "$@" > "$out/stdout" 2> "$out/stderr" || code=$?
    local seconds memory
    seconds=$(awk "BEGIN { printf \"%.1f\", $(date +%s.%N) - $began }")
    memory=$(($(tail -1 "$out/memory" | grep -x '[0-9]*' || echo 0) / 1000)) # 0 where it was ended
    if [ "$name" = weights ]; then
        size=$(($(stat -c %s "$models/$name.data") / 1000000))
        factor=$(awk "BEGIN { printf \"%.1f\", $memory / $size }")
    fi
    printf '%-11s %-14s %8s s %8s MB %5s  %s\n' "$name" "$verb" "$seconds" "$memory" "$factor" "$([ $code = 0 ] || head -c 150 "$out/stderr")"
}

for model in "$@"; do
    file=$models/$model.onnx
    rm -rf "$out/a" "$out/t" "$out/run" "$out/adamw"
    measure "$model" inspect inspect "$file"
    measure "$model" artifacts artifacts "$file" --output "$out/a"
    measure "$model" "inspect folder" inspect "$out/a"
    measure "$model" rewrite rewrite "$out/a" --output "$out/t"
    measure "$model" lower lower "$out/a" --output "$out/step.onnx"
    measure "$model" gradient gradient "$file" --wrt x --output "$out/g.onnx"
    measure "$model" verify verify "$out/a" "$out/t"
    measure "$model" "train sgd" train "$file" --data synthetic --steps 1 --batch-size 8 --optimizer sgd --output "$out/run"
    measure "$model" "train adamw" train "$file" --data synthetic --steps 1 --batch-size 8 --output "$out/adamw"
    measure "$model" "resume adamw" train --resume "$out/adamw" --steps 2
    rm -rf "$out/run" "$out/adamw" "$out/step.onnx" "$out/step.init.onnx" "$out"/*.data
done
