#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# check_registry.sh TWINWALL SOURCE
# Walks the registries: each entry must have what makes it whole, so that a half-finished
# one cannot land.
#   formats   a fixture that is read, one that is refused, a section in docs/formats.md,
#             a seed for the fuzzer
#   dumps     a fixture that is counted (fixtures/impact), a mention in docs/impact.md
#   detectors a section in docs/detectors.md; vectors, or for the ones that are part of
#             the grammar itself, a fixture that is counted
#   reports   a mention in docs/cli.md
set -eu
LC_ALL=C
export LC_ALL
twinwall=$1
source=$2
failed=0
missing() {
    echo "$1: $2" >&2
    failed=1
}
# The names of `twinwall list WHAT`: the first column between header and total.
names() {
    "$twinwall" list "$1" | sed '1d;$d' | sed 's/ .*//'
}
some() {
    for file; do
        if [ -e "$file" ]; then return 0; fi
    done
    return 1
}

count=0
for name in $(names formats); do
    count=$((count + 1))
    folder=$source/fixtures/policies/$name
    some "$folder"/*.ok || missing "$name" "no fixture that is read"
    some "$folder"/refused*.diag || missing "$name" "no fixture that is refused"
    grep -qx "## $name" "$source/docs/formats.md" ||
        missing "$name" "no section in docs/formats.md"
    some "$source/tests/fuzz/seeds_policy/$name"* || missing "$name" "no fuzz seed"
done
for name in $(names dumps); do
    count=$((count + 1))
    grep -qi -- "$name" "$source/docs/impact.md" ||
        missing "$name" "not in docs/impact.md"
    some "$source"/fixtures/impact/*/*."$name" || missing "$name" "no fixture"
done
for name in $(names detectors); do
    count=$((count + 1))
    grep -qx "## $name" "$source/docs/detectors.md" ||
        missing "$name" "no section in docs/detectors.md"
    case $name in
    null) words="is null" ;;
    marker) words="has marker" ;;
    regular-expression) words=" ~ /" ;;
    *) words=" $name" ;;
    esac
    grep -q -- "$words" "$source"/fixtures/impact/*/cmd || missing "$name" "no fixture"
    case $name in
    null | marker | regular-expression) ;;
    *)
        some "$source/fixtures/detectors/$name.tsv" || missing "$name" "no vectors"
        ;;
    esac
done
for name in $(names reports); do
    count=$((count + 1))
    grep -q "\`$name\`" "$source/docs/cli.md" || missing "$name" "not in docs/cli.md"
done
[ "$count" -ge 6 ] || missing registries "only $count entries were found"
exit "$failed"
