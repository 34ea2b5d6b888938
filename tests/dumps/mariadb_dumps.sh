#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# mariadb_dumps.sh TWINWALL
# Starts a MariaDB of its own (a socket in a temporary folder, no network), makes one
# table of all that breaks readers of dumps (nasty.sql), dumps it in every form that the
# server and its programs have, counts each dump, and holds the figures against what the
# server itself says. Forms whose format is not built are named and left out; 77 where
# there is no MariaDB.
set -euo pipefail
export LC_ALL=C
twinwall=$(realpath "$1")
here=$(cd "$(dirname "$0")" && pwd)
. "$here/mariadb_server.sh"
if ! why=$(has_server) || ! command -v python3 >/dev/null; then
    echo "skipped: ${why:-python3 is not installed}"
    exit 77
fi

work=$(mktemp -d)
trap 'stop_server; rm -rf "$work"' EXIT
start_server
"${client[@]}" <"$here/nasty.sql" || { cat "$work/server.log"; exit 1; }

# ---- What the server says -----------------------------------------------------------

marker='解密服务初始化失败'
hit="coalesce(counterparty COLLATE utf8mb4_bin LIKE '%$marker%', 0)"
null="counterparty IS NULL"
empty="coalesce(mobile = BINARY '', 0)"
any="($hit OR $null OR $empty)"
# figures COLUMN: by day of this column.
ask() {
    cat <<SQL
SELECT 'records', count(*), 0 FROM bill;
SELECT 'affected', sum($any), count(*) FROM bill;
SELECT 'rule', sum($hit) FROM bill;
SELECT 'rule', sum($null) FROM bill;
SELECT 'rule', sum($empty) FROM bill;
SELECT 'by', coalesce(date($1), 'NULL') AS d, count(*), sum($any) FROM bill
    GROUP BY date($1) ORDER BY date($1) IS NULL, date($1);
SELECT 'distinct', 'merchant_id', count(DISTINCT CASE WHEN $any THEN BINARY merchant_id END),
    count(DISTINCT BINARY merchant_id) FROM bill;
SELECT 'sum', 'amount', sum(CASE WHEN $any THEN amount END), sum(amount),
    sum(CASE WHEN amount >= 0 THEN amount END), sum(CASE WHEN amount < 0 THEN amount END),
    sum(amount IS NULL) FROM bill;
SQL
}
for column in created_at upd; do
    ask $column | "${client[@]}" -N -B pay | tr '\t' ' ' >"$work/$column.truth"
done
[ "$(head -n 1 "$work/upd.truth")" = "records 20009 0" ] || {
    echo "the server holds another table than was meant"
    cat "$work/upd.truth"
    exit 1
}

# ---- What the dumps say -------------------------------------------------------------

bad=0
held=0
has_format() {
    "$twinwall" list dumps | sed '1d;$d' | sed 's/ .*//' | grep -qx "$1"
}

# hold COLUMN NAME FILE ARGUMENT…: the count of FILE is what the server says.
hold() {
    local column=$1 name=$2 file=$3 code=0
    shift 3
    "$twinwall" impact "$file" "$@" --wrong "counterparty ~ /$marker/" \
        --wrong 'counterparty is null' --wrong 'mobile is empty' \
        --by "$column:day" --distinct merchant_id --sum amount -q -o json \
        >"$work/run.json" 2>"$work/run.err" || code=$?
    held=$((held + 1))
    if [ "$code" != 0 ]; then
        echo "FAILED: $name: exit $code"
        cat "$work/run.err"
        bad=1
    elif ! python3 "$here/figures.py" "$work/run.json" >"$work/run.figures" ||
        ! diff -u "$work/$column.truth" "$work/run.figures"; then
        echo "FAILED: $name: other figures than the server's"
        bad=1
    else
        echo "ok: $name by $column"
    fi
}
# sql NAME DUMP-ARGUMENT… [-- ARGUMENT…]
sql() {
    local name=$1 options=()
    shift
    while [ $# -gt 0 ] && [ "$1" != -- ]; do
        options+=("$1")
        shift
    done
    [ $# -eq 0 ] || shift
    mariadb-dump --no-defaults --socket="$work/s" --user=root "${options[@]}" \
        >"$work/dump.sql"
    hold created_at "$name" "$work/dump.sql" "$@"
    hold upd "$name" "$work/dump.sql" --tz +08:00 "$@"
}

if has_format mysqldump; then
    sql "a dump of the table" pay bill
    sql "all tables, routines and triggers" --routines --triggers --events pay \
        -- --table bill
    sql "all databases" --all-databases --routines -- --table pay.bill
    sql "hexadecimal blobs" --hex-blob pay bill
    sql "a statement per row, with columns" --complete-insert --skip-extended-insert \
        pay bill
    sql "REPLACE" --replace pay bill
    sql "INSERT IGNORE" --insert-ignore --no-autocommit pay bill
    sql "names without quotes" --skip-quote-names --skip-comments pay bill
    # --compatible leaves SET NAMES out, and writes latin1 unless told.
    sql "ANSI" --compatible=ansi --default-character-set=utf8mb4 pay bill \
        -- --encoding UTF-8
    sql "small packets" --net-buffer-length=4096 pay bill
    sql "no comments, no locks" --skip-comments --skip-add-locks --skip-disable-keys \
        pay bill
    sql "GBK" --default-character-set=gbk pay bill
    mariadb-dump --no-defaults --socket="$work/s" --user=root --compact pay bill \
        >"$work/dump.sql"
    hold created_at "compact" "$work/dump.sql" --encoding UTF-8
    mariadb-dump --no-defaults --socket="$work/s" --user=root --skip-tz-utc pay bill \
        >"$work/dump.sql"
    hold upd "times as written" "$work/dump.sql"
    mariadb-dump --no-defaults --socket="$work/s" --user=root --no-create-info \
        --complete-insert pay bill >"$work/dump.sql"
    hold created_at "no CREATE TABLE" "$work/dump.sql"
    # In the order of the key and not: the parts of a table as one dataset.
    mkdir "$work/parts"
    for range in 'id < 1000' 'id BETWEEN 1000 AND 9000' 'id > 9000'; do
        mariadb-dump --no-defaults --socket="$work/s" --user=root --where="$range" \
            pay bill | gzip >"$work/parts/part-${range//[^0-9]/}.sql.gz"
    done
    hold upd "parts, compressed" "$work/parts" --tz +08:00
    # Cut anywhere, a dump never counts as whole.
    mariadb-dump --no-defaults --socket="$work/s" --user=root pay bill >"$work/dump.sql"
    size=$(stat -c %s "$work/dump.sql")
    for part in 7 23 41 66 83 99; do
        head -c $((size * part / 100)) "$work/dump.sql" >"$work/cut.sql"
        code=0
        "$twinwall" impact "$work/cut.sql" --wrong 'counterparty is null' -q \
            >/dev/null 2>"$work/run.err" || code=$?
        held=$((held + 1))
        if [ "$code" != 3 ]; then
            echo "FAILED: cut at $part %: exit $code, expected 3"
            bad=1
        fi
    done
else
    echo "not built: mysqldump"
fi

# The bytes that no XML may hold are those of flags, enc and memo; nobody asks for them.
if has_format mysql_xml; then
    sql "XML" --xml pay bill
    "${client[@]}" --xml pay -e 'SELECT * FROM bill' >"$work/client.xml"
    hold created_at "the client's XML" "$work/client.xml"
else
    echo "not built: mysql_xml"
fi

text_columns=id,merchant_id,counterparty,mobile,amount,memo,channel,created_at,upd,gen
if has_format outfile; then
    mkdir -m 777 "$work/tab"
    # Delimited text refuses a line with bytes that are no text in any column.
    "${client[@]}" pay -e "CREATE TABLE plain AS SELECT $text_columns FROM bill"
    mariadb-dump --no-defaults --socket="$work/s" --user=root \
        --default-character-set=utf8mb4 --tab="$work/tab" pay plain
    hold created_at "--tab" "$work/tab/plain.txt" --dump outfile \
        --columns "$text_columns"
    "${client[@]}" pay -e "SELECT $text_columns FROM bill INTO OUTFILE '$work/tab/a.txt'
        CHARACTER SET utf8mb4"
    hold created_at "OUTFILE" "$work/tab/a.txt" --dump outfile --columns "$text_columns"
    "${client[@]}" pay -e "SELECT $text_columns FROM bill INTO OUTFILE '$work/tab/b.txt'
        CHARACTER SET utf8mb4 FIELDS TERMINATED BY ',' OPTIONALLY ENCLOSED BY '\"'"
    hold created_at "OUTFILE with quotes" "$work/tab/b.txt" --dump outfile \
        --columns "$text_columns" --delimiter , --quote '"'
    "${client[@]}" pay -e "SELECT $text_columns FROM bill INTO OUTFILE '$work/tab/c.txt'
        CHARACTER SET utf8mb4 FIELDS TERMINATED BY ',' ENCLOSED BY '\"' ESCAPED BY '\"'"
    hold created_at "OUTFILE with doubled quotes" "$work/tab/c.txt" --dump outfile \
        --columns "$text_columns" --delimiter , --quote '"' --escape '"'
else
    echo "not built: outfile"
fi
# The batch mode cannot tell NULL from the text NULL: it notes how many cells that are.
if has_format mysql_batch; then
    "${client[@]}" -B pay -e "SELECT $text_columns FROM bill
        WHERE counterparty IS NULL OR counterparty <> 'NULL'" >"$work/batch.tsv"
    "${client[@]}" pay -e "DELETE FROM bill WHERE counterparty = BINARY 'NULL'"
    for column in created_at upd; do
        ask $column | "${client[@]}" -N -B pay | tr '\t' ' ' >"$work/$column.truth"
    done
    hold created_at "the client's batch mode" "$work/batch.tsv" --dump mysql_batch
else
    echo "not built: mysql_batch"
fi

echo "$held counts"
exit "$bad"
