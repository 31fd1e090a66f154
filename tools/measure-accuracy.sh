#!/usr/bin/env bash
# Test accuracy of models/lenet on the embedded data with and without TrAct, three seeds each: the table in README.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
dotnet build TrainingHost -c Release -v q -clp:NoSummary
runs=$(mktemp -d)
trap 'rm -rf "$runs"' EXIT
printf '| seed | with TrAct | without |\n| --- | --- | --- |\n'
for seed in 1 2 3; do
    printf '| %d ' "$seed"
    for option in "" --no-tract; do
        # shellcheck disable=SC2086  # no option is no word
        dotnet run --project TrainingHost -c Release --no-build -- train --model models/lenet --epochs 10 --validation 0 --seed "$seed" $option --output "$runs/$seed$option" |
            sed -n 's/^Test accuracy \([0-9.]* %\).*/| \1 /p' | tr -d '\n'
    done
    printf '|\n'
done
