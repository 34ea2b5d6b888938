#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# run_golden.sh PROGRAM CHECKER FOLDER: runs the command of one golden folder in a copy
# of it and holds what comes out against
#
#     cmd              the arguments, one line, words as a shell reads them
#     expected.exit    the exit code
#     expected.out     standard output
#     expected.err     standard error (no file: nothing is said about it)
#     expected.FILE    any file that the run leaves (expected.run.json: run.json)
#     claims           what the contract demands of the JSON, see check_golden.c
#
# BLESS=1 writes the expected streams and files anew; the exit code and the claims are
# written by hand.
set -euo pipefail
export LC_ALL=C
unset NO_COLOR || true
tw=$(realpath "$1") checker=$(realpath "$2") folder=$(realpath "$3")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
bad=0

fault() {
    echo "FAILED: ${folder##*/}: $*" >&2
    bad=1
}

# hold NAME FILE: FILE is what expected.NAME says.
hold() {
    if [ "${BLESS:-}" = 1 ]; then
        if [ "$1" != err ] || [ -s "$2" ]; then
            cp "$2" "$folder/expected.$1"
        else
            rm -f "$folder/expected.err"
        fi
    elif [ -e "$folder/expected.$1" ]; then
        diff -u "$folder/expected.$1" "$2" >&2 || fault "$1 differs"
    fi
}

cp -R "$folder" "$work/run"
cd "$work/run"
rm -f expected.*
eval "words=($(cat cmd))"

code=0
"$tw" "${words[@]}" >"$work/out" 2>"$work/err" </dev/null || code=$?
want=$(cat "$folder/expected.exit")
[ "$code" = "$want" ] || fault "exit $code, expected $want"
hold out "$work/out"
hold err "$work/err"
for file in "$folder"/expected.*; do
    name=${file##*/expected.}
    case $name in
    out | err | exit) ;;
    *) hold "$name" "$name" ;;
    esac
done

# The same run as JSON, held against the contract.
if [ "$want" != 2 ]; then
    "$tw" "${words[@]}" -o json:checked.json >/dev/null 2>&1 || true
    claims=()
    [ ! -e claims ] || claims=(claims)
    "$checker" checked.json twinwall.yaml "${claims[@]}" || fault "the JSON"
fi
if [ "$want" = 2 ] && [ -s "$work/out" ]; then
    fault "an answer in spite of an error"
fi
exit "$bad"
