#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# bench/check_generator.sh GEN_BILLS PYTHON [ROWS]
# The generator of bills gives the same bytes for the same arguments, others for another
# seed, and its truth is what an independent slow count finds in its dumps.
set -euo pipefail
export LC_ALL=C
here=$(cd "$(dirname "$0")" && pwd)
gen=$1 python=$2 rows=${3:-20000}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
bad=$((rows / 200))

make_dump() { "$gen" "$1" "$rows" "$bad" "$2" 4 >"$dir/$1" 2>"$dir/$1.json"; }

make_dump bills 7
mv "$dir/bills" "$dir/first"
make_dump bills 8
cmp -s "$dir/bills" "$dir/first" && {
    echo "two seeds give the same dump"
    exit 1
}
make_dump bills 7
cmp "$dir/bills" "$dir/first"
for mode in bills mysqldump hive jsonl people after; do
    [ "$mode" = bills ] || make_dump "$mode" 7
    before=()
    [ "$mode" = after ] && before=("$dir/bills")
    "$python" "$here/check_bills.py" "$mode" "$dir/$mode" "$dir/$mode.json" \
        ${before[@]+"${before[@]}"}
done
grep -q "\"affected\": $bad," "$dir/bills.json"
for arguments in "bills 0 0 1 4" "bills 5 6 1 4" "bills 5 1 1 301" "bills 5x 1 1 4" \
    "bill 5 1 1 4" "bills 5 1 1"; do
    # shellcheck disable=SC2086
    if "$gen" $arguments >"$dir/none" 2>&1; then
        echo "accepted: $arguments"
        exit 1
    fi
done
