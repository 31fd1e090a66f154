#!/usr/bin/env bash
# Stand-ins for the CUDA libraries that ONNX Runtime's CUDA provider needs: with them the real provider loads, builds sessions, places nodes, allocates and
# copies on a machine without a GPU. "Device memory" is host memory, copies are copies, kernels do nothing: values mean nothing, all around them is real.
# build.sh …/libonnxruntime_providers_cuda.so OUT_DIR     then run with LD_LIBRARY_PATH=OUT_DIR     (needs gcc, binutils, python3)
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
provider=$1
out=$2
mkdir -p "$out"
objdump -T "$provider" | awk '/\*UND\*/{for(i=1;i<=NF;i++) if($i ~ /^\(libcu/) print $i, $NF}' | tr -d '()' | sort -u > "$out/symbols.txt"
strings "$provider" | grep -E '^cudnn[A-Z][A-Za-z0-9_]+$' | sort -u | sed 's/^/libcudnn.so /' >> "$out/symbols.txt"
python3 - "$here" "$out" <<'P'
import re, sys
here, out = sys.argv[1:]
libraries = {}
for line in open(f'{out}/symbols.txt'):
    library, symbol = line.split()
    libraries.setdefault(library, []).append(symbol)
for library, symbols in libraries.items():
    name = 'cudart' if 'cudart' in library else 'cudnn' if 'cudnn' in library else 'cublas'
    source = open(f'{here}/{name}.c').read()
    if 'cublasLt' in library: source = source.split('/* cublas only */')[0]
    written = set(re.findall(r'(\w+)\s*\(', source)) | set(re.findall(r'CREATES\((\w+)\)', source))
    missing = '\n'.join(f'int {symbol}() {{ return 0; }}' for symbol in symbols if symbol not in written)
    open(f'{out}/{library}.c', 'w').write(f'{source}\n{missing}\n')
    open(f'{out}/{library}.map', 'w').write(f'{library} {{ global: *; }};\n')
P
for library in libcudart.so.13 libcublas.so.13 libcublasLt.so.13 libcudnn.so; do
    gcc -w -shared -fPIC -Wl,-soname,$library -Wl,--version-script="$out/$library.map" -o "$out/$library" "$out/$library.c"
done
ln -sf libcudnn.so "$out/libcudnn.so.9"
echo 'int curandCreate(){return 0;}' | gcc -shared -fPIC -x c -Wl,-soname,libcurand.so.10 -o "$out/libcurand.so.10" -
echo 'int cuTensorMapEncodeTiled(){return 0;} int cuInit(){return 0;}' | gcc -shared -fPIC -x c -Wl,-soname,libcuda.so.1 -o "$out/libcuda.so.1" -
rm -f "$out"/*.c "$out"/*.map
