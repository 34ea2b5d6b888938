#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# check_twin.sh TWINWALL PLAN_WALL
# One wall in two forms: the bundled incident, whose jinfu-fw is a PAN-OS export, and its
# twin, where the same calls are let through by iptables rules. The verdict of each pair
# of rooms of each flow, each exposure and the new room's readiness must be the same.
set -eu
LC_ALL=C
export LC_ALL
here=$(cd "$(dirname "$0")" && pwd)
twinwall=$1
plan_wall=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT INT TERM
"$twinwall" demo "$work/demo" >/dev/null
sh "$here/twin_estate.sh" "$plan_wall" "$work/demo"

# answers ESTATE OUT: what the check says apart from the walls' own words.
answers() {
    code=0
    "$twinwall" check -q --site dr -o json "$work/demo/$1" >"$work/json" || code=$?
    [ "$code" -eq 1 ] || { echo "FAILED: $1: exit code $code, expected 1"; exit 1; }
    grep -oE '"(id|verdict|exposure|exposure_max|from_site|to_site|ready|services|service|open|partial|blocked|unknown|closed|leaks)": *("[^"]*"|[0-9]+)' \
        "$work/json" | grep -v '"id": *"TW' >"$2"
}
answers twinwall.yaml "$work/incident"
answers twin.yaml "$work/twin"
diff "$work/incident" "$work/twin" >"$work/diff" || {
    echo "FAILED: the two forms of jinfu-fw are answered differently"
    head -n 20 "$work/diff"
    exit 1
}
count=$(grep -c '"verdict"' "$work/incident")
[ "$count" -ge 1500 ] || { echo "FAILED: only $count verdicts were compared"; exit 1; }
echo "$count verdicts agree"
