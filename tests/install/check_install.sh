#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# check_install.sh CMAKE BUILD SOURCE CC VERSION: what is installed is complete, and a
# stranger's project builds against it, by CMake package and by pkg-config.
set -euo pipefail
export LC_ALL=C
cmake=$1 build=$2 source=$3 cc=$4 version=$5 generator=$6
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$cmake" --install "$build" --prefix "$work/usr" >/dev/null

for file in bin/twinwall share/man/man1/twinwall.1 \
    share/bash-completion/completions/twinwall share/zsh/site-functions/_twinwall \
    share/fish/vendor_completions.d/twinwall.fish include/twinwall/diag.h \
    include/twinwall/diag.def share/twinwall/twinwall-policy.rng; do
    [ -s "$work/usr/$file" ] || { echo "missing: $file" >&2; exit 1; }
done
[ "$("$work/usr/bin/twinwall" version)" = "twinwall $version" ]
grep -rqF "$source" "$work/usr/include" "$work/usr/share" &&
    { echo "an installed file names the source folder" >&2; exit 1; }

expect="twinwall $version: 10.0.0.7"
"$cmake" -S "$source/tests/consumer" -B "$work/consumer" -G "$generator" \
    -DCMAKE_PREFIX_PATH="$work/usr" -DCMAKE_C_COMPILER="$cc" >/dev/null
"$cmake" --build "$work/consumer" >/dev/null
[ "$("$work/consumer/consumer")" = "$expect" ]

pc=$(dirname "$(find "$work/usr" -name twinwall.pc)")
flags=$(PKG_CONFIG_PATH=$pc pkg-config --cflags --libs twinwall)
# shellcheck disable=SC2086
"$cc" -std=gnu11 -o "$work/by_pkg_config" "$source/tests/consumer/consumer.c" $flags
[ "$("$work/by_pkg_config")" = "$expect" ]
echo "installed and used: $expect"
