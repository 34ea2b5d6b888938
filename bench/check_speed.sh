#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# bench/check_speed.sh [RULES [SEED [SITES]]]
# How long `check` of two walls with 2,520 flows takes, as a ratio to the time that
# reading both policies takes: best of 5 each, in one run. Exit 1 above 3.0.
set -euo pipefail
export LC_ALL=C
cd "$(dirname "$0")/.."
build=${TWINWALL_BUILD:-build}
cmake --build "$build" -t bench_speed >/dev/null
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
"$build/bench/gen_estate" "$dir" "${1:-20000}" "${2:-1}" "${3:-1}"

read -r parse parse_kib code < <("$build/bench/best_of" 5 120 "$build/bench/parse_only" \
    "$dir/wall-a.rules" "$dir/wall-b.rules")
[ "$code" = 0 ] || { echo "check_speed: reading ended with $code" >&2; exit 1; }
read -r check check_kib code < <("$build/bench/best_of" 5 120 "$build/bin/twinwall" \
    check -q "$dir/twinwall.yaml")
[ "$code" -le 1 ] || { echo "check_speed: check ended with $code" >&2; exit 1; }

"$build/bin/twinwall" check -q "$dir/twinwall.yaml" >"$dir/answer" || true
tail -n 1 "$dir/answer"
awk -v p="$parse" -v pk="$parse_kib" -v c="$check" -v ck="$check_kib" 'BEGIN {
    printf "reading both policies  %8.1f ms  %6.1f MiB\n", p / 1000, pk / 1024
    printf "check                  %8.1f ms  %6.1f MiB\n", c / 1000, ck / 1024
    printf "ratio                  %8.2f     (goal: at most 3.00)\n", c / p
    exit c > 3 * p
}'
