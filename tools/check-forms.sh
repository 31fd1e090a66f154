#!/bin/sh
# Runs the traces of the reference cases once with each formulation forced wherever it fits: tools/check-forms.sh [PART=FORM ...]
# Without arguments all formulations of all parts, as the program names them. Needs built tests (dotnet build TrAct.Onnx.sln -c Release).
set -u
cd "$(dirname "$0")/.." || exit 2
host=TrainingHost/bin/Release/net10.0/TrainingHost.dll
if [ $# -eq 0 ]; then
    # A name that does not exist is answered with those that do.
    set -- $(TRACT_FORMS='?' dotnet "$host" inspect models/lenet 2>&1 | grep -o '[A-Za-z]*=[A-Za-z0-9-]*' | grep -v '^?' | sort -u)
fi
[ $# -gt 0 ] || { echo "check-forms: the program names no formulations" >&2; exit 2; }
failed=''
for form in "$@"; do
    echo "== $form"
    output=$(TRACT_FORMS=$form dotnet test tests -c Release --no-build --filter FullyQualifiedName~TraceTests 2>&1) || failed="$failed $form"
    printf '%s\n' "$output" | grep -E '^  Failed|Passed!|Failed!'
done
[ -z "$failed" ] || { echo "check-forms: failed with$failed" >&2; exit 1; }
