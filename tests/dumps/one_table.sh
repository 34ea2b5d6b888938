#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# one_table.sh TWINWALL PRINT_RECORDS
# Runs one_table.py, with a MariaDB of its own beside it where there is one; without it
# the forms that are written by hand are all. 77 where there is no python3.
set -euo pipefail
export LC_ALL=C
twinwall=$(realpath "$1")
printer=$(realpath "$2")
here=$(cd "$(dirname "$0")" && pwd)
. "$here/mariadb_server.sh"
work=$(mktemp -d)
trap 'stop_server; rm -rf "$work"' EXIT
socket=
if why=$(has_server); then
    start_server
    socket=$work/s
else
    echo "without the forms of MariaDB: $why"
fi
bash "$here/with_python.sh" "$here/one_table.py" "$twinwall" "$printer" ${socket:+"$socket"}
