# SPDX-License-Identifier: Apache-2.0
# As dump_writers.py, but written by a MariaDB: the rows are loaded into it, and it and
# its programs dump them in each way they have.
import os
import subprocess

from dump_writers import COLUMNS, Form, null_or, null_word, without
from source_table import MARKER
from tree_writers import TABLE, repaired, sql_inserts, utc_upd


def hexadecimal(text):
    """Nothing to escape: what is tested later does not load the table."""
    return "x'" + text.encode().hex() + "'"


class Server:
    def __init__(self, socket, folder):
        self.folder = folder
        self.login = ["--no-defaults", "--socket=" + socket, "--user=root"]
        # The server itself writes here.
        os.chmod(folder, 0o755)
        os.mkdir(folder + "/server")
        os.chmod(folder + "/server", 0o777)

    def client(self, sql, *options):
        return subprocess.run(["mariadb", *self.login, "--default-character-set=utf8mb4",
                               *options], input=sql.encode(), stdout=subprocess.PIPE,
                              check=True).stdout

    def load(self, rows):
        text = "".join(t for t, _ in sql_inserts(
            rows, 250, "INSERT INTO bill VALUES ", hexadecimal))
        self.client("CREATE DATABASE pay CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;\n"
                    "USE pay; SET sql_mode='STRICT_ALL_TABLES';\n" + TABLE + text + """
                    CREATE TABLE log AS SELECT id, counterparty FROM bill WHERE id < 90;
                    CREATE VIEW bills AS SELECT id FROM bill;
                    CREATE PROCEDURE p() COMMENT 'it''s; ('
                    INSERT INTO bill (id, memo) VALUES (99, '%s');
                    """ % MARKER)

    def keep(self, path, octets):
        with open(os.path.join(self.folder, path), "wb") as f:
            f.write(octets)

    def dump(self, path, *options):
        self.keep(path, subprocess.run(["mariadb-dump", *self.login, *options],
                                       stdout=subprocess.PIPE, check=True).stdout)


def sql_forms(server, rows):
    several = {"args": ["--table", "bill"], "notes": {"other table": 89}}
    table, everything = ["pay", "bill"], ["--routines", "pay"]
    utf8 = ["--encoding", "UTF-8"] # where the dump does not say so
    for name, options, how in (
            ("", table, {}),
            ("all tables", everything, several),
            ("a statement a row", ["--complete-insert", "--skip-extended-insert", *table],
             {}),
            ("REPLACE", ["--replace", *table], {}),
            ("no quotes around names", ["--skip-quote-names", *table], {}),
            ("ANSI", ["--compatible=ansi", "--default-character-set=utf8mb4", *table],
             {"args": utf8}),
            ("small packets", ["--net-buffer-length=4096", *table], {}),
            ("times as they are", ["--skip-tz-utc", *everything],
             {**several, "utc": False}),
            ("bare", ["--compact", "--skip-tz-utc", *table],
             {"args": utf8, "utc": False})):
        path = "maria-%s.sql" % name.replace(" ", "-")
        server.dump(path, *options)
        how = {"utc": True, **how}
        yield Form("MariaDB's dump: " + name, path, "mysqldump", [(path, None, rows)],
                   seen=utc_upd if how["utc"] else None, **how)
    os.mkdir(server.folder + "/maria-parts")
    files, third = [], len(rows) // 3
    for n in range(3):
        part = rows[n * third:(n + 1) * third] if n < 2 else rows[2 * third:]
        path = "maria-parts/part-%d.sql" % n
        server.dump(path, "--where=id BETWEEN %s AND %s" % (
            part[0].cells[0], part[-1].cells[0]), *table)
        files.append((path, None, part))
    yield Form("MariaDB's dump: in parts", "maria-parts", "mysqldump", files, utc=True,
               seen=utc_upd)


def xml_forms(server, rows):
    server.dump("maria-dump.xml", "--xml", *["pay", "bill"])
    server.keep("maria-client.xml", server.client("SELECT * FROM bill", "--xml", "pay"))
    yield Form("MariaDB's XML", "maria-dump.xml", "mysql_xml",
               [("maria-dump.xml", None, rows)], utc=True, seen=utc_upd,
               notes=repaired(rows))
    # The client writes a blank for a NUL byte.
    yield Form("the client's XML", "maria-client.xml", "mysql_xml",
               [("maria-client.xml", None, rows)], notes=repaired(rows, "\x00"),
               seen=lambda _, cell: cell and cell.replace("\x00", " "))


def text_forms(server, rows):
    columns = ["--dump", "outfile", "--columns", ",".join(COLUMNS)]
    server.dump("maria-tab", "--tab=" + server.folder + "/server",
                "--default-character-set=utf8mb4", "pay", "bill")
    # Its timestamps are in UTC, and nothing in the file says so: the days are UTC's.
    yield Form("MariaDB's --tab", "server/bill.txt", "outfile",
               [("server/bill.txt", None, rows)], columns, seen=utc_upd)
    quote = ["--quote", '"']
    for n, (name, clause, part, args, how) in enumerate((
            ("as it is", "", rows, [], {}),
            ("commas, OPTIONALLY ENCLOSED",
             "FIELDS TERMINATED BY ',' OPTIONALLY ENCLOSED BY '\"'", rows,
             [*quote, "--delimiter", ","], {}),
            ("ENCLOSED", "FIELDS ENCLOSED BY '\"'", rows, quote, {}),
            ("lines by CR LF", "FIELDS TERMINATED BY ',' ENCLOSED BY '\"' "
             "LINES TERMINATED BY '\\r\\n'", rows, [*quote, "--delimiter", ","], {}),
            ("ENCLOSED and ESCAPED BY '\"'", "FIELDS TERMINATED BY ',' ENCLOSED BY '\"' "
             "ESCAPED BY '\"'", rows, [*quote, "--delimiter", ",", "--escape", '"'], {}),
            ("ENCLOSED, ESCAPED BY ''", "FIELDS ENCLOSED BY '\"' ESCAPED BY ''",
             without(rows, '"', "\x00"), [*quote, "--escape", "none"], {}),
            ("ESCAPED BY ''", "FIELDS ESCAPED BY ''",
             without(rows, "\t", "\n", "\x00"), ["--escape", "none"],
             {"seen": null_word("NULL"), "notes": null_or("NULL")}))):
        path = "server/%d.txt" % n
        left = {r.cells[0] for r in rows} - {r.cells[0] for r in part}
        server.client("SELECT * FROM bill WHERE id NOT IN (%s) INTO OUTFILE '%s/%s' "
                      "CHARACTER SET utf8mb4 %s" % (",".join(sorted(left | {"0"})),
                                                    server.folder, path, clause), "pay")
        yield Form("MariaDB's OUTFILE, " + name, path, "outfile", [(path, None, part)],
                   columns + args, **how)
    server.keep("maria.tsv", server.client("SELECT * FROM bill", "-B", "pay"))
    yield Form("the client's batch mode", "maria.tsv", "mysql_batch",
               [("maria.tsv", None, rows)], ["--dump", "mysql_batch"],
               seen=null_word("NULL"), notes=null_or("NULL"))


def mariadb_forms(socket, folder, rows):
    server = Server(socket, folder)
    server.load(rows)
    for forms in (sql_forms, xml_forms, text_forms):
        yield from forms(server, rows)
