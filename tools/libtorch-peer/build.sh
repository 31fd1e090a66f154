#!/usr/bin/env bash
# Builds the peer into a folder (0.5 GB, most of it libtorch): tools/libtorch-peer/build.sh FOLDER, then FOLDER/peer MODEL BATCH [MOMENTUM].
set -euo pipefail
[ $# -eq 1 ] || { echo "usage: build.sh FOLDER" >&2; exit 2; }
here=$(dirname "${BASH_SOURCE[0]}")
dotnet build "$here" -c Release -v q -clp:NoSummary -o "$1"
"$here/weaken-version.py" "$1/libLibTorchSharp.so" GLIBCXX_3.4.32
