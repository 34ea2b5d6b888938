#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Holds the product against the Linux kernel: what the engine says about a packet at two
# walls, and what the kernel does with it there.
#
#   sh kernel_agreement.sh FOLDER TWINWALL
#
# FOLDER holds kernel_oracle, boundary_probes, wall_predictor, random_rules,
# check_witnesses and plan_wall. Compared are verdict, blocking wall and the fate of the
# answer, for the twin of the bundled incident whose walls both are iptables rules, for
# every witness of its check and of the incident's own, for generated rule sets, and for
# each iptables-save file under $TWINWALL_CORPUS where that is set.
# $TWINWALL_SEEDS: how many pairs of generated rule sets (12).
#
# Exit codes: 0 agreed; 1 some packet did not, or too few were compared; 77 this
# machine does not allow it.

here=$(cd "$(dirname "$0")" && pwd)
folder=$1
twinwall=$2
seeds=${TWINWALL_SEEDS:-12}
if [ ! -x "$folder/wall_predictor" ] || [ ! -x "$twinwall" ]; then
    echo "usage: $0 FOLDER TWINWALL" >&2
    exit 2
fi
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
cd "$work" || exit 2
compared4=0
compared6=0
undecided=0
disagreements=0
failures=0

# Reads lines "PROBE WANTED PROBE ANSWER"; prints the first ten that differ, then the
# numbers of packets compared (IPv4, IPv6), undecided, different. "?" fits everything;
# so does the answer to a request that did not arrive.
comparison='
{
    half = NF / 2
    want = $half
    got = $NF
    for (i = 1; i < half; i++)
        if ($i != $(half + i))
            different = want = "another probe"
    if (substr(got, 1, 1) == "M")
        next
    first = substr(want, 1, 1)
    second = substr(want, 2, 1)
    answer = substr(got, 2, 1)
    if (first == "?" && (second == "?" || answer == "-")) {
        open++
        next
    }
    $1 == 4 ? four++ : six++
    if ((first != "?" && first != substr(got, 1, 1)) ||
        (second != "?" && second != answer && (first != "?" || answer != "-"))) {
        if (++wrong <= 10) {
            line = $1
            for (i = 2; i < half; i++)
                line = line " " $i
            print "    " line ": expected " want ", the kernel says " got > "/dev/stderr"
        }
    }
}
END { print four + 0, six + 0, open + 0, wrong + 0 }'

# compare NAME: files expected and answered.
compare() {
    if [ "$(wc -l <expected)" -ne "$(wc -l <answered)" ]; then
        echo "FAILED: $1: answers are missing"
        failures=$((failures + 1))
        return
    fi
    paste -d ' ' expected answered | awk "$comparison" >counts 2>differences
    read -r four six open wrong <counts
    echo "$1: $((four + six)) packets compared, $open undecided, $wrong disagreements"
    cat differences
    compared4=$((compared4 + four))
    compared6=$((compared6 + six))
    undecided=$((undecided + open))
    disagreements=$((disagreements + wrong))
}

# agree NAME INTERFACES WALL-OPTIONS...: the probes of the file probes.
agree() {
    name=$1
    ifaces=$2
    shift 2
    "$folder/wall_predictor" --two-way --ifaces "$ifaces" "$@" probes \
        >expected 2>said &
    # shellcheck disable=SC2086
    "$folder/kernel_oracle" $mode --two-way --ifaces "$ifaces" "$@" probes \
        >answered 2>errors
    asked=$?
    wait $!
    predicted=$?
    if [ $asked -ne 0 ] || [ $predicted -ne 0 ]; then
        echo "FAILED: $name: kernel_oracle $asked, wall_predictor $predicted"
        head -n 10 said errors
        failures=$((failures + 1))
        return
    fi
    compare "$name"
}

# witnesses ESTATE FROM TO WALL_A WALL_B INTERFACES: what check says of the incident; a
# wall that is "-" is none of those that the kernel holds.
witnesses() {
    estate=$1
    shift
    if ! "$folder/check_witnesses" "demo/$estate" "$1" "$2" "$3" "$4" \
        >expected 2>errors; then
        echo "FAILED: witnesses of $estate from $1 to $2"
        cat errors
        failures=$((failures + 1))
        return
    fi
    sed 's/ [^ ]*$//' expected >probes
    set -- "$1" "$2" "demo/policy/$3.rules" "demo/policy/$4.rules" "$5"
    [ -f "$3" ] || set -- "$1" "$2" all-pass "$4" "$5"
    [ -f "$4" ] || set -- "$1" "$2" "$3" all-pass "$5"
    # shellcheck disable=SC2086
    if ! "$folder/kernel_oracle" $mode --two-way --ifaces "$5" --wall-a "$3" \
        --wall-b "$4" probes >answered 2>errors; then
        echo "FAILED: the kernel and the witnesses of $estate from $1 to $2"
        cat errors
        failures=$((failures + 1))
        return
    fi
    compare "witnesses of $estate from $1 to $2"
}

check_incident() {
    if ! "$twinwall" demo demo >/dev/null; then
        echo 'FAILED: the bundled incident cannot be written'
        failures=$((failures + 1))
        return
    fi
    if ! sh "$here/twin_estate.sh" "$folder/plan_wall" demo; then
        failures=$((failures + 1))
        return
    fi
    jinfu=demo/policy/jinfu-fw.rules
    lft=demo/policy/lft-fw.rules
    "$folder/boundary_probes" $jinfu $lft --random 20000 >probes
    agree 'the incident, there' eth0,eth1,eth0,eth1 --wall-a $jinfu --wall-b $lft
    "$folder/boundary_probes" $jinfu $lft --src-zone 10.64.0.0/12 \
        --dst-zone 10.16.0.0/12 --random 20000 --seed 2 --repeat 2 >probes
    agree 'the incident, back' eth1,eth0,eth1,eth0 --wall-a $lft --wall-b $jinfu
    witnesses twin.yaml jinfu lifangtong jinfu-fw lft-fw eth0,eth1,eth0,eth1
    witnesses twin.yaml lifangtong jinfu lft-fw jinfu-fw eth1,eth0,eth1,eth0
    witnesses twinwall.yaml jinfu lifangtong - lft-fw eth0,eth1,eth0,eth1
    witnesses twinwall.yaml lifangtong jinfu lft-fw - eth1,eth0,eth1,eth0
    witnesses twinwall.yaml lifangtong channels lft-fw - eth1,eth2,eth0,eth1
    witnesses twinwall.yaml channels lifangtong lft-fw - eth2,eth1,eth0,eth1
}

check_generated() {
    pair=1
    while [ $pair -le "$seeds" ]; do
        for wall in a b; do
            seed=$((2 * pair))
            [ $wall = b ] && seed=$((seed + 1))
            "$folder/random_rules" $seed >$wall
            "$folder/random_rules" -6 $seed >${wall}6
        done
        "$folder/boundary_probes" -4 a b -6 a6 b6 --random 2000 --seed $pair >probes
        agree "generated pair $pair" eth0,eth1,eth0,eth1 --wall-a a --wall-a6 a6 \
            --wall-b b --wall-b6 b6
        pair=$((pair + 1))
    done
}

# Two interface names that the rules of FILE speak of, so that they are reached.
interfaces_of() {
    {
        sed -n 's/^.*-A FORWARD .*-i \([^ !+]\{1,15\}\) .*$/\1/p' "$1"
        sed -n 's/^.*-A FORWARD .*-o \([^ !+]\{1,15\}\) .*$/\1/p' "$1"
        sed -n 's/^.* -[io] \([^ !+]\{1,15\}\) .*$/\1/p' "$1"
        printf 'eth0\neth1\n'
    } | grep -vx lo | awk '!seen[$0]++' | head -n 2 | tr '\n' ' '
}

# The file `file`, made from $path.
check_file() {
    family=
    grep -qE '^# Generated by ip6tables|-p (ipv6-)?icmpv?6' file &&
        ! grep -q '^# Generated by iptables' file && family=6
    "$folder/wall_predictor" "--wall-a$family" file /dev/null >/dev/null 2>said
    case $? in
    0) ;;
    *) echo "$path: refused: $(grep -m 1 error said)" && return ;;
    esac
    # shellcheck disable=SC2086
    if ! "$folder/kernel_oracle" $mode "--wall-a$family" file /dev/null \
        >/dev/null 2>errors; then
        echo "$path: read, but the kernel does not load it: $(head -n 1 errors)"
        return
    fi
    names=$(interfaces_of file)
    in=${names%% *}
    out=${names#* }
    out=${out%% *}
    "$folder/boundary_probes" "-${family:-4}" file --repeat 3 --random 3000 >probes
    agree "$path, wall A" "$in,$out,eth0,eth1" "--wall-a$family" file
    agree "$path, both walls" "$in,$out,$out,$in" "--wall-a$family" file \
        "--wall-b$family" file
}

# Hardware addresses that were made unreadable are replaced: nothing would load.
check_corpus() {
    find "$TWINWALL_CORPUS" -type f | sort >corpus
    while read -r path; do
        grep -qE '^\*(filter|nat|mangle|raw)' "$path" || continue
        sed 's/\(..:\)\{0,1\}XX:XX\(:XX\)*/02:00:00:00:00:01/g' "$path" >file
        check_file
    done <corpus
}

printf '*filter\n:FORWARD ACCEPT [0:0]\nCOMMIT\n' >all-pass
mode=
for mode in '' -u; do
    # shellcheck disable=SC2086
    "$folder/kernel_oracle" $mode --wall-a all-pass /dev/null >/dev/null 2>errors
    usable=$?
    [ $usable -eq 77 ] || break
done
if [ $usable -ne 0 ]; then
    cat errors
    [ $usable -eq 77 ] && exit 77
    exit 1
fi
check_incident
check_generated
[ -n "$TWINWALL_CORPUS" ] && check_corpus
compared=$((compared4 + compared6))
echo "$compared packets compared ($compared4 IPv4, $compared6 IPv6)," \
    "$undecided undecided, $disagreements disagreements, $failures failures"
if [ "$seeds" -ge 12 ] && [ $compared -lt 300000 ]; then
    echo 'FAILED: fewer than 300000 packets were compared'
    exit 1
fi
[ $disagreements -eq 0 ] && [ $failures -eq 0 ]
