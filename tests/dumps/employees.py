# SPDX-License-Identifier: Apache-2.0
# employees.py PRINT_RECORDS TWINWALL FOLDER
# The employee sample database (github.com/bytebase/employee-sample-database, MIT)
# publishes for each table how many rows it has and an MD5 over a chain of all of its
# values. Both are reproduced here from what our reader makes of the text of the dumps,
# without a database: the chain is that of test_employee_md5.sql,
#
#     crc = md5(crc # column # column …)     record by record, in the order of the key
#
# FOLDER, or the one in $TWINWALL_EMPLOYEES, holds README.md and dataset_small; 77,
# skipped, where it does not exist. Nothing of it is kept here.
import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile

from read_back import read_back

# As test_employee_md5.sql has them: the values of the chain, and the order of records.
CHAINS = {
    "employee": ("emp_no birth_date first_name last_name gender hire_date", "emp_no"),
    "department": ("dept_no dept_name", "dept_no"),
    "dept_manager": ("dept_no emp_no from_date to_date", "dept_no emp_no"),
    "dept_emp": ("dept_no emp_no from_date to_date", "dept_no emp_no"),
    "title": ("emp_no title from_date to_date", "emp_no title from_date"),
    "salary": ("emp_no amount from_date to_date", "emp_no from_date to_date"),
}
bad = held = 0


def hold(what, found, expected):
    global bad, held
    held += 1
    if found != expected:
        bad += 1
        print("FAILED: %s: %s, expected %s" % (what, found, expected))


def read(path):
    with open(path, encoding="utf-8", newline="") as f:
        return f.read()


def published(folder):
    """{table: (rows, md5)}, which stands twice: in the README and in the SQL."""
    section = read(folder + "/README.md").split("### Testing `dataset_small`")[1]
    said = re.findall(r"\| (\w+) +\| +(\d+) \| ([0-9a-f]{32}) \|", section)
    sql = read(folder + "/dataset_small/test_employee_md5.sql")
    again = re.findall(r"^\('(\w+)', +(\d+), '([0-9a-f]{32})'\)", sql, re.M)
    said, again = ({t: (int(n), md5) for t, n, md5 in rows} for rows in (said, again))
    if said != again or set(said) != set(CHAINS):
        sys.exit("the README and the SQL of the dataset publish different figures")
    return said


def chain(records, table):
    values, order = (text.split() for text in CHAINS[table])
    place = {name: i for i, name in enumerate(records.names)}

    def key(row):
        cells = [row[2][place[name]] for name in order]
        return [int(c) if name == "emp_no" else c for name, c in zip(order, cells)]

    crc = b""
    for row in sorted(records.rows, key=key):
        cells = [row[2][place[name]] for name in values]
        # CONCAT_WS leaves NULL out.
        text = b"#".join([crc] + [c for c in cells if c is not None])
        crc = hashlib.md5(text).hexdigest().encode()
    return crc.decode()


def whole(folder):
    """What `mysql < employee.sql` feeds its server: `source FILE ;` is that file."""
    main = read(folder + "/dataset_small/employee.sql")

    def include(match):
        return read(folder + "/dataset_small/" + match.group(1))

    return re.sub(r"^source (\S+) ;$", include, main, flags=re.M)


def main():
    printer, twinwall, folder = sys.argv[1:]
    folder = os.environ.get("TWINWALL_EMPLOYEES", folder)
    if not os.path.isdir(folder + "/dataset_small"):
        print("skipped: there is no", folder)
        sys.exit(77)
    said = published(folder)
    with tempfile.TemporaryDirectory() as work:
        path = work + "/all.sql"
        text = whole(folder)
        octets = text.encode()
        with open(path, "w", encoding="utf-8", newline="") as f:
            f.write(text)
        for table, (rows, md5) in sorted(said.items()):
            # Out of all tables, columns by CREATE TABLE; whole and in small pieces.
            for piece in ("1048576", "61"):
                found = read_back(printer, path, "--table", table, "--piece", piece)
                name = "%s, of all tables, in pieces of %s" % (table, piece)
                hold(name, (len(found.rows), chain(found, table), found.refused),
                     (rows, md5, []))
                hold(name + ": each at its parenthesis",
                     {octets[at:at + 1] for _, at, _ in found.rows}, {b"("})
            others = sum(n for t, (n, _) in said.items() if t != table)
            hold(table + ": records of other tables", list(found.notes.values()),
                 [others])
            # The file of the table alone, its columns said; as mysqldump and as told
            # by content.
            alone = "%s/dataset_small/load_%s.sql" % (
                folder, "salary1" if table == "salary" else table)
            columns = ",".join(found.names)
            for options in ([], ["--dump", "mysqldump"]):
                found = read_back(printer, alone, "--columns", columns, *options)
                hold(table + ", its file", (len(found.rows), chain(found, table)),
                     (rows, md5))
            run = subprocess.run([twinwall, "impact", path, "--table", table, "-q",
                                  "-o", "json", "--wrong", found.names[0] + " is null"],
                                 stdout=subprocess.PIPE, check=False)
            hold(table + ": the count", json.loads(run.stdout)["records"],
                 {"read": rows, "counted": rows, "refused": 0})
        # A chain that anything at all would satisfy proves nothing: another amount, two
        # names in each other's place and a lost row must be seen.
        for table, old, new in (("salary", "(10001,60117,", "(10001,60118,"),
                                ("employee", "'Georgi','Facello'", "'Facello','Georgi'"),
                                ("dept_emp", "(10001,'d005','1986-06-26','9999-01-01'),\n",
                                 "")):
            changed = text.replace(old, new, 1)
            if changed == text:
                sys.exit("the dataset is not the one that was meant: no " + old)
            with open(path, "w", encoding="utf-8", newline="") as f:
                f.write(changed)
            found = read_back(printer, path, "--table", table)
            hold(table + ": the change is seen", chain(found, table) != said[table][1],
                 True)
    for table, (rows, md5) in sorted(said.items()):
        print("%-12s %6d %s" % (table, rows, md5))
    print("%d comparisons, %d failed" % (held, bad))
    sys.exit(bad != 0)


main()
