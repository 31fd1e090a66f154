#!/usr/bin/env bash
# Runs the bash blocks of docs/tutorial.md one after the other, as a reader would, in a folder of its own that is gone afterwards.
# tools/run-tutorial.sh      (build Release before)
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
ln -s "$root/models" "$root/tests" "$place"
cd "$place"

export root
T() { dotnet run --no-build --project "$root/TrainingHost" -c Release -- "$@"; }
export -f T

blocks=0
while IFS= read -r -d '' block; do
    printf '\n%s' "$block" | sed 's/^/$ /'
    eval "$block"
    blocks=$((blocks + 1))
done < <(awk '/^```bash$/ { inside = 1; next } /^```$/ { if (inside) printf "%c", 0; inside = 0 } inside' "$root/docs/tutorial.md")
printf '\n%d blocks ran\n' "$blocks"
[ "$blocks" -gt 0 ]
