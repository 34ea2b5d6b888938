# SPDX-License-Identifier: Apache-2.0
# As dump_writers.py: JSON, XML, SQL, and folders of Dumpling.
import json

from dump_writers import NUMBERS, Form, in_utc, lines, null_word, utc, without
from source_table import COLUMNS, CREATED, ID, MARKER, UPD

# ---- JSON ----------------------------------------------------------------------------

# ClickHouse's text for NULL; JSON has a NULL of its own, so only such texts are noted.
WORD = "ᴺᵁᴸᴸ"
NOTED = {"ambiguous null": lambda cell: cell == WORD}


def json_value(column, cell, ascii_only=False):
    if cell is None:
        return "null"
    if column in NUMBERS:
        return cell
    return json.dumps(cell, ensure_ascii=ascii_only)


def json_object(row, order, ascii_only=False, left_out=False, blank=""):
    members = ['%s:%s%s' % (json.dumps(COLUMNS[i]), blank,
                            json_value(i, row.cells[i], ascii_only)) for i in order
               if not (left_out and row.cells[i] is None)]
    return "{" + ("," + blank).join(members) + "}"


def json_forms(rows):
    order = range(len(COLUMNS))
    known = {"seen": null_word(WORD), "notes": NOTED}
    yield Form("jsonl", "bill.jsonl", "jsonl", [
        ("bill.jsonl", [(json_object(r, order) + "\n", True) for r in rows], rows)],
        **known)
    # Escapes for all beyond ASCII, members in any order, NULL left out, CR LF.
    turned = [(json_object(r, [(i * 4 + n) % len(COLUMNS) for i in order], True, True,
                           " ") + "\r\n", True) for n, r in enumerate(rows)]
    yield Form("jsonl, escaped, members missing", "turned.jsonl", "jsonl",
               [("turned.jsonl", turned, rows)], **known)
    # All values are texts; NULL is that word, and so is the same text.
    strings = [(json.dumps({COLUMNS[i]: WORD if c is None else c
                            for i, c in enumerate(r.cells)}, ensure_ascii=False)
                + "\n", True) for r in rows]
    yield Form("jsonl of strings", "strings.jsonl", "jsonl",
               [("strings.jsonl", strings, rows)], seen=null_word(WORD),
               notes={"ambiguous null": lambda c: c is None or c == WORD})
    pieces = [("[\n  ", False)]
    for r in rows:
        text = json_object(r, order, False, False, "\n    ")
        pieces += [(text, True), (",\n  ", False)]
    pieces[-1] = ("\n]\n", False)
    yield Form("json_array", "bill.json", "json_array", [("bill.json", pieces, rows)],
               by_line=True, **known)
    pieces = []
    for r in rows:
        text = json_object(r, order, False, False, "\n\t")
        pieces += [(text, True), ("\n", False)]
    yield Form("json_array, one object after another", "stream.json", "json_array",
               [("stream.json", pieces, rows)], by_line=True, **known)
    arrays = [("[" + ", ".join(json_value(i, c) for i, c in enumerate(r.cells)) + "]\n",
               True) for r in rows]
    types = ["UInt64", "String", *["Nullable(String)"] * 2, "Nullable(Decimal(20, 2))",
             "Nullable(String)", *["Nullable(DateTime)"] * 2, "String"]
    names = json.dumps(COLUMNS) + "\n"
    for name, head, args, notes in (
            ("with names and types", names + json.dumps(types) + "\n", [],
             {"not a record": 1}),
            ("with names", names, [], {}),
            ("", "", ["--columns", ",".join(COLUMNS)], {})):
        path = "compact-%d.jsonl" % len(name)
        yield Form("json_compact " + name, path, "json_compact",
                   [(path, ([(head, False)] if head else []) + arrays, rows)], args,
                   seen=null_word(WORD), notes={**NOTED, **notes})


# ---- XML of MySQL --------------------------------------------------------------------

XML = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"}


def xml_row(row, indent):
    out = [indent + "<row>\n"]
    for name, cell in zip(COLUMNS, row.cells):
        if cell is None:
            out.append('%s\t<field name="%s" xsi:nil="true" />\n' % (indent, name))
        else:
            text = "".join(XML.get(c, c) for c in cell)
            out.append('%s\t<field name="%s">%s</field>\n' % (indent, name, text))
    out.append(indent + "</row>\n")
    return "".join(out)


def xml_other(name):
    return ('\t<table_data name="%s">\n\t<row>\n\t\t<field name="counterparty">%s'
            '</field>\n\t</row>\n\t</table_data>\n' % (name, MARKER))


def xml_pieces(rows, indent):
    return [piece for r in rows for piece in
            ((indent, False), (xml_row(r, indent)[len(indent):], True))]


def repaired(rows, but=""):
    """Control characters, but those in BUT, stand in it as they are, which is no XML:
    how many bytes of them must be noted."""
    no_xml = set(map(chr, range(32))) - set("\t\n\r" + but) | {"\uffff"}
    count = sum(len(c.encode()) for r in rows for cell in r.cells if cell
                for c in cell if c in no_xml)
    return {"repaired byte": count}


def xml_forms(rows):
    space = '<?xml version="1.0"?>\n'
    xsi = ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    notes = repaired(rows)
    pieces = [(space + '\n<resultset statement="SELECT * FROM bill WHERE id &gt; 0"'
               + xsi + ">\n", False), *xml_pieces(rows, "  "), ("</resultset>\n", False)]
    yield Form("mysql_xml of the client", "client.xml", "mysql_xml",
               [("client.xml", pieces, rows)], notes=notes, by_line=True)
    structure = "".join('\t\t<field Field="%s" Type="%s" Null="YES" Key="" />\n' % (
        name, {ID: "bigint(20)", CREATED: "datetime", UPD: "timestamp"}.get(i, "text"))
        for i, name in enumerate(COLUMNS))
    pieces = [(space + "<mysqldump" + xsi + '>\n<database name="pay">\n'
               + xml_other("before") + '\t<table_structure name="bill">\n' + structure
               + '\t</table_structure>\n\t<table_data name="bill">\n', False),
              *xml_pieces([in_utc(r) for r in rows], "\t"),
              ("\t</table_data>\n" + xml_other("zone")
               + "</database>\n</mysqldump>\n", False)]
    yield Form("mysql_xml of mysqldump", "dump.xml", "mysql_xml",
               [("dump.xml", pieces, rows)], ["--table", "bill"], utc=True,
               seen=utc_upd, notes={**notes, "other table": 2}, by_line=True)


def utc_upd(column, cell):
    return utc(cell) if column == UPD else cell


# ---- SQL -----------------------------------------------------------------------------

SQL = {"\0": "\\0", "\n": "\\n", "\r": "\\r", "\\": "\\\\", "'": "\\'", '"': '\\"',
       "\x1a": "\\Z"}


def sql_escaped(text):
    return "'" + "".join(SQL.get(c, c) for c in text) + "'"


def sql_doubled(text):
    return "'" + text.replace("'", "''") + "'"


def sql_bytes(text):
    return "_utf8mb4 0x" + text.encode().hex().upper() if text else "''"


def sql_x(text):
    return "x'" + text.encode().hex() + "'"


def sql_row(cells, text=sql_escaped, order=range(len(COLUMNS))):
    return "(" + ",".join("NULL" if cells[i] is None else cells[i] if i in NUMBERS
                          else text(cells[i]) for i in order) + ")"


def sql_inserts(rows, each, head, text=sql_escaped, between=",",
                order=range(len(COLUMNS))):
    """INSERTs of EACH rows."""
    pieces = []
    for i, r in enumerate(rows):
        pieces += [(head if i % each == 0 else between, False),
                   (sql_row(r.cells, text, order), True)]
        if i % each == each - 1 or i + 1 == len(rows):
            pieces.append((";\n", False))
    return pieces


TABLE = """CREATE TABLE `bill` (
  `id` bigint unsigned NOT NULL COMMENT 'a ''quote'', (a) ; \\\\',
  `merchant_id` varchar(64) NOT NULL,
  `counterparty` varchar(255) DEFAULT NULL,
  `mobile` varchar(255) DEFAULT 'x),(',
  `amount` decimal(20,2) DEFAULT NULL,
  `memo` text,
  `created_at` datetime DEFAULT NULL,
  `upd` timestamp NULL DEFAULT NULL,
  `region` varchar(16) DEFAULT NULL,
  PRIMARY KEY (`id`), KEY `k` (`merchant_id`(4),`region`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 /* ; */;
"""
OTHER = """CREATE TABLE `%s` (`id` int, `counterparty` varchar(99));
INSERT INTO `%s` VALUES (1,'%s'),(2,NULL);
"""
BEFORE = """-- MySQL dump 10.13  Distrib 8.0.35, for Linux (x86_64)
--
-- Host: localhost    Database: pay
-- ------------------------------------------------------
/*!50503 SET NAMES %s */;
/*!40103 SET @OLD_TIME_ZONE=@@TIME_ZONE */;
%s/*!40101 SET @OLD_SQL_MODE=@@SQL_MODE, SQL_MODE='%s' */;
DROP TABLE IF EXISTS `bill`;
"""
AFTER = """DELIMITER ;;
/*!50003 CREATE*/ /*!50017 DEFINER=`a`@`%%`*/ /*!50003 TRIGGER t AFTER INSERT ON bill
FOR EACH ROW BEGIN
  INSERT INTO `bill` VALUES (1,'%s');
END */;;
DELIMITER ;
/*!50001 CREATE VIEW `v` AS select 1 AS `INSERT INTO bill VALUES (1)` */;
-- INSERT INTO `bill` VALUES (1,'%s');
/* INSERT INTO `bill` VALUES (2); */
-- Dump completed on 2023-02-12 10:00:00
"""


def dump(charset, zone, mode, body):
    return [(BEFORE % (charset, zone, mode) + OTHER % ("log", "log", MARKER) + TABLE,
             False), *body, (OTHER % ("zone", "zone", MARKER)
                             + AFTER % (MARKER, MARKER), False)]


def sql_forms(rows):
    table, others = ["--table", "bill"], {"other table": 4}
    zone = "/*!40103 SET TIME_ZONE='+00:00' */;\n"
    shifted = [in_utc(r) for r in rows]
    head = "INSERT INTO `bill` VALUES "
    for name, codec, charset in (("", "utf-8", "utf8mb4"),
                                 (" in GB18030", "gb18030", "gb18030")):
        path = "mysqldump-%s.sql" % codec
        yield Form("mysqldump" + name, path, "mysqldump",
                   [(path, dump(charset, zone, "NO_AUTO_VALUE_ON_ZERO",
                                sql_inserts(shifted, 400, head)), rows)], table,
                   encoding=(codec, b""), seen=utc_upd, utc=True, notes=others)
    # Not in GB18030: where a backslash may be the second byte of a character, the byte
    # behind one is read by itself, as a server does, before it is known that backslashes
    # do not escape: a character behind a backslash is refused as invalid encoding.
    yield Form("mysqldump without backslashes", "ansi.sql", "mysqldump", [
        ("ansi.sql", dump("utf8mb4", "", "NO_BACKSLASH_ESCAPES", sql_inserts(
            rows, 7, head, sql_doubled)), rows)], table, notes=others, gb18030=False)
    # Not in GB18030: these bytes are UTF-8, whatever the rest of the file is.
    yield Form("mysqldump, hexadecimal", "hex.sql", "mysqldump", [
        ("hex.sql", dump("utf8mb4", "", "", sql_inserts(rows, 97, head, sql_bytes)),
         rows)], table, notes=others, gb18030=False)
    # A statement a row, its columns named and in another order; no CREATE TABLE.
    order = [(i * 4 + 2) % len(COLUMNS) for i in range(len(COLUMNS))]
    names = ",".join("`%s`" % COLUMNS[i] for i in order)
    yield Form("mysqldump, a statement a row", "rows.sql", "mysqldump", [
        ("rows.sql", sql_inserts(rows, 1, "REPLACE  INTO `pay`.`bill` (%s)\nVALUES\n"
                                 % names, order=order), rows)])
    yield Form("mysqldump, bare INSERTs", "bare.sql", "mysqldump", [
        ("bare.sql", sql_inserts(rows, 3, "insert into bill values\n", between="\n, "),
         rows)], ["--columns", ",".join(COLUMNS)])


# ---- Dumpling ------------------------------------------------------------------------

METADATA = """Started dump at: 2023-02-12 10:00:00
SHOW MASTER STATUS:
	Log: tidb-binlog
	Pos: 420747102018863124
	GTID:

Finished dump at: 2023-02-12 10:00:09
"""


def dumpling_folder(name, rows, suffix, write, log, header=""):
    """Three files of the table, one of another, and what lies beside them."""
    files, third = [], (len(rows) + 2) // 3
    for n in range(3):
        part = rows[n * third:(n + 1) * third]
        files.append(("%s/pay.bill.%09d.%s" % (name, n, suffix), write(part), part))
    beside = [(name + "/metadata", METADATA),
              (name + "/pay-schema-create.sql", "CREATE DATABASE `pay`;\n"),
              (name + "/pay.bill-schema.sql", "/*!40101 SET NAMES binary*/;\n" + TABLE),
              (name + "/pay.log-schema.sql", "CREATE TABLE `log` (`id` int);\n"),
              (name + "/pay.log.000000000." + suffix, log)]
    return files, {"beside": beside, "schema": name + "/pay.bill-schema.sql"}


DUMPLING_CSV = {"\0": "\\0", "\n": "\\n", "\r": "\\r", "\\": "\\\\", '"': '\\"'}


def dumpling_csv(cells):
    return ",".join("\\N" if c is None else c if i in NUMBERS else '"' + "".join(
        DUMPLING_CSV.get(x, x) for x in c) + '"' for i, c in enumerate(cells))


def dumpling_doubled(cells):
    return ",".join("\\N" if c is None else c if i in NUMBERS else
                    '"' + c.replace('"', '""') + '"' for i, c in enumerate(cells))


def dumpling_forms(rows):
    head = "/*!40014 SET FOREIGN_KEY_CHECKS=0*/;\n/*!40101 SET NAMES binary*/;\n"

    def sql(text):
        return lambda part: [(head, False), *sql_inserts(
            part, 200, "INSERT INTO `bill` VALUES\n", text, ",\n")]

    table = ["--table", "bill"]
    log = head + "INSERT INTO `log` VALUES\n(1);\n"
    for name, text in (("dumpling, SQL", sql_escaped), ("dumpling, SQL, x''", sql_x)):
        path = "dumpling-%d" % len(name)
        files, more = dumpling_folder(path, rows, "sql", sql(text), log)
        yield Form(name, path, "dumpling", files, table, **more)
    header = ",".join('"%s"' % c for c in COLUMNS) + "\r\n"
    # Without backslashes a NUL byte stands as it is: no text to who looks at the file.
    for name, write, args, head, part in (
            ("dumpling, CSV", dumpling_csv, [], header, rows),
            ("dumpling, CSV without a header", dumpling_csv, [], "", rows),
            ("dumpling, CSV, no backslashes", dumpling_doubled, ["--escape", "none"],
             header, without(rows, "\x00"))):
        path = "dumpling-csv-%d" % len(name)
        files, more = dumpling_folder(path, part, "csv", lambda p, w=write, h=head: lines(
            h, p, w, "\r\n"), '"id"\r\n1\r\n')
        yield Form(name, path, "dumpling", files, table + args, **more)
    yield Form("dumpling_csv, one file", "alone.csv", "dumpling_csv", [
        ("alone.csv", lines(header, rows, dumpling_csv, "\r\n"), rows)])


def tree_forms(rows):
    for forms in (json_forms, xml_forms, sql_forms, dumpling_forms):
        yield from forms(rows)
