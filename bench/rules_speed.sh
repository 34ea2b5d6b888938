#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# bench/rules_speed.sh [COUNT…]
# How long the verdicts on all rules of a policy take, and how much memory the whole
# process: rule sets of our own (gen_rules), and where TWINWALL_CLASSBENCH names a folder
# of ClassBench filters (*.rules.gz), those. Least time of three runs. A yardstick is run
# on the same rules where TWINWALL_YARDSTICK names one: a program that is called with a
# file of boxes and the letter p, and prints "total=SECONDSs" and "hash=…"; the ratio of
# the times and whether the verdicts agree are printed. Exit 1 above 64 MiB, or where
# verdicts differ. Counts: 10000 and 100000.
set -euo pipefail
export LC_ALL=C
cd "$(dirname "$0")/.."
build=${TWINWALL_BUILD:-build}
cmake --build "$build" -t bench_rules >/dev/null
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
failed=0

# The words behind NAME in a line of "name value name value …".
field() { awk -v name="$1" '{ for (i = 1; i < NF; i++) if ($i == name) print $(i + 1) }'; }

# The least of three runs of a command, by the number that the rest of the line sums up.
measure() {
    local name=$1 dump=$2 boxes=$3 best="" line sum run
    for run in 1 2 3; do
        line=$("$build/bench/rules_verdicts" "$dump")
        sum=$(echo "$line" | awk '{ print $6 + $8 }')
        if [ -z "$best" ] || awk -v a="$sum" -v b="$best" 'BEGIN { exit !(a < b) }'; then
            best=$sum
        fi
    done
    printf '%-14s %6s rules  %7.1f ms  %5.1f MiB  dead %s partly %s live %s undecided %s  %s' \
        "$name" "$(echo "$line" | field rules)" "$best" "$(echo "$line" | field rss)" \
        "$(echo "$line" | field dead)" "$(echo "$line" | field partly)" \
        "$(echo "$line" | field live)" "$(echo "$line" | field undecided)" \
        "$(echo "$line" | field hash)"
    awk -v m="$(echo "$line" | field rss)" 'BEGIN { exit !(m > 64) }' && failed=1
    if [ -n "${TWINWALL_YARDSTICK:-}" ]; then
        local theirs="" out seconds
        for run in 1 2 3; do
            out=$("$TWINWALL_YARDSTICK" "$boxes" p)
            seconds=$(echo "$out" | sed -n 's/.*total=\([0-9.]*\)s.*/\1/p')
            if [ -z "$theirs" ] ||
                awk -v a="$seconds" -v b="$theirs" 'BEGIN { exit !(a < b) }'; then
                theirs=$seconds
            fi
        done
        printf '  yardstick %.1f ms, ratio %.2f' "$(awk -v t="$theirs" 'BEGIN { print t * 1000 }')" \
            "$(awk -v a="$best" -v b="$theirs" 'BEGIN { print a / (b * 1000) }')"
        if [ "$(echo "$out" | sed -n 's/.*hash=\([0-9a-f]*\).*/\1/p')" = \
            "$(echo "$line" | field hash)" ]; then
            printf ', same verdicts'
        else
            printf ', OTHER VERDICTS'
            failed=1
        fi
    fi
    echo
}

for count in "${@:-10000 100000}"; do
    for n in $count; do
        for shape in acl fw ipc; do
            "$build/bench/gen_rules" "$shape" "$n" 1 "$dir/dump" "$dir/boxes"
            measure "$shape" "$dir/dump" "$dir/boxes"
        done
    done
done
if [ -n "${TWINWALL_CLASSBENCH:-}" ]; then
    for file in "$TWINWALL_CLASSBENCH"/*.rules.gz; do
        python3 bench/classbench_rules.py "$file" "$dir/dump" "$dir/boxes"
        measure "$(basename "$file" .rules.gz)" "$dir/dump" "$dir/boxes"
    done
fi
exit "$failed"
