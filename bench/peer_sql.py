# SPDX-License-Identifier: Apache-2.0
# The jobs of count_peers.sh as DuckDB and ClickHouse (chdb) are asked to do them.
#     peer_sql.py duckdb|chdb JOB THREADS FILE [FILE]
# Prints one JSON object in the words of gen_bills' truth. Of the ways to ask that we
# tried, each engine's fastest stands here; `start` asks nothing, for what starting costs.
import json
import sys

BILLS = ["bill_id", "bill_date", "merchant_id", "account_no", "counterparty_name",
         "counterparty_account", "amount", "fee", "status", "memo"]
PEOPLE = ["id", "name", "mobile", "id_card", "bank_card"]
MARKER = "解密服务初始化失败"
PATTERNS = {
    "name": "^[\\x{4e00}-\\x{9fff}·]{2,20}$",
    "mobile": "^1[3-9][0-9]{9}$",
    "id_card": "^[1-8][0-9]{5}(19|20)[0-9]{2}(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])"
               "[0-9]{3}[0-9X]$",
    "bank_card": "^[0-9]{13,19}$",
}
WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]


def card_sum(column):
    """The weighted digits of an identity card, modulo 11."""
    terms = ("%d*(ascii(substring(%s,%d,1))-48)" % (w, column, i + 1)
             for i, w in enumerate(WEIGHTS))
    return "(" + "+".join(terms) + ")%11"


def luhn_sum(padded):
    """The sum after Luhn of 19 digits (zeros in front change nothing)."""
    terms = []
    for i in range(19):
        digit = "(ascii(substring(%s,%d,1))-48)" % (padded, i + 1)
        doubled = "(2*%s - case when %s > 4 then 9 else 0 end)" % (digit, digit)
        terms.append(doubled if i % 2 else digit)
    return "(" + "+".join(terms) + ")%10"


class Engine:
    """What the two dialects share; a subclass knows how to read a file and to run."""

    def count_bad(self, checksums):
        bad = {}
        for column, pattern in PATTERNS.items():
            bad[column] = "not " + self.matches(column, pattern)
        if checksums:
            bad["id_card"] = ("case when %s then true else substring("
                              "'10X98765432',1+%s,1) <> substring(id_card,18,1) end"
                              % (bad["id_card"], card_sum("id_card")))
            bad["bank_card"] = ("case when %s then true else %s <> 0 end"
                                % (bad["bank_card"], luhn_sum(self.padded("bank_card"))))
        return bad

    def people(self, path, checksums):
        bad = self.count_bad(checksums)
        inner = ", ".join("%s as b_%s" % (e, c) for c, e in bad.items())
        columns = ", ".join(self.count_if("b_" + c) for c in bad)
        union = " or ".join("b_" + c for c in bad)
        row = self.rows("select count(*), %s, %s from (select %s from %s) t"
                        % (self.count_if(union), columns, inner,
                           self.source(path, PEOPLE)))[0]
        ending = "" if checksums else "_by_pattern"
        answer = {"records": int(row[0])}
        if checksums:
            answer["affected"] = int(row[1])
        answer.update((c + ending, int(n)) for c, n in zip(bad, row[2:]))
        return answer

    def total(self, source):
        row = self.rows("select count(*), %s from %s"
                        % (self.count_if(self.wrong()), source))[0]
        return {"records": int(row[0]), "affected": int(row[1])}

    def nulls_of(self):
        return (["%s is null" % c for c in BILLS] + ["%s = ''" % c for c in BILLS])

    def reconcile(self, before, after):
        a, b = self.source(before, BILLS), self.source(after, BILLS)
        differs = [self.differs(c) for c in BILLS[1:]]
        found = "(b.bill_id is not null and a.bill_id is not null)"
        columns = ", ".join(self.count_if("%s and %s" % (found, d)) for d in differs)
        row = self.rows(
            "select %s, %s, %s, %s from (select * from %s) a full outer join "
            "(select * from %s) b on a.bill_id = b.bill_id %s"
            % (self.count_if("b.bill_id is null"), self.count_if("a.bill_id is null"),
               self.count_if("%s and (%s)" % (found, " or ".join(differs))), columns,
               a, b, self.join_ending))[0]
        changed = {c: int(n) for c, n in zip(BILLS[1:], row[3:]) if int(n)}
        return {"missing": int(row[0]), "added": int(row[1]), "changed": int(row[2]),
                "changed_columns": changed}


class DuckDB(Engine):
    join_ending = ""

    def __init__(self, threads):
        import duckdb
        self.connection = duckdb.connect(config={
            "threads": threads, "autoinstall_known_extensions": "false",
            "preserve_insertion_order": "false"})

    def rows(self, sql):
        return self.connection.execute(sql).fetchall()

    def source(self, path, columns, dialect="delim=',', quote='\"', escape='\"'"):
        kinds = ", ".join("'%s': 'VARCHAR'" % c for c in columns)
        header = "false" if "\x01" in dialect else "true"
        return ("read_csv('%s', header=%s, %s, nullstr='\\N', auto_detect=false, "
                "columns={%s})" % (path, header, dialect, kinds))

    def bills(self, path):
        return self.source(path, BILLS)

    def wrong(self):
        return "contains(counterparty_name, '%s')" % MARKER

    def count_if(self, condition):
        return "count(*) filter (%s)" % condition

    def matches(self, column, pattern):
        return "regexp_matches(%s, '%s')" % (column, pattern)

    def padded(self, column):
        return "lpad(%s, 19, '0')" % column

    def differs(self, column):
        return "a.%s is distinct from b.%s" % (column, column)

    def by_date(self, source, over_all, nulls):
        # A list of the affected ones' merchants and one count of it is four times as
        # fast as count(distinct); over all rows, groups of merchants are.
        extra = "".join(", %s as e%d" % (self.count_if(e), i)
                        for i, e in enumerate(self.nulls_of() if nulls else []))
        amount = "amount::decimal(18,2)"
        if over_all:
            rows = self.rows(
                "with g as materialized (select bill_date d, merchant_id m, %s w, "
                "count(*) n, sum(%s) s from %s group by all) select d, sum(n), "
                "coalesce(sum(n) filter (w), 0), coalesce(sum(s) filter (w), 0), "
                "(select count(distinct m) from g where w), sum(s), "
                "(select count(distinct m) from g) from g group by d order by d"
                % (self.wrong(), amount, source))
        else:
            picked = "".join(", e%d" % i for i in range(20 if nulls else 0))
            rows = self.rows(
                "with g as materialized (select bill_date d, count(*) n, %s b, "
                "coalesce(sum(case when %s then %s end), 0) s, "
                "list(merchant_id) filter (%s) ms%s from %s group by d) select d, n, b, "
                "s, (select count(distinct m) from (select unnest(ms) m from g))%s "
                "from g order by d"
                % (self.count_if(self.wrong()), self.wrong(), amount, self.wrong(),
                   extra, source, picked))
        answer = {"records": sum(int(r[1]) for r in rows),
                  "affected": sum(int(r[2]) for r in rows),
                  "by": {str(r[0]): [int(r[1]), int(r[2])] for r in rows},
                  "distinct_affected": int(rows[0][4]),
                  "sum_affected": str(sum(r[3] for r in rows))}
        if over_all:
            answer.update(distinct_all=int(rows[0][6]),
                          sum_all=str(sum(r[5] for r in rows)))
        if nulls:
            sums = [sum(int(r[5 + i]) for r in rows) for i in range(20)]
            answer.update(nulls=dict(zip(BILLS, sums[:10])),
                          empties=dict(zip(BILLS, sums[10:])))
        return answer

    def hive(self, path):
        return self.source(path, BILLS, "delim='\x01', quote='', escape=''")

    def jsonl(self, path):
        kinds = ", ".join("'%s': 'VARCHAR'" % c for c in BILLS)
        return ("read_json('%s', format='newline_delimited', columns={%s})"
                % (path, kinds))


class ClickHouse(Engine):
    join_ending = "settings join_use_nulls = 1"

    def __init__(self, threads):
        import chdb
        self.chdb = chdb
        self.settings = {"max_threads": threads, "input_format_csv_empty_as_default": 0,
                         "format_csv_allow_single_quotes": 0}

    def rows(self, sql):
        ending = ", ".join("%s = %s" % item for item in self.settings.items())
        sql += (", " if " settings " in sql else " settings ") + ending
        text = str(self.chdb.query(sql, "TSV"))
        return [line.split("\t") for line in text.splitlines() if line]

    def source(self, path, columns, form="CSVWithNames", kind="String"):
        kinds = ", ".join("%s %s" % (c, kind) for c in columns)
        return "file('%s', '%s', '%s')" % (path, form, kinds)

    def bills(self, path):
        return self.source(path, BILLS, kind="Nullable(String)")  # the faster, too

    def wrong(self):
        return "position(counterparty_name, '%s') > 0" % MARKER

    def count_if(self, condition):
        return "countIf(%s)" % condition

    def matches(self, column, pattern):
        return "match(%s, '%s')" % (column, pattern.replace("\\", "\\\\"))

    def padded(self, column):
        return "leftPad(%s, 19, '0')" % column

    def differs(self, column):
        return "a.%s <> b.%s" % (column, column)

    def by_date(self, source, over_all, nulls):
        amount = "toDecimal64(amount, 2)"
        asked = ["bill_date d", "count()", "countIf(%s)" % self.wrong(),
                 "sum(if(%s, %s, 0))" % (self.wrong(), amount),
                 "uniqExactIf(merchant_id, %s)" % self.wrong()]
        if over_all:
            asked += ["sum(%s)" % amount, "uniqExact(merchant_id)"]
        if nulls:
            asked += ["countIf(%s)" % e for e in self.nulls_of()]
        rows = self.rows("select %s from %s group by d with totals order by d"
                         % (", ".join(asked), source))
        whole = rows.pop()
        answer = {"records": int(whole[1]), "affected": int(whole[2]),
                  "by": {r[0]: [int(r[1]), int(r[2])] for r in rows},
                  "distinct_affected": int(whole[4]), "sum_affected": whole[3]}
        if over_all:
            answer.update(sum_all=whole[5], distinct_all=int(whole[6]))
        if nulls:
            counts = [int(n) for n in whole[5:]]
            answer.update(nulls=dict(zip(BILLS, counts[:10])),
                          empties=dict(zip(BILLS, counts[10:])))
        return answer

    def hive(self, path):
        self.settings.update({"format_csv_delimiter": "'\x01'",
                              "format_csv_allow_double_quotes": 0})
        return self.source(path, BILLS, "CSV")

    def jsonl(self, path):
        self.settings["input_format_json_read_numbers_as_strings"] = 1
        return self.source(path, BILLS, "JSONEachRow")

    def mysqldump(self, path):
        kinds = {"amount": "Decimal(18,2)", "fee": "Nullable(Decimal(18,2))"}
        columns = ", ".join("%s %s" % (c, kinds.get(c, "String")) for c in BILLS)
        return "file('%s', 'MySQLDump', '%s')" % (path, columns)


def main():
    engine_name, job, threads = sys.argv[1], sys.argv[2], int(sys.argv[3])
    files = sys.argv[4:]
    engine = {"duckdb": DuckDB, "chdb": ClickHouse}[engine_name](threads)
    if job == "start":
        answer = {"version": str(engine.rows("select version()")[0][0])}
    elif job == "total":
        answer = engine.total(engine.source(files[0], BILLS))
    elif job in ("by-date", "by-date-all"):
        answer = engine.by_date(engine.bills(files[0]), job == "by-date-all", False)
    elif job == "by-date-nulls":
        answer = engine.by_date(engine.bills(files[0]), False, True)
    elif job.partition("-")[0] in ("hive", "jsonl", "mysqldump"):
        form, _, ending = job.partition("-")
        source = getattr(engine, form)(files[0])
        answer = engine.by_date(source, ending == "all", False)
    elif job in ("patterns", "validators"):
        answer = engine.people(files[0], job == "validators")
    elif job == "reconcile":
        answer = engine.reconcile(files[0], files[1])
    else:
        sys.exit("peer_sql.py: no job " + job)
    json.dump(answer, sys.stdout)


main()
