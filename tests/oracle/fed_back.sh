#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# fed_back.sh POLICY_PRINT FIXTURES [RULES…]
# Every iptables fixture that the kernel takes is loaded and saved again, and what the
# kernel's tool prints must be read as the same policy; saved once more, it prints itself.
# Exit code 77 where network namespaces are not allowed.
set -eu
LC_ALL=C
export LC_ALL
print=$1
fixtures=$2
shift 2
PATH=$PATH:/usr/sbin:/sbin
for tool in iptables-nft-restore iptables-nft-save; do
    command -v "$tool" >/dev/null || { echo "skipped: $tool is not installed"; exit 77; }
done
if unshare -n true 2>/dev/null; then alone="unshare -n"
elif unshare -Urn true 2>/dev/null; then alone="unshare -Urn"
else echo "skipped: network namespaces are not allowed here"; exit 77; fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT INT TERM

# saved FILE OUT: loads FILE into a fresh namespace and prints what the kernel holds.
saved() {
    $alone sh -c 'iptables-nft-restore <"$1" 2>"$3" && iptables-nft-save >"$2"' \
        - "$1" "$2" "$work/why"
}
# The rules and the chains that deny: without counters and the words of conditions, which
# the tool respells, in a fixed order of tables, and without the empty chains and the
# policies that it adds.
plain() {
    sed -n -e 's/?[0-9]*{[^}]*}/?/g' -e 's/ \[[0-9]*:[0-9]*\]//' -e '/#policy /d' \
        -e '/^  /p' -e '/^chain .* base deny/p' "$1" | sort >"$2"
}
count=0
failed=0
for file in "$fixtures"/*.in "$@"; do
    name=$(basename "$file" .in)
    case $name in refused*) continue ;; esac
    "$print" "$file" >"$work/first.raw" || continue
    grep -q '^ip6 ' "$work/first.raw" && continue # both families in one file
    saved "$file" "$work/saved" || continue       # a module that this kernel lacks
    "$print" "$work/saved" >"$work/second.raw"
    plain "$work/first.raw" "$work/first"
    plain "$work/second.raw" "$work/second"
    # iptables saves an address list as one rule for each address.
    if grep -qE -- ' -[sd] [^ ]*,' "$file"; then continue; fi
    if ! diff "$work/first" "$work/second" >"$work/diff"; then
        echo "FAILED: $name is another policy once the kernel has printed it"
        head -n 12 "$work/diff"
        failed=1
    fi
    saved "$work/saved" "$work/again"
    grep -v '^#' "$work/saved" >"$work/a"
    grep -v '^#' "$work/again" >"$work/b"
    cmp -s "$work/a" "$work/b" || { echo "FAILED: $name does not print itself"; failed=1; }
    count=$((count + 1))
done
echo "$count rule sets fed back"
[ "$count" -ge 3 ] || { echo "FAILED: too few"; failed=1; }
exit "$failed"
