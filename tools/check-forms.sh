#!/usr/bin/env bash
# Runs the traces of the reference cases with each formulation forced wherever it fits: tools/check-forms.sh [PART=FORM[,PART=FORM …] …]
# Without arguments every formulation that the program names is forced once: a round takes the next one of every part.
# Needs built tests (dotnet build TrAct.Onnx.sln -c Release).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
host=TrainingHost/bin/Release/net10.0/TrainingHost.dll

# A name that does not exist is answered with those that do.
formulations() {
    { TRACT_FORMS='?' dotnet "$host" inspect models/lenet 2>&1 || true; } | grep -o '[A-Za-z]*=[A-Za-z0-9-]*' | sort -u
}

rounds() {
    awk -F= '
        { of[$1, n[$1]++] = $0; if (n[$1] > most) most = n[$1] }
        END {
            for (round = 0; round < most; round++) {
                line = ""
                for (part in n) line = line (line == "" ? "" : ",") of[part, round % n[part]]
                print line
            }
        }'
}

if [ $# -eq 0 ]; then
    mapfile -t given < <(formulations | rounds)
    set -- "${given[@]}"
fi
[ $# -gt 0 ] || { echo "check-forms: the program names no formulations" >&2; exit 2; }
failed=()
for forms in "$@"; do
    printf '== %s\n' "$forms"
    output=$(TRACT_FORMS=$forms dotnet test tests -c Release --no-build --filter FullyQualifiedName~TraceTests 2>&1) || failed+=("$forms")
    grep -E '^  Failed|Passed!|Failed!' <<< "$output" || true
done
[ ${#failed[@]} -eq 0 ] || { printf 'check-forms: failed with %s\n' "${failed[@]}" >&2; exit 1; }
