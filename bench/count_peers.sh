#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# bench/count_peers.sh [OPTION…]
# `twinwall impact` against the programs that people count with, in paired rounds on one
# machine; every answer is held against the truth. bench/README.md tells what rows mean.
#
#   --jobs J1,J2,J3,J4,J5,dumps,hostile   which (default all)
#   --sizes small,big             small: the incident's 1,496,160 rows; big: 16,000,000
#   --rows N, --small-rows N      other sizes
#   --rounds N                    default 5
#   --hostile                     the job hostile alone: files made to be miscounted
#   --no-install                  take the peers that are there
#   --keep                        write what is printed to bench/RESULTS.md as well
#
# TWINWALL_BUILD (build): where the program is built; TWINWALL_PEERS (BUILD/peers): where
# peers are installed; TWINWALL_BENCH_DATA (BUILD/bench-data): the dumps, 6 GB for big.
# Nothing is written elsewhere. Exit 1 where an answer of ours is wrong.
set -euo pipefail
export LC_ALL=C.UTF-8 PYTHONDONTWRITEBYTECODE=1
cd "$(dirname "$0")/.."
build=${TWINWALL_BUILD:-build}
peers=${TWINWALL_PEERS:-$build/peers}
data=${TWINWALL_BENCH_DATA:-$build/bench-data}
jobs=J1,J2,J3,J4,J5,dumps,hostile sizes=small,big rounds=5 rows=16000000 small_rows=1496160
install=1 keep=0
while [ $# -gt 0 ]; do
    case $1 in
    --jobs) jobs=$2 && shift 2 ;;
    --sizes) sizes=$2 && shift 2 ;;
    --rounds) rounds=$2 && shift 2 ;;
    --rows) rows=$2 && shift 2 ;;
    --small-rows) small_rows=$2 && shift 2 ;;
    --no-install) install=0 && shift ;;
    --hostile) jobs=hostile && shift ;;
    --keep) keep=1 && shift ;;
    *)
        sed -n '3,20s/^# \{0,1\}//p' "$0" >&2
        exit 2
        ;;
    esac
done
mkdir -p "$peers" "$data"
peers=$(realpath "$peers") data=$(realpath "$data")
say() { echo "count_peers: $*" >&2; }

# Programs of Debian that the machine lacks, unpacked and not installed.
debian_peer() {
    local program=$1 package=$2
    if command -v "$program" >/dev/null || ! command -v apt-get >/dev/null; then return; fi
    say "fetching $package"
    (
        mkdir -p "$peers/debian" && cd "$peers/debian"
        apt-get download "$package" >/dev/null 2>&1 && dpkg -x "$package"_*.deb .
    ) || say "no $package to be had"
}

install_peers() {
    local pair
    for pair in rg:ripgrep igzip:isal pigz:pigz zstd:zstd mlr:miller sqlite3:sqlite3 \
        mawk:mawk gawk:gawk; do
        debian_peer "${pair%%:*}" "${pair##*:}"
    done
    if [ ! -x "$peers/venv/bin/python" ]; then
        python3 -m venv "$peers/venv" || return 0
    fi
    for pair in duckdb chdb; do
        "$peers/venv/bin/python" -c "import $pair" 2>/dev/null && continue
        say "fetching $pair"
        "$peers/venv/bin/pip" install --quiet --disable-pip-version-check "$pair" ||
            say "no $pair to be had"
    done
}

# make_dump MODE ROWS BAD DATES NAME: the dump and its truth, if they are not there.
make_dump() {
    local stamp="$1 $2 $3 $4 $(cksum <"$build/bench/gen_bills")"
    if [ "$(cat "$data/$5.stamp" 2>/dev/null)" != "$stamp" ]; then
        say "generating $5"
        rm -f "$data/$5" "$data/$5".*
        "$build/bench/gen_bills" "$1" "$2" "$3" 1 "$4" >"$data/$5" 2>"$data/$5.json"
        echo "$stamp" >"$data/$5.stamp"
    fi
}

# One gzip stream, as a dump's is.
pack() {
    if [ ! -e "$data/$1.gz" ]; then
        say "packing $1"
        if command -v pigz >/dev/null; then
            pigz -6 -p2 -c "$data/$1" >"$data/part"
        else
            gzip -6 -c "$data/$1" >"$data/part"
        fi
        mv "$data/part" "$data/$1.gz"
    fi
    if [ ! -e "$data/$1.zst" ] && command -v zstd >/dev/null; then
        zstd -q -3 -T2 -c "$data/$1" >"$data/part"
        mv "$data/part" "$data/$1.zst"
    fi
}

has() { case ",$1," in *",$2,"*) return 0 ;; *) return 1 ;; esac }

make_data() {
    local size
    for size in small big; do
        has "$sizes" "$size" || continue
        if [ "$size" = small ]; then
            make_dump bills "$small_rows" "$((small_rows * 6131 / 1496160))" 4 small.csv
        else
            make_dump bills "$rows" "$((rows * 65566 / 16000000))" 30 big.csv
        fi
        if has "$jobs" J4; then pack "$size.csv"; fi
    done
    has "$sizes" small || return 0
    local bad=$((small_rows * 6131 / 1496160)) form
    if has "$jobs" J3; then
        make_dump people "$small_rows" "$((small_rows * 2452 / 1496160))" 1 people.csv
    fi
    if has "$jobs" J5; then make_dump after "$small_rows" "$bad" 4 after.csv; fi
    if has "$jobs" dumps; then
        for form in mysqldump hive jsonl; do
            make_dump "$form" "$small_rows" "$bad" 4 "small.$form"
        done
    fi
}

version() {
    if command -v "$1" >/dev/null; then
        printf -- '- %s: %s\n' "$1" "$({ "$@" 2>&1 || true; } | grep -m 1 . || true)"
    else
        printf -- '- %s: not there\n' "$1"
    fi
}

describe() {
    local package
    echo "- processor: $(lscpu | sed -n 's/^Model name: *//p'), $(nproc) cores," \
        "$(lscpu | sed -n 's/^L2 cache: */L2 /p'), $(lscpu | sed -n 's/^L3 cache: */L3 /p')," \
        "$(grep -ow -e avx2 -e avx512f -e avx512_vbmi2 -e pclmulqdq -e gfni /proc/cpuinfo |
            sort -u | tr '\n' ' ')"
    echo "- memory: $(awk '/MemTotal/ { printf "%.0f GiB", $2 / 1048576 }' /proc/meminfo)," \
        "kernel $(uname -r), load $(cut -d' ' -f1-3 /proc/loadavg) when the run began"
    echo "- twinwall: $("$build/bin/twinwall" version | head -n 1)," \
        "$(git describe --always --dirty 2>/dev/null || echo 'no repository')," \
        "$(sed -n 's/^CMAKE_BUILD_TYPE:.*=//p' "$build/CMakeCache.txt")," \
        "$("$(sed -n 's/^CMAKE_C_COMPILER:.*=//p' "$build/CMakeCache.txt")" --version |
            head -n 1)"
    for package in duckdb chdb chdb-core; do
        echo "- $package: $("$peers/venv/bin/pip" show "$package" 2>/dev/null |
            sed -n 's/^Version: //p' | grep . || echo 'not there')"
    done
    version wc --version
    version rg --version
    version grep --version
    version mawk -W version
    version gawk --version
    version mlr --version
    version sqlite3 --version
    version igzip --version
    version pigz --version
    version gzip --version
    version zstd --version
    version zsv version
}

main() {
    local code=0
    export PATH="$PATH:$peers/debian/usr/bin"
    cmake --build "$build" -t bench_count >/dev/null
    if [ "$install" = 1 ]; then install_peers; fi
    echo "## The machine and the programs"
    echo
    describe
    echo
    local counts=",$jobs,"
    counts=${counts//,hostile,/,} && counts=${counts#,} && counts=${counts%,}
    if [ -n "$counts" ]; then
        make_data
        echo "## Runs"
        echo
        echo "$(date -u +%F), $rounds rounds, sizes $sizes; small is $small_rows records," \
            "big $rows."
        echo
        python3 bench/count_peers.py --peers "$peers" --data "$data" --jobs "$counts" \
            --sizes "$sizes" --rounds "$rounds" --twinwall "$build/bin/twinwall" \
            --timed-run "$build/bench/timed_run" || code=1
    fi
    if has "$jobs" hostile; then
        python3 bench/count_hostile.py --peers "$peers" --data "$data/hostile" \
            --twinwall "$build/bin/twinwall" || code=1
    fi
    echo "Load when the run ended: $(cut -d' ' -f1-3 /proc/loadavg) on $(nproc) cores; times" \
        "of a machine that is busy with other things are worth little, ratios a little more."
    return "$code"
}

if [ "$keep" = 1 ]; then
    code=0
    kept=$(mktemp)
    trap 'rm -f "$kept"' EXIT
    main | tee "$kept" || code=1
    {
        echo "<!-- written by bench/count_peers.sh --keep; bench/README.md explains it -->"
        echo "# Counting: kept results of one run"
        echo
        cat "$kept"
    } >bench/RESULTS.md
    exit "$code"
fi
main
