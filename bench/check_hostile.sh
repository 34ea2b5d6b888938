#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# bench/check_hostile.sh [NAME…]
# Shapes that are made to be expensive: each must end within seconds and 600 MiB, with an
# exact answer or with UNKNOWN for the budget; a forbidden flow over walls of usual
# make must be exact. Prints one line per shape; exit 1 where a bound is broken.
set -euo pipefail
export LC_ALL=C
cd "$(dirname "$0")/.."
build=${TWINWALL_BUILD:-build}
cmake --build "$build" -t bench_speed >/dev/null
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
"$build/bench/gen_estate" "$dir"
bad=0

# estate NAME FLOW: one wall NAME.rules between two zones, and one flow.
estate() {
    mkdir -p "$dir/$1"
    cat >"$dir/$1/twinwall.yaml" <<YAML
version: 1
sites: { main: { traffic: 100% } }
walls: { w: { policy: ../$1.rules } }
zones:
  a: { networks: [10.0.0.0/9] }
  b: { networks: [10.128.0.0/9] }
paths: [ { from: a, to: b, walls: [ w ] } ]
services:
  s: { zone: a, sites: { main: [10.0.0.0/9] }, listen: [tcp/1] }
  t: { zone: b, sites: { main: [10.128.0.0/9] }, listen: [tcp/1] }
flows: [ $2 ]
YAML
}

# real NAME FLOW: the two walls of the benchmark, and one flow to a target of it.
real() {
    mkdir -p "$dir/$1"
    sed -e "s|wall-\([ab]\).rules|../&|" -e '/_csv/d' "$dir/twinwall.yaml" \
        >"$dir/$1/twinwall.yaml"
    cat >>"$dir/$1/twinwall.yaml" <<YAML
services:
  target00: { zone: lifangtong, sites: { main: [10.64.0.0/16] }, listen: [tcp/22] }
flows: [ $2 ]
YAML
}

# shape NAME: the body of a FORWARD program by awk, on stdin; chains are declared first.
shape() {
    { echo '*filter'; echo ':FORWARD DROP [0:0]'; cat; echo COMMIT; } >"$dir/$1.rules"
}

any='{ id: F, from: any, to: t, ports: [any], expect: deny }'
need='{ id: F, from: s, to: t, ports: [any] }'

# 10,000 sources that all enter a chain of 10,000 ports, 15 a rule.
awk 'BEGIN { print ":ports - [0:0]"
    for (i = 0; i < 10000; i++)
        printf "-A FORWARD -s 10.%d.%d.%d -j ports\n", i % 100, i / 100, 1 + i * 7 % 250
    for (i = 0; i < 667; i++) {
        printf "-A ports -p tcp -m multiport --dports %d", 1 + i * 90
        for (k = 1; k < 15; k++) printf ",%d", 1 + i * 90 + k * 6
        print " -j ACCEPT" } }' | shape multiport
estate multiport "$any"

# 100,000 rules over all fields.
awk 'BEGIN { srand(1)
    for (i = 0; i < 100000; i++)
        printf "-A FORWARD -s 10.%d.%d.0/%d -d 10.%d.%d.0/%d -p %s -m %s --dport %d:%d -j %s\n",
            rand() * 128, rand() * 256, 12 + rand() * 12, 128 + rand() * 128,
            rand() * 256, 12 + rand() * 12, (p = rand() < .7 ? "tcp" : "udp"), p,
            (d = int(rand() * 60000)), d + rand() * 5000,
            rand() < .5 ? "ACCEPT" : "DROP" }' | shape many
estate many "$any"
estate many-required "$need"
sed -i 's|many-required.rules|many.rules|' "$dir/many-required/twinwall.yaml"

# Pairs of addresses: the classes of one field see each a class of the next.
awk 'BEGIN { for (i = 0; i < 8000; i++)
    printf "-A FORWARD -s 10.0.%d.%d -d 10.128.%d.%d -j ACCEPT\n", i / 250, i % 250,
        i / 250, i % 250 }' | shape diagonal
estate diagonal "$any"

# Odd and even bits of the addresses: 2^20 classes where nothing joins.
awk 'BEGIN { for (b = 0; b < 10; b++) for (i = 0; i < 512; i++)
    printf "-A FORWARD -m iprange --src-range 10.0.%d.%d-10.0.%d.%d --dst-range 10.128.%d.%d-10.128.%d.%d -p tcp -m tcp --dport %d -j %s\n",
        i / 256, i % 256, (i + 2 ^ b) / 256, (i + 2 ^ b) % 256, (i * 7 % 512) / 256,
        i * 7 % 256, (i * 7 % 512 + 2 ^ b) / 256, (i * 7 + 2 ^ b) % 256, 1 + i * 13,
        (i + b) % 2 ? "ACCEPT" : "DROP" }' | shape tangle
estate tangle "$any"

# Each chain calls the next one twice: 2^60 ways, all of them without effect.
awk 'BEGIN { for (i = 0; i < 60; i++) printf ":c%d - [0:0]\n", i
    print "-A FORWARD -j c0"
    for (i = 0; i < 59; i++) printf "-A c%d -j c%d\n-A c%d -j c%d\n", i, i + 1, i, i + 1
    print "-A c59 -s 10.1.0.0/16 -d 10.128.1.1 -m mark --mark 0x1 -j ACCEPT" }' |
    shape calls
estate calls "$any"

# More conditions than can be tried out.
awk 'BEGIN { for (i = 0; i < 2000; i++)
    printf "-A FORWARD -m set --match-set s%d src -s 10.%d.0.0/16 -j %s\n", i, i % 128,
        i % 2 ? "ACCEPT" : "DROP" }' | shape sets
estate sets "$any"

real any '{ id: F, from: any, to: target00, ports: [any], expect: deny }'
real ssh '{ id: F, from: any, to: target00, ports: [tcp/22], expect: deny }'

names=${*:-multiport many many-required diagonal tangle calls sets any ssh}
for name in $names; do
    read -r us kib code < <("$build/bench/best_of" 1 60 "$build/bin/twinwall" check -q \
        "$dir/$name/twinwall.yaml")
    "$build/bin/twinwall" check -q "$dir/$name/twinwall.yaml" >"$dir/answer" || true
    printf '%-14s %7d ms %6d MiB  exit %d  %s\n' "$name" $((us / 1000)) $((kib / 1024)) \
        "$code" "$(tail -n 1 "$dir/answer")"
    { [ "$us" -lt 10000000 ] && [ "$kib" -lt 614400 ] && [ "$code" != 2 ] &&
        [ "$code" -lt 4 ]; } || bad=1
done
exit $bad
