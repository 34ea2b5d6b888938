#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# check_readme.sh TWINWALL README
# Runs every "$ twinwall …" of the README inside the bundled incident and holds its output
# against the lines below it; a line "…" stands for any number of lines.
set -eu
LC_ALL=C
export LC_ALL
twinwall=$1
readme=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT INT TERM
"$twinwall" demo "$work/incident" >/dev/null
awk -v out="$work" '
    /^```/ { inside = !inside; if (inside) { n++; first = 1 } next }
    inside && first && sub(/^\$ twinwall /, "") {
        print > (out "/" n ".cmd"); shown[n] = 1; first = 0; next
    }
    inside && shown[n] { print > (out "/" n ".want") }
    inside { first = 0 }' "$readme"
failed=0
count=0
for cmd in "$work"/*.cmd; do
    count=$((count + 1))
    base=${cmd%.cmd}
    (cd "$work/incident" && eval "\"$twinwall\" -q $(cat "$cmd")") >"$base.got" || true
    awk '
        NR == FNR { want[++w] = $0; next }
        { got[++g] = $0 }
        END {
            i = 1; gap = 0
            for (j = 1; j <= g; j++) {
                while (want[i] == "…") { gap = 1; i++ }
                if (i <= w && want[i] == got[j]) { i++; gap = 0 }
                else if (!gap) { print "not in the README: " got[j]; exit 1 }
            }
            while (i <= w && want[i] == "…") i++
            if (i <= w) { print "not printed: " want[i]; exit 1 }
        }' "$base.want" "$base.got" || {
        echo "README: \$ twinwall $(cat "$cmd")"
        failed=1
    }
done
[ "$count" -ge 2 ] || { echo "the README shows no command"; exit 1; }
exit "$failed"
