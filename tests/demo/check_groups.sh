#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# check_groups.sh TWINWALL
# The answers about the bundled incident hang on what jinfu-fw's export says in its
# groups, scopes, applications and routes: each edit below changes exactly what it must.
set -eu
LC_ALL=C
export LC_ALL
twinwall=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT INT TERM
cd "$work"
"$twinwall" demo demo >/dev/null
rm demo/bills.csv
cp demo/policy/jinfu-fw.xml export.xml
cp demo/policy/app-ports.csv ports.csv
failed=0

fail() {
    echo "FAILED: $*"
    failed=1
}

# check CODE: runs the check and keeps its report.
check() {
    code=0
    "$twinwall" check -q --site dr demo/twinwall.yaml >report 2>errors || code=$?
    [ "$code" -eq "$1" ] || fail "$name: exit code $code, expected $1"
}

says() {
    grep -qF -- "$1" report || {
        fail "$name: the report does not say: $1"
        tail -n 3 report
    }
}

# edit NAME SED-SCRIPT: the export, edited; an edit that changes nothing is a mistake.
edit() {
    name=$1
    sed "$2" export.xml >demo/policy/jinfu-fw.xml
    cmp -s export.xml demo/policy/jinfu-fw.xml && fail "$name: nothing was edited"
    check "${3:-1}"
}

name='as written'
check 1
says '404 flows: 390 open, 6 partial, 0 blocked, 0 unknown, 8 closed, 0 leaks'
says '120 of 126 ready on dr'
says '  jinfu-fw  stops  newroom-out-deny  '
grep -qE '^jinfu-fw: understood ([0-9,]+) of \1 rules, default deny' report ||
    fail "$name: not every rule was understood"

# The group of the ledger's callers holds one room of a caller, in place of both.
edit 'the missing member of a group' \
    '/<entry name="g-callers-finance-ledger">/,/<\/entry>/s/g-settle-clear-main/g-settle-clear/'
says '404 flows: 391 open, 5 partial, 0 blocked, 0 unknown, 8 closed, 0 leaks'
says '121 of 126 ready on dr'

# An object of the virtual system goes before one of the same name in shared.
edit 'a name that falls back to shared' \
    '/<vsys>/,$ { /<entry name="user-center-main-range">/,/<\/entry>/d }'
says 'PARTIAL  LJ-020  pay-gateway → user-center'

# What the ark listens on is a service object, not its name.
edit 'another port behind the name of a service' \
    '/<entry name="tcp-8443">/,/<\/entry>/s/<port>8443</<port>8444</'
says 'BLOCKED  FD-ARK  finance-data → ark'

edit 'a disabled rule' \
    '/<entry name="out-finance-data-to-ark" /,/<\/entry>/s/<action>/<disabled>yes<\/disabled>&/'
says 'BLOCKED  FD-ARK  finance-data → ark'
says 'out-crypto-seal'

# What a route says decides the zones of a path that names none.
edit 'a route to the office' \
    '/<entry name="jinfu-newroom">/,/<\/entry>/s/ae1\.200/ethernet1\/3/'
says '  jinfu-fw  stops  default of rulebase'

cp export.xml demo/policy/jinfu-fw.xml
name='no table of application ports'
sed -i 's/ app_ports: policy\/app-ports\.csv,//' demo/twinwall.yaml
check 1
grep -qE ' [1-9][0-9]* unknown' report ||
    fail "$name: calls by their application's default port are still decided"

exit $failed
