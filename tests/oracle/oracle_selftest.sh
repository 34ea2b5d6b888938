#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The oracle against tiny walls whose answers are known by hand.
#   oracle_selftest.sh KERNEL_ORACLE BOUNDARY_PROBES
# Exit codes: 0 all as expected, 1 not, 77 skipped (no namespaces here).
set -u

oracle=$(realpath "$1") || exit 1
boundary=$(realpath "$2") || exit 1
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
failures=0
checks=0
mode=

# expect NAME OPTIONS: the last column of "probes" must be the lines of "expected"
# (read from standard input as "ANSWER PROBE").
expect() {
    name=$1
    shift
    cat >cases
    sed 's/^[^ ]* //' cases >probes
    sed 's/ .*//' cases >expected
    checks=$((checks + 1))
    # shellcheck disable=SC2086
    "$oracle" $mode "$@" probes >results 2>errors
    code=$?
    sed 's/.* //' results >answers
    if [ $code -ne 0 ] || ! cmp -s expected answers; then
        failures=$((failures + 1))
        echo "FAILED: $name ($mode, exit code $code)"
        cat errors
        paste -d ' ' expected results | sed 's/^/  expected /'
    fi
}

# expect_code CODE NAME OPTIONS: only the exit code counts; stdout must stay empty.
expect_code() {
    wanted=$1
    name=$2
    shift 2
    checks=$((checks + 1))
    # shellcheck disable=SC2086
    "$oracle" $mode "$@" >results 2>errors
    code=$?
    if [ $code -ne "$wanted" ] || [ -s results ] || [ ! -s errors ]; then
        failures=$((failures + 1))
        echo "FAILED: $name ($mode): exit code $code, expected $wanted"
        cat errors
    fi
}

require() {
    checks=$((checks + 1))
    if ! eval "$2"; then
        failures=$((failures + 1))
        echo "FAILED: $1"
    fi
}

wall() { # wall FILE POLICY, rules from standard input
    {
        echo '*filter'
        echo ":FORWARD $2 [0:0]"
        cat
        echo COMMIT
    } >"$1"
}

make_walls() {
    wall a ACCEPT <<'.'
:WEB - [0:0]
-A FORWARD -s 10.1.0.0/16 -j DROP
-A FORWARD -p udp -m udp --dport 53 -j REJECT --reject-with icmp-port-unreachable
-A FORWARD -p tcp -m tcp --dport 25 -j REJECT --reject-with tcp-reset
-A FORWARD -p icmp -m icmp --icmp-type 8 -d 10.99.0.1/32 -j REJECT
-A FORWARD -p tcp -m multiport --dports 80,443 -j WEB
-A WEB -s 10.2.0.0/24 -j RETURN
-A WEB -j DROP
.
    wall b DROP <<'.'
-A FORWARD ! -s 10.2.0.9/32 -p tcp -m tcp --dport 80:90 -j ACCEPT
-A FORWARD -p udp -m udp ! --dport 60 --sport 1000:2000 -j ACCEPT
-A FORWARD -p icmp -m icmp --icmp-type 8/0 -j ACCEPT
-A FORWARD -p tcp -m tcp --dport 443 -j REJECT
-A FORWARD -p 47 -j ACCEPT
-A FORWARD -p sctp -m sctp --dport 7 -j ACCEPT
-A FORWARD -p tcp -m tcp --tcp-flags SYN,ACK ACK --dport 99 -j ACCEPT
.
    wall a6 ACCEPT <<'.'
-A FORWARD -s 2001:db8:1::/48 -j DROP
-A FORWARD -p tcp -m tcp --dport 25 -j REJECT --reject-with tcp-reset
-A FORWARD -p udp -m udp --dport 53 -j REJECT
.
    wall b6 DROP <<'.'
-A FORWARD ! -d 2001:db8:9::/48 -p tcp -m tcp --dport 80 -j ACCEPT
-A FORWARD -p ipv6-icmp -m icmp6 --icmpv6-type 128 -j ACCEPT
.
    wall stateful DROP <<'.'
-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A FORWARD -i eth0 -o eth1 -m conntrack --ctstate NEW -j ACCEPT
.
    wall new-only DROP <<'.'
-A FORWARD -m conntrack --ctstate NEW -j ACCEPT
.
    wall no-answers ACCEPT <<'.'
-A FORWARD -p tcp -m tcp --sport 80 -j DROP
-A FORWARD -p icmp -m icmp --icmp-type 0 -j REJECT
-A FORWARD -p udp -m udp --sport 53 -j REJECT --reject-with icmp-port-unreachable
.
    wall names DROP <<'.'
-A FORWARD -i eth1.108 -o bond0 -p tcp -j ACCEPT
-A FORWARD -i bond0 -o eth1.108 -p udp -j ACCEPT
.
    wall broken ACCEPT <<'.'
-A FORWARD -s 10.0.0.0/8 -j NO_SUCH_CHAIN
.
    printf '%s\n' '*nat' ':PREROUTING ACCEPT [0:0]' ':POSTROUTING ACCEPT [0:0]' \
        '-A PREROUTING -d 10.7.7.7/32 -p tcp -j DNAT --to-destination 10.8.8.8:81' \
        COMMIT >dnat
    printf '%s\n' '*mangle' ':PREROUTING ACCEPT [0:0]' \
        '-A PREROUTING -p udp -m udp --dport 7 -j DROP' COMMIT >mangle
    printf '%s\n' '*raw' ':PREROUTING ACCEPT [0:0]' \
        '-A PREROUTING -p tcp -m tcp --dport 7 -j CT --notrack' COMMIT \
        '*filter' ':FORWARD ACCEPT [0:0]' \
        '-A FORWARD -m conntrack --ctstate UNTRACKED -j DROP' COMMIT >raw
    printf '%s\n' 'create hosts hash:ip' 'add hosts 10.5.5.5' >sets
    wall with-set ACCEPT <<'.'
-A FORWARD -m set --match-set hosts src -j DROP
.
}

check_walls() {
    expect 'each wall stops what it should' --wall-a a --wall-b b <<'.'
A 4 10.1.0.1 10.64.0.1 6 50000 80
P 4 10.2.0.1 10.64.0.1 6 50000 80
A 4 10.3.0.1 10.64.0.1 6 50000 80
B 4 10.2.0.9 10.64.0.1 6 50000 80
P 4 10.2.0.9 10.64.0.1 6 50000 99 A
B 4 10.2.0.9 10.64.0.1 6 50000 99 S
P 4 10.2.0.8 10.64.0.1 6 50000 90
B 4 10.2.0.8 10.64.0.1 6 50000 91
B 4 10.2.0.8 10.64.0.1 6 50000 79
A 4 10.2.0.8 10.64.0.1 6 50000 25
B 4 10.2.0.8 10.64.0.1 6 50000 443
A 4 10.2.0.8 10.64.0.1 17 1000 53
P 4 10.2.0.8 10.64.0.1 17 1000 61
B 4 10.2.0.8 10.64.0.1 17 999 61
P 4 10.2.0.8 10.64.0.1 17 2000 59
B 4 10.2.0.8 10.64.0.1 17 1000 60
P 4 10.2.0.8 10.64.0.1 1 8 0
B 4 10.2.0.8 10.64.0.1 1 8 1
A 4 10.2.0.8 10.99.0.1 1 8 0
B 4 10.2.0.8 10.64.0.1 1 13 0
P 4 10.2.0.8 10.64.0.1 47 0 0
B 4 10.2.0.8 10.64.0.1 50 0 0
P 4 10.2.0.8 10.64.0.1 132 9 7
B 4 10.2.0.8 10.64.0.1 132 9 8
M 4 127.0.0.1 10.64.0.1 6 1 80
M 4 10.2.0.8 224.0.0.5 89 0 0
.
    expect 'IPv6 walls do too' --wall-a6 a6 --wall-b6 b6 <<'.'
A 6 2001:db8:1::5 2001:db8:8::1 6 50000 80
P 6 2001:db8:2::5 2001:db8:8::1 6 50000 80
B 6 2001:db8:2::5 2001:db8:9::1 6 50000 80
A 6 2001:db8:2::5 2001:db8:8::1 6 50000 25
A 6 2001:db8:2::5 2001:db8:8::1 17 50000 53
B 6 2001:db8:2::5 2001:db8:8::1 17 50000 54
P 6 2001:db8:2::5 2001:db8:8::1 58 128 0
B 6 2001:db8:2::5 2001:db8:8::1 58 129 0
P 4 10.1.0.1 10.64.0.1 6 50000 25
M 6 fe80::1 2001:db8:8::1 6 50000 80
M 6 2001:db8:2::5 ff0e::1 17 50000 80
.
    expect 'open walls let everything through' <<'.'
P 4 10.1.0.1 10.64.0.1 6 0 0 -
P 4 10.1.0.1 10.64.0.1 136 5 6
P 4 10.1.0.1 10.64.0.1 33 5 6
P 4 0.1.2.3 255.1.2.3 254 0 0
P 4 169.254.0.1 192.0.0.8 17 5 6
P 6 fec0::1 2002:a01:1::1 59 0 0
P 6 fd00::1 64:ff9b::1 58 135 0
.
    expect 'rules see the given interface names' --wall-a names \
        --ifaces eth1.108,bond0,bond0,eth1.108 --wall-b names <<'.'
B 4 10.1.0.1 10.64.0.1 6 50000 80
A 4 10.1.0.1 10.64.0.1 17 50000 80
.
    expect 'tables before the filter count' --wall-a mangle --wall-b raw <<'.'
A 4 10.1.0.1 10.64.0.1 17 50000 7
P 4 10.1.0.1 10.64.0.1 17 50000 8
B 4 10.1.0.1 10.64.0.1 6 50000 7
P 4 10.1.0.1 10.64.0.1 6 50000 8
.
}

check_states() {
    expect 'every probe is the first of its connection' --wall-a new-only \
        --wall-b new-only --rounds 3 <<'.'
P 4 10.1.0.1 10.64.0.1 6 50000 80 S
P 4 10.1.0.1 10.64.0.1 6 50000 80 A
P 4 10.64.0.1 10.1.0.1 6 80 50000 S
P 4 10.1.0.1 10.64.0.1 6 50000 80 S
A 4 10.64.0.1 10.1.0.1 6 80 50000 SA
A 4 10.1.0.1 10.64.0.1 6 50000 80 R
P 4 10.1.0.1 10.64.0.1 17 5 6
P 4 10.64.0.1 10.1.0.1 17 6 5
P 4 10.1.0.1 10.64.0.1 132 5 6
P 4 10.1.0.1 10.64.0.1 47 0 0
P 4 10.64.0.1 10.1.0.1 47 0 0
A 4 10.1.0.1 10.64.0.1 1 0 0
.
    expect 'walls that keep state let the answers back' --two-way \
        --wall-a stateful --wall-a6 stateful --wall-b stateful --wall-b6 stateful <<'.'
Po 4 10.1.0.1 10.64.0.1 6 50000 80 S
Po 4 10.1.0.1 10.64.0.1 6 50000 80 A
Po 4 10.64.0.1 10.1.0.1 6 80 50000 S
Po 4 10.1.0.1 10.64.0.1 17 50000 53
Po 4 10.1.0.1 10.64.0.1 1 8 0
Po 4 10.1.0.1 10.64.0.1 1 13 0
A- 4 10.1.0.1 10.64.0.1 1 3 0
Po 4 10.1.0.1 10.64.0.1 132 5 6
Po 4 10.1.0.1 10.64.0.1 47 0 0
Po 6 2001:db8::1 2001:db8:1::1 6 50000 80
Po 6 2001:db8::1 2001:db8:1::1 17 50000 80
Po 6 2001:db8::1 2001:db8:1::1 58 128 0
M- 4 127.0.0.1 10.64.0.1 1 3 0
.
    expect 'an answer can be stopped by wall A' --two-way --wall-a no-answers <<'.'
PR 4 10.1.0.1 10.64.0.1 6 50000 80
Po 4 10.1.0.1 10.64.0.1 6 50000 81
PR 4 10.1.0.1 10.64.0.1 1 8 0
PR 4 10.1.0.1 10.64.0.1 17 50000 53
P- 4 10.1.0.1 10.64.0.1 1 3 1
.
    expect 'or by wall B' --two-way --wall-b no-answers --wall-a stateful <<'.'
Pr 4 10.1.0.1 10.64.0.1 6 50000 80
Po 4 10.1.0.1 10.64.0.1 6 50000 81
Pr 4 10.1.0.1 10.64.0.1 1 8 0
Pr 4 10.1.0.1 10.64.0.1 17 50000 53
.
    expect 'a wall that knows no state stops answers' --two-way --wall-b new-only <<'.'
Pr 4 10.1.0.1 10.64.0.1 6 50000 80
Pr 4 10.1.0.1 10.64.0.1 17 50000 80
.
    expect 'a translated packet has passed' --two-way --wall-a dnat --wall-b a <<'.'
Po 4 10.2.0.1 10.7.7.7 6 50000 82
Po 4 10.2.0.1 10.7.7.7 6 50000 25
B- 4 10.2.0.1 10.7.7.6 6 50000 25
.
}

check_refusals() {
    echo '4 10.1.0.1 10.2.0.1 6 1 2' >probes
    expect_code 3 'a rule set that does not load is fatal' --wall-a broken probes
    expect_code 3 'at wall B too' --wall-a a --wall-b broken probes
    expect_code 3 'a missing rule set is fatal' --wall-a no-such-file probes
    printf '# nothing here\n' >empty
    expect_code 3 'a rule set without a table is fatal' --wall-a empty probes
    printf '*filter\n:FORWARD DROP [0:0]\n' >cut
    expect_code 3 'a rule set that was cut off is fatal' --wall-b cut probes
    expect_code 3 'an IPv4 address in an IPv6 wall is fatal' --wall-b6 a probes
    expect_code 3 'a set that is not there is fatal' --wall-a with-set probes
    expect_code 3 'a set file that does not load is fatal' --sets-a broken probes
    expect_code 2 'no probes file' --wall-a a
    expect_code 2 'a wall with one name twice' --ifaces x,x,y,z probes
    expect_code 2 'a name that is taken' --ifaces eth0,lo,y,z probes
    expect_code 2 'a name that is too long' --ifaces eth0,a234567890123456,y,z probes
    expect_code 2 'three names' --ifaces eth0,eth1,eth2 probes
    expect_code 2 'a name with a blank' --ifaces 'x y,x,y,z' probes
    echo '4 10.1.0.1 10.2.0.1 6 1 65536' >probes
    expect_code 2 'a port that is none' probes
    echo '4 10.1.0.1 2001:db8::1 6 1 2' >probes
    expect_code 2 'addresses of two families' probes
    echo '4 10.1.0.1 10.2.0.1 6 1 2 X' >probes
    expect_code 2 'an unknown flag' probes
}

check_many() {
    awk 'BEGIN { for (i = 0; i < 40000; i++)
        print "4 10." int(i / 256) % 256 "." i % 256 ".1 10.64.0.1 17 " i " 61" }' >probes
    checks=$((checks + 1))
    # shellcheck disable=SC2086
    "$oracle" $mode --two-way --rounds 1 --wall-a stateful --wall-b stateful probes |
        sed 's/.* //' | sort | uniq -c | tr -d ' ' >answers
    if [ "$(cat answers)" != 40000Po ]; then
        failures=$((failures + 1))
        echo "FAILED: forty thousand connections come back in one round ($mode)"
        cat answers
    fi
}

check_text() {
    printf '# head\n\n  4 10.1.0.1   10.2.0.1 6 1 2 SA # tail\r\n6 2001:DB8::0:1 fd00::1 17 1 2' \
        >probes
    printf '  4 10.1.0.1   10.2.0.1 6 1 2 SA P\n6 2001:DB8::0:1 fd00::1 17 1 2 P\n' \
        >expected
    # shellcheck disable=SC2086
    "$oracle" $mode - <probes >results
    require 'probes come back as they were written' 'cmp -s expected results'
    # shellcheck disable=SC2086
    "$oracle" $mode /dev/null >results
    require 'no probes, no results' '[ $? -eq 0 ] && [ ! -s results ]'
}

check_boundary() {
    "$boundary" a b -6 b6 --random 500 >first
    "$boundary" a b -6 b6 --random 500 >second
    "$boundary" a b -6 b6 --random 500 --seed 7 >third
    require 'the same seed gives the same probes' 'cmp -s first second'
    require 'another seed gives others' '! cmp -s first third'
    require 'no probe is printed twice' '[ -z "$(sort first | uniq -d)" ]'
    for edge in ' 6 [0-9]* 79 ' ' 6 [0-9]* 80 ' ' 6 [0-9]* 90 ' ' 6 [0-9]* 91 ' \
        ' 17 999 ' ' 17 1000 ' ' 17 2000 ' ' 17 2001 ' '^4 10.0.255.255 ' \
        '^4 10.1.0.0 ' '^4 10.1.255.255 ' '^4 10.2.0.0 ' '^4 10.2.0.8 ' \
        '^4 10.2.0.9 ' '^4 10.2.0.10 ' ' 1 8 1$' ' 1 7 255$' ' 58 128 0$' \
        ' 58 127 255$' '2001:db8:8:ffff:ffff:ffff:ffff:ffff ' '2001:db8:a:: ' \
        ' 99 A$' ' 99 SA$'; do
        require "the edge '$edge' is tried" "grep -q '$edge' first"
    done
    "$boundary" a b --src-zone 10.2.0.0/28 --dst-zone 10.64.0.0/12 >zoned
    require 'zones hold' \
        '[ -s zoned ] && ! grep -qvE "^4 10\.2\.0\.[0-9]+ 10\.(6[4-9]|7[0-9])\." zoned'
    "$boundary" a b --random 1000 --max 10 >capped 2>errors
    require 'the cap holds and is told' '[ "$(wc -l <capped)" -eq 10 ] && [ -s errors ]'
    # shellcheck disable=SC2086
    "$oracle" $mode --wall-a a --wall-b b --wall-b6 b6 first >results
    require 'the oracle takes them all' '[ $? -eq 0 ]'
    sed 's/ [ABPM]$//' results >echoed
    require 'and returns every line' 'cmp -s first echoed'
    require 'each answer occurs' \
        '[ "$(sed "s/.* //" results | sort -u | tr -d "\n")" = ABP ]'
}

make_walls
echo '4 10.1.0.1 10.2.0.1 6 1 2' >probes
ran=
for mode in '' '-u' '-u --backend nft' '--backend nft' '--backend legacy'; do
    # shellcheck disable=SC2086
    "$oracle" $mode --wall-a a --wall-b6 b6 probes >results 2>errors
    code=$?
    if [ $code -ne 0 ]; then
        case "$code $mode" in
        77*) echo "not run: '$mode': $(cat errors)" && continue ;;
        3*backend*) echo "not run: '$mode': this backend loads nothing here" && continue ;;
        esac
        echo "FAILED: exit code $code from '$mode'"
        cat errors
        exit 1
    fi
    ran="$ran [${mode:-root}]"
    check_walls
    check_states
    check_refusals
    check_many
    if ipset --version >/dev/null 2>&1 || /usr/sbin/ipset --version >/dev/null 2>&1; then
        expect 'sets are loaded before the rules' --sets-b sets --wall-b with-set <<'.'
B 4 10.5.5.5 10.2.0.1 6 1 2
P 4 10.5.5.6 10.2.0.1 6 1 2
.
    fi
    check_text
done
if [ -z "$ran" ]; then
    echo 'skipped: network namespaces are not allowed here'
    exit 77
fi
mode=${ran#* [}
mode=${mode%%]*}
[ "$mode" = root ] && mode=
check_boundary
echo "$checks checks in modes$ran, $failures failures"
[ $failures -eq 0 ]
