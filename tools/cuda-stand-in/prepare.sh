#!/usr/bin/env bash
# The program on ONNX Runtime's CUDA package, and stand-ins for the CUDA libraries: what the tests of the category Cuda need.
# prepare.sh      fills artifacts/cuda/program and artifacts/cuda/libraries     (needs gcc, binutils, python3)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
out=artifacts/cuda
dotnet publish TrainingHost -c Release -p:OrtFlavor=Gpu --artifacts-path "$out/build" --output "$out/program" -p:UseAppHost=false -p:RunAnalyzers=false
provider=$(find "$out/program" -name libonnxruntime_providers_cuda.so -path '*linux-x64*' | head -1)
tools/cuda-stand-in/build.sh "${provider:-$out/program/libonnxruntime_providers_cuda.so}" "$out/libraries"
rm -rf "$out/build"
