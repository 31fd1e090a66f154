#!/usr/bin/env python3
"""Makes GraphRewrite/Serialization/Validation/operators.tsv from ONNX's docs/Changelog.md: operator-table.py Changelog.md VERSION > operators.tsv

One line an operator and version: name, opset, inputs, outputs, attributes. A letter for each input and output: r required, o optional, v variadic,
V variadic of at least one. Attributes are name:type, with ! where required. Versions that opset 11 no longer sees, and those that change no signature, are left out."""
import re
import sys

OLDEST = 11
TYPES = {"int": "INT", "float": "FLOAT", "string": "STRING", "tensor": "TENSOR", "graph": "GRAPH", "sparse_tensor": "SPARSE_TENSOR",
         "type_proto": "TYPE_PROTO", "list of ints": "INTS", "list of floats": "FLOATS", "list of strings": "STRINGS"}

path, version = sys.argv[1:]
rows = {}
name = opset = section = None
for line in open(path, encoding="utf-8"):
    if match := re.match(r'### <a name="([\w.]+)-(\d+)"></a>', line):
        name, opset, section = match[1], int(match[2]), None
        if "." not in name:
            rows.setdefault(name, {})[opset] = {"Inputs": "", "Outputs": "", "Attributes": []}
    elif match := re.match(r"#### (Inputs|Outputs|Attributes|Type Constraints|Version|Examples)(?: \((\d+) - )?", line):
        section, least = match[1], int(match[2] or 0)
    elif name in rows and section in ("Inputs", "Outputs") and (match := re.match(r"<dt><tt>[^<]*</tt>(?: \(([^)]*)\))? :", line)):
        kinds = match[1] or ""
        row = rows[name][opset]
        row[section] += ("V" if least > len(row[section]) else "v") if "variadic" in kinds else "o" if "optional" in kinds else "r"
    elif name in rows and section == "Attributes" and (match := re.match(r"<dt><tt>([^<]*)</tt> : ([\w ]+?)(?: \(([^)]*)\))?</dt>", line)):
        kind = TYPES.get(match[2])
        if kind:
            rows[name][opset]["Attributes"].append(f"{match[1]}:{kind}{'!' if match[3] == 'required' else ''}")

print(f"# Signatures of ONNX's operators, from docs/Changelog.md of ONNX {version}; made by tools/operator-table.py")
print("operator\topset\tinputs\toutputs\tattributes")
for name, versions in sorted(rows.items()):
    seen = [opset for opset in sorted(versions) if opset <= OLDEST][-1:] + [opset for opset in sorted(versions) if opset > OLDEST]
    before = None
    for opset in seen:
        row = versions[opset]
        signature = f"{row['Inputs']}\t{row['Outputs']}\t{','.join(row['Attributes'])}"
        if row["Outputs"] and signature != before:
            print(f"{name}\t{opset}\t{signature}")
        before = signature
