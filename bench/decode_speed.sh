#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# How long decompressing in process takes against the tools that do nothing else.
#
#     bench/decode_speed.sh [FILE.csv]
#
# Without FILE a dump of 8,000,000 rows is generated. Least time of eight runs in turn;
# goal: a ratio of at most 1.0. Needs igzip (package isal) and zstd.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
build=${TWINWALL_BUILD:-$here/../build}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT INT TERM
file=${1:-$dir/bills.csv}
if [ $# -lt 1 ]; then
    python3 "$here/impact_dump.py" 8000000 6131 >"$file"
fi
cmake --build "$build" --target decode_speed best_of >/dev/null
gzip -6 -c "$file" >"$dir/bills.csv.gz"
zstd -3 -q -c "$file" >"$dir/bills.csv.zst"

# least COMMAND…: microseconds and KiB of the quicker of two runs
least() {
    "$build/bench/best_of" 2 600 "$@"
}

bad=0
compare() {
    ours=999999999999 theirs=999999999999 memory=0
    for _ in 1 2 3 4; do
        # shellcheck disable=SC2046
        set -- "$1" "$2" $(least "$build/bench/decode_speed" "$1") \
            $(least "$2" -dc "$1")
        [ "$3" -ge "$ours" ] || { ours=$3 memory=$4; }
        [ "$6" -ge "$theirs" ] || theirs=$6
    done
    echo "$2: $theirs us, in process: $ours us, $memory KiB," \
        "ratio $((ours * 100 / theirs)) %"
    [ "$ours" -le "$theirs" ] || bad=1
}
compare "$dir/bills.csv.gz" igzip
compare "$dir/bills.csv.zst" zstd
exit $bad
