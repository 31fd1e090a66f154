#!/usr/bin/env bash
# Lines of the tracked C# files by their width in characters: fails where one is above 160, and counts those above the 150 of .editorconfig.
# tools/check-width.sh
# tools/check-width.sh 150     fails above 150, to find them
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

limit=${1:-160}
# grep counts characters, not bytes, in a UTF-8 locale.
export LC_ALL=C.UTF-8

wider_than() { # columns, pathspec …
    git ls-files -z "${@:2}" | xargs -0 grep -HnE "^.{$(($1 + 1)),}" || true
}

count() { # pathspec …
    wider_than 150 "$@" | wc -l
}

printf 'lines above 150 columns: %d in the product, %d in tests\n' "$(count '*.cs' ':!tests')" "$(count 'tests/*.cs')"
too_wide=$(wider_than "$limit" '*.cs')
[ -z "$too_wide" ] || { printf '%s\n' "$too_wide" | cut -c 1-160; printf 'lines above %d columns: %d\n' "$limit" "$(wc -l <<< "$too_wide")"; exit 1; }
