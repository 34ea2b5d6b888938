#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# check_arm64.sh SOURCE [ROUNDS]: makes neon_structure.c for arm64 with a cross compiler
# and runs it in an emulator; 77 where one of the two is missing.
set -eu
source=$1
cc=${TWINWALL_ARM64_CC:-aarch64-linux-gnu-gcc}
for emulator in qemu-aarch64-static qemu-aarch64 none; do
    if command -v "$emulator" >/dev/null; then break; fi
done
if ! command -v "$cc" >/dev/null || [ "$emulator" = none ]; then
    echo "skipped: $cc or qemu-aarch64 is not installed"
    exit 77
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT INT TERM
base=$source/base
scan=$source/postmortem/scan
"$cc" -std=gnu11 -D_GNU_SOURCE -O2 -static -Wall -Wextra -Wconversion -Werror \
    -I"$base" -I"$source/postmortem/marker" -I"$scan" -I"$source/tests/unit" \
    -o "$work/neon_structure" "$source/tests/arm64/neon_structure.c" \
    "$base/arena.c" "$base/buf.c" "$base/str.c" "$base/text.c" "$base/vec.c" \
    "$source/postmortem/marker/needles.c" "$scan/needle_filter.c" \
    "$scan/scan_avx2.c" "$scan/scan_avx512.c" "$scan/scan_neon.c" "$scan/scan_plain.c"
"$emulator" "$work/neon_structure" "${2:-2000}"
