#!/usr/bin/env python3
"""Makes GraphRewrite/Kernels/kernels-cpu.tsv from ONNX Runtime's docs/OperatorKernels.md: kernel-table.py OperatorKernels.md VERSION > kernels-cpu.tsv"""
import re
import sys

path, version = sys.argv[1:]
provider = domain = op = None
kernels = {}
for line in open(path, encoding="utf-8"):
    if match := re.match(r"## Operators implemented by (\w+)", line):
        provider = match[1]
    elif match := re.match(r"\|\*\*Operator Domain:\*\* \*([\w.]+)\*", line):
        domain = match[1]
    elif provider == "CPUExecutionProvider" and domain and len(cells := line.split("|")) >= 6:
        op = cells[1] or op
        opsets = re.findall(r"\[\d+, \d+\]|\d+\+|\d+", cells[3])
        kernels.setdefault((domain, op), []).extend(opsets)

print(f"# Kernels of the CPU provider, from docs/OperatorKernels.md of ONNX Runtime {version}; made by tools/kernel-table.py")
print("domain\top\topset")
for (domain, op), opsets in sorted(kernels.items()):
    for opset in opsets:
        print(f"{domain}\t{op}\t{opset}")
