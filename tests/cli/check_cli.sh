#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# check_cli.sh PART PROGRAM SOURCE_DIR: the program's manners, one function a part.
set -euo pipefail
export LC_ALL=C
unset NO_COLOR || true
tw=$2
source_dir=$3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

fail() {
    echo "FAILED: $*" >&2
    [ ! -s err ] || sed 's/^/    stderr: /' err >&2
    exit 1
}

# run CODE WORD…: runs the program, its streams into out and err, and checks its code.
run() {
    local want=$1 code=0
    shift
    "$tw" "$@" >out 2>err </dev/null || code=$?
    [ "$code" = "$want" ] || fail "twinwall $*: exit $code, expected $want"
}

says() { grep -qF -- "$1" err || fail "stderr does not say: $1"; }
answers() { grep -qF -- "$1" out || fail "stdout does not say: $1"; }
silent() { [ ! -s "$1" ] || fail "$1 is not empty: $(cat "$1")"; }

part_streams() {
    run 0 version && silent err && answers twinwall
    run 0 --version && answers twinwall
    run 0 --help && answers 'Usage:' && silent err
    run 0 version --help && answers 'twinwall version'
    run 2 && silent out && says 'Usage:'
    run 2 vresion && silent out && says 'did you mean "version"'
    run 2 help vresion && silent out && says 'TW430'
    run 2 list && silent out && says 'TW436'
    run 2 list nothing && silent out && says 'TW434'
    run 2 version extra && says 'TW437'
    # Colour: never into a pipe, on demand, and never with NO_COLOR.
    run 0 list reports && ! grep -q $'\033' out || fail "colour in a pipe"
    run 0 list reports --color always && grep -q $'\033' out || fail "no colour"
    NO_COLOR=1 run 0 list reports --color always
    ! grep -q $'\033' out || fail "colour in spite of NO_COLOR"
    NO_COLOR='' run 0 list reports --color always
    grep -q $'\033' out || fail "an empty NO_COLOR counts as unset"
    # A full disk and a closed stdout are errors; a reader that went away is none.
    local code=0
    if [ -w /dev/full ]; then
        "$tw" explain all >/dev/full 2>err || code=$?
        [ "$code" = 2 ] || fail "a full disk: exit $code"
        says TW407
    fi
    code=0
    "$tw" version >&- 2>err || code=$?
    [ "$code" = 2 ] || fail "a closed stdout: exit $code"
    says TW407
    for i in 1 2 3 4 5; do
        "$tw" explain all 2>err | head -n 1 >out || true
        silent err
    done
    { "$tw" help --man 2>err || echo $? >code; } | true
    [ ! -e code ] || fail "a closed pipe: exit $(cat code)"
    # On a terminal: colour, unless NO_COLOR or a dumb terminal says otherwise.
    if command -v script >/dev/null; then
        TERM=xterm script -qec "$tw list reports" /dev/null >out </dev/null
        grep -q $'\033' out || fail "no colour on a terminal"
        TERM=dumb script -qec "$tw list reports" /dev/null >out </dev/null
        ! grep -q $'\033' out || fail "colour on a dumb terminal"
        NO_COLOR=1 TERM=xterm script -qec "$tw list reports" /dev/null >out </dev/null
        ! grep -q $'\033' out || fail "colour on a terminal in spite of NO_COLOR"
    fi
    # The same bytes in any locale.
    run 0 explain all --lang zh && cp out one
    LC_ALL=zh_CN.GB18030 LANG=zh_CN.UTF-8 run 0 explain all --lang zh
    cmp one out || fail "the locale changes the answer"
    LANG=zh_CN.UTF-8 LC_ALL=zh_CN.UTF-8 run 0 version --help && answers 'Usage:'
}

part_outputs() {
    run 0 version -o json && answers '"schema": "twinwall.version/1"'
    run 0 version -o json:- && answers '"schema"'
    run 0 version -o json:a.json -o text:a.txt && answers 'twinwall '
    cmp out a.txt || fail "the file differs from stdout"
    grep -q '"version"' a.json || fail "no JSON in the file"
    [ "$(echo *)" = "a.json a.txt err out" ] || fail "left behind: $(echo *)"
    if command -v python3 >/dev/null; then
        for words in 'version' 'explain all' 'explain all --lang zh' 'list reports' \
            'list formats' 'list dumps'; do
            # shellcheck disable=SC2086
            run 0 $words -o json
            python3 -m json.tool out >/dev/null || fail "$words: not JSON"
        done
    fi
    run 2 version -o json -o text && says TW438 && silent out
    run 2 version -o json -o text:- && says TW438
    run 2 version -o json:b -o text:b && says TW439
    [ ! -e b ] || fail "a file was written although the options are wrong"
    run 2 version -o jsn && says 'did you mean "json"'
    run 2 version -o '' && says TW440
    run 2 version -o json: && says TW434
    run 2 version -o json:missing/a.json && says TW407 && answers 'twinwall '
    mkdir folder
    run 2 version -o json:folder && says TW407
    [ -z "$(ls -A folder)" ] || fail "something was left in the folder"
    # A link stays a link, a mode stays a mode, devices are written directly.
    : >target && chmod 600 target && ln -s target link
    run 0 version -o json:link
    [ -L link ] && grep -q version target || fail "the link was replaced"
    [ "$(stat -c %a target)" = 600 ] || fail "the mode was changed"
    run 0 version -o json:/dev/null
    [ -c /dev/null ] || fail "the device was replaced"
}

part_options() {
    run 2 version --baseline x && says TW431 && silent out
    run 2 version --fail-on && says TW432
    run 2 version --fail-on nver && says 'did you mean "never"'
    run 2 version --quiet=1 && says TW433
    run 2 version --lang en --lang zh && says TW435
    run 2 version --now yesterday && says TW434
    run 0 version --now 2023-02-09 --memory 64m -j4 -qo text && answers twinwall
    run 2 version --memory 0 && says TW434
    run 2 version --memory 99999999999G && says TW434
    run 2 version --jobs 0 && says TW434
    run 2 version --now= --jobs=x --memory=y --zzz && says TW434 && says TW431
    [ "$(grep -c TW434 err)" = 3 ] || fail "not all mistakes in one run"
    run 0 --lang zh help list && answers '用法'
    run 2 --lang=zh version --zzz && says '未知选项'
    run 0 -q version && answers twinwall
    run 0 version -v && says 'MiB'
}

part_memory() {
    # Whatever the limit, the answer is whole or there is none.
    run 0 explain all && cp out whole
    local size code refused=0 answered=0
    for ((size = 64; size <= 2048; size += 31)); do
        code=0
        "$tw" explain all --memory "${size}K" >out 2>err || code=$?
        if [ "$code" = 0 ]; then
            cmp out whole || fail "another answer with ${size}K"
            answered=$((answered + 1))
        else
            [ "$code" = 2 ] || fail "${size}K: exit $code"
            silent out && says TW406
            refused=$((refused + 1))
        fi
    done
    [ "$refused" -gt 0 ] && [ "$answered" -gt 0 ] ||
        fail "refused $refused times, answered $answered times"
    # A command line that takes more than the limit is a mistake like any other.
    # shellcheck disable=SC2046
    run 2 version --memory 64K $(seq 1 20000)
    says TW4
}

part_demo() {
    run 0 demo "a folder" && answers "twinwall check 'a folder'/twinwall.yaml"
    [ -s "a folder/twinwall.yaml" ] && [ -s "a folder/bills.csv" ] ||
        fail "the demo is not complete"
    run 0 demo "a folder" -o json && answers '"folder": "a folder"'
    mkdir taken && echo mine >taken/twinwall.yaml
    run 2 demo taken && says TW441 && silent out
    [ "$(cat taken/twinwall.yaml)" = mine ] && [ "$(ls taken)" = twinwall.yaml ] ||
        fail "a folder of somebody else was touched"
    run 2 demo taken/twinwall.yaml && says TW407
    run 2 demo && says TW436
}

part_signals() {
    # The only program of this test that waits: an output that nobody reads.
    mkfifo pipe
    "$tw" version -o json:pipe >out 2>err &
    local pid=$! code=0
    sleep 0.3
    kill -INT "$pid"
    sleep 0.1
    kill -INT "$pid" 2>/dev/null || true
    wait "$pid" || code=$?
    [ "$code" = 130 ] || fail "a second signal: exit $code"
}

part_pages() {
    run 0 help
    local verb opt twice
    for verb in $(sed -n '/^Commands:/,/^$/s/^  \([a-z-]*\) .*/\1/p' out); do
        run 0 help "$verb" && cp out page
        run 0 "$verb" --help
        cmp out page || fail "two helps for $verb"
        run 0 "$verb" --help --lang zh && answers '用法'
        # No option of its own may hide a common one.
        twice=$(sed -n 's/^  \(-., \|    \)\(--[a-z-]*\).*/\2/p' page | sort | uniq -d)
        [ -z "$twice" ] || fail "$verb has $twice twice"
        twice=$(sed -n 's/^  \(-.\), --.*/\1/p' page | sort | uniq -d)
        [ -z "$twice" ] || fail "$verb has $twice twice"
    done
    run 0 help --man && cp out man
    # shellcheck disable=SC2013
    for opt in $(grep -o -- '--[a-z-]*' page | sort -u); do
        grep -qF -- "${opt//-/\\-}" man || fail "$opt is not in the manual"
    done
    if command -v mandoc >/dev/null; then
        mandoc -T lint -W error man || fail "the manual is not clean"
    elif command -v groff >/dev/null; then
        groff -man -ww -z -Tutf8 -Kutf8 man 2>warnings || true
        [ ! -s warnings ] || fail "groff warns: $(cat warnings)"
    fi
    run 0 explain --markdown
    cmp out "$source_dir/docs/diagnostics.md" ||
        fail "docs/diagnostics.md is out of date: run script/docs"
}

part_show() {
    local exports=$source_dir/fixtures/policies
    cp "$exports/iptables_save/gateway.in" w.rules
    cp "$exports/iptables_save/not_understood.in" unclear.rules
    run 0 show w.rules && silent err && answers '10 of 10 rules understood (iptables_save)'
    answers 'ip/filter/FORWARD   default deny'
    answers 'dport=80,443,8000-8010 in=eth0 out=eth1'
    run 0 show w.rules --lang zh && answers '理解 10 条'
    run 0 show w.rules -o json && answers '"schema": "twinwall.show/1"'
    answers '"path": "w.rules"' && answers '"line": 2'
    # The neutral XML prints itself, from a file, from stdin, through gzip.
    run 0 show w.rules -o xml && silent err && cp out w.xml
    run 0 show w.xml -o xml:again.xml && answers 'twinwall_xml'
    cmp w.xml again.xml || fail "the XML does not print itself"
    gzip -c w.xml >w.xml.gz
    run 0 show w.xml.gz -o xml && cmp out w.xml
    "$tw" show - -o xml <w.xml >out 2>err || fail "no standard input"
    cmp out w.xml || fail "standard input gives another answer"
    run 0 show w.rules -o xml --without-counters
    ! grep -q packets= out || fail "counters in spite of --without-counters"
    # The same at any time, although rows expire.
    run 0 show "$exports/allowlist_csv/english.in" -o xml --now 2020-01-01 && cp out then
    run 0 show "$exports/allowlist_csv/english.in" -o xml --now 2040-01-01
    cmp out then || fail "the XML depends on the day"
    run 0 show then --now 2020-01-01 && answers '2020-01-01' && ! grep -q expired out
    run 0 show then --now 2040-01-01 && answers 'expired' && says TW147
    # Two families of one wall; two documents are none.
    sed 's/iptables-save/ip6tables-save/' "$exports/iptables_save/without_header_ipv6.in" >w.rules6
    run 0 show w.rules w.rules6 && answers 'ip6/filter/FORWARD'
    run 2 show w.xml w.xml && says TW198 && silent out
    # What is not understood is told, and no reason to fail.
    run 0 show unclear.rules && says TW129 && answers '1 of 17 rules understood'
    run 0 show unclear.rules -o xml && answers 'understood="no"'
    # Mistakes.
    run 2 show && says TW436
    run 2 show missing.rules && says TW401 && silent out
    run 2 show w.rules --format nonsense && says TW261 && silent out
    run 2 show w.xml --format iptables_save && says TW1 && silent out
    run 0 show w.rules --vsys vsys1 && says TW275
    run 2 version -o xml && says TW442 && silent out
}

# What `show` prints is what the schema says.
part_schema() {
    local schema=$source_dir/docs/twinwall-policy.rng file count=0
    command -v xmllint >/dev/null || exit 77
    for file in "$source_dir"/fixtures/policies/*/*.ok; do
        run 0 show -q "${file%.ok}.in" -o xml
        xmllint --noout --relaxng "$schema" out 2>err || fail "$file: not as the schema says"
        count=$((count + 1))
    done
    [ "$count" -ge 20 ] || fail "only $count policies"
    for file in "$source_dir"/fixtures/policies/twinwall_xml/refused_mistakes.in; do
        ! xmllint --noout --relaxng "$schema" "$file" 2>err || fail "$file: accepted"
    done
}

# What bash would offer for the words given.
offers() {
    bash --norc -c '
        . ./completion.bash
        COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
        _twinwall
        printf "%s\n" "${COMPREPLY[@]}"' bash "$@"
}

part_completion() {
    local shell
    for shell in bash zsh fish; do
        run 0 completion "$shell"
        cp out "completion.$shell"
        if command -v "$shell" >/dev/null; then
            "$shell" -n "completion.$shell" || fail "$shell cannot read its completion"
        fi
    done
    run 2 completion csh && says TW434
    offers twinwall ex | grep -qx explain || fail "no verb is offered"
    offers twinwall list --pro | grep -qx -- --progress || fail "no option is offered"
    offers twinwall -q version --fail-on cr | grep -qx critical || fail "no choice"
    offers twinwall version --lang = z | grep -qx zh || fail "no choice behind ="
    : >some.file
    offers twinwall list some | grep -qx some.file || fail "no file is offered"
}

"part_$1"
