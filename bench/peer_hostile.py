# SPDX-License-Identifier: Apache-2.0
# What DuckDB and ClickHouse count in one dump of adversarial_dumps.py.
#     peer_hostile.py duckdb-auto|duckdb-explicit|duckdb-lenient|chdb ENTRY.json
# Prints "RECORDS AFFECTED". auto: the engine finds out the dialect; explicit: it is told;
# lenient: it takes RFC 4180 and is told to go on where it fails.
import json
import sys


def duckdb_count(how, entry):
    import duckdb
    options = ["all_varchar=true", "header=true"]
    if "encoding" in entry:
        options.append("encoding='%s'" % entry["encoding"])
    if how != "auto":
        told = entry.get("told", []) if how == "explicit" else []
        options.append("delim='%s'" % entry.get("delimiter", ","))
        if "none" in told:
            options.append("quote=''")
        else:
            options.append("quote='\"'")
            options.append("escape='%s'" % ("\\" if "--escape" in told else '"'))
    if how == "lenient":
        options += ["strict_mode=false", "ignore_errors=true"]
    test = ("ends_with(%s, '%s')" % (entry["column"], entry["ends_with"])
            if "ends_with" in entry
            else "contains(%s, '%s')" % (entry["column"], entry["contains"]))
    engine = duckdb.connect(config={"threads": 2, "autoinstall_known_extensions": "false"})
    return engine.execute("select count(*), count(*) filter (%s) from read_csv('%s', %s)"
                          % (test, entry["file"], ", ".join(options))).fetchall()[0]


def chdb_count(_, entry):
    import chdb
    test = ("endsWith(%s, '%s')" % (entry["column"], entry["ends_with"])
            if "ends_with" in entry
            else "position(%s, '%s') > 0" % (entry["column"], entry["contains"]))
    sql = ("select count(), countIf(%s) from file('%s', 'CSVWithNames') settings "
           "max_threads=2, format_csv_delimiter='%s', format_csv_allow_single_quotes=0"
           % (test, entry["file"], entry.get("delimiter", ",")))
    return str(chdb.query(sql, "TSV")).split()


engine, _, how = sys.argv[1].partition("-")
with open(sys.argv[2], encoding="utf-8") as file:
    wanted = json.load(file)
print(*{"duckdb": duckdb_count, "chdb": chdb_count}[engine](how, wanted))
