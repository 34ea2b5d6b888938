# SPDX-License-Identifier: Apache-2.0
# The same rows as text of every format that twinwall reads, each written here from the
# description of its format, and with each what that format cannot hold.
import datetime
import os
import re
import urllib.parse

from source_table import (AMOUNT, COLUMNS, CREATED, ID, MARKER, REGION, UPD, Row)

TIMES = (CREATED, UPD)
NUMBERS = (ID, AMOUNT)


class Form:
    """One way to write the table.

    path      of what is given to twinwall, file or folder, under the work folder
    format    that it must be told to be
    files     [(path, pieces, rows)]: a piece is (text, does a record begin here); no
              pieces: the file is there already
    beside    [(path, text)]: files that hold no records
    args      for twinwall and print_records alike
    encoding  (Python's name, byte order mark)
    seen      what a cell is to whoever reads it, where it is not the same
    utc       its upd is known to stand in a zone, and is brought back by --tz
    notes     what must be noted, and how often; of "ambiguous null" a function: which
              cells of the columns asked for
    schema    of the files of a folder, which print_records is given one by one
    by_line   outside of UTF-8 the place of a record is that of its line
    gb18030   whether it is written in that encoding too
    """

    def __init__(self, name, path, fmt, files, args=(), encoding=("utf-8", b""),
                 seen=None, utc=False, notes=None, schema=None, beside=(),
                 by_line=False, gb18030=True):
        self.name, self.path, self.format, self.files = name, path, fmt, files
        self.args, self.encoding, self.utc = list(args), encoding, utc
        self.seen = seen or (lambda column, cell: cell)
        self.notes, self.schema, self.beside = notes or {}, schema, beside
        self.by_line, self.gb18030 = by_line, gb18030 and encoding[0] == "utf-8"

    def in_gb18030(self):
        """The same in an encoding in which the second byte of a character may be one
        of \\, | and many others."""
        path = "gb18030-" + self.path
        return Form(self.name + ", GB18030", path, self.format,
                    [("gb18030-" + p, pieces, rows) for p, pieces, rows in self.files],
                    [*self.args, "--encoding", "GB18030"], ("gb18030", b""), self.seen,
                    self.utc, self.notes, self.schema and "gb18030-" + self.schema,
                    [("gb18030-" + p, text) for p, text in self.beside],
                    by_line=self.by_line)

    def octets(self, pieces):
        """The bytes of PIECES, and where each record begins."""
        codec, out, starts = self.encoding[0], bytearray(self.encoding[1]), []
        for text, begins in pieces:
            if begins:
                starts.append(len(out))
            out += text.encode(codec, "surrogatepass")
        if self.by_line and codec != "utf-8":
            starts = [out.rfind(b"\n", 0, at) + 1 for at in starts]
        return bytes(out), starts


def without(rows, *lacking):
    """Rows that hold none of the texts LACKING, which are parts of cells, or
    functions."""
    def holds(cell):
        return cell is not None and any(
            part(cell) if callable(part) else part in cell for part in lacking)
    return [r for r in rows if not any(holds(c) for c in r.cells)]


def is_text(text):
    return lambda cell: cell == text


def utc(cell):
    if cell is None:
        return None
    at = datetime.datetime.strptime(cell, "%Y-%m-%d %H:%M:%S")
    return (at - datetime.timedelta(hours=8)).strftime("%Y-%m-%d %H:%M:%S")


def in_utc(row):
    return Row(row.cells[:UPD] + [utc(row.cells[UPD])] + row.cells[UPD + 1:], row.hides)


def escaped(text, table):
    return "".join(table.get(c, c) for c in text)


def lines(header, rows, write, end="\n", tail=""):
    """HEADER, and a line per row of what WRITE makes of each cell, delimited by it."""
    return ([(header, False)] if header else []) + [
        (write(r.cells) + end, True) for r in rows] + ([(tail, False)] if tail else [])


def delimited(cell, delimiter=",", null="\\N"):
    """cell(column, text) as a function of a row."""
    return lambda cells: delimiter.join(
        null if c is None else cell(i, c) for i, c in enumerate(cells))


# ---- csv and tsv ---------------------------------------------------------------------

def rfc4180(everything=False, quote='"', delimiter=",", null="\\N"):
    """Quotes where they are needed: also around what would be NULL without them."""
    def cell(_, text):
        plain = not everything and text != null and not any(
            c in text for c in (quote, delimiter, "\n", "\r"))
        return text if plain else quote + text.replace(quote, quote * 2) + quote
    return delimited(cell, delimiter, null)


def csv_forms(rows):
    # A NUL byte: a file that holds one is no text to who looks at its beginning, and
    # UTF-16 is told by them; named with --dump it is read (the form "a NUL byte").
    rows = without(rows, "\x00")
    header = ",".join(COLUMNS) + "\n"
    least = lines(header, rows, rfc4180())
    yield Form("csv", "bill.csv", "csv", [("bill.csv", least, rows)])
    for name, codec, mark in (("UTF-8 with a mark", "utf-8", b"\xef\xbb\xbf"),
                              ("GB18030, not told", "gb18030", b""),
                              ("UTF-16LE", "utf-16-le", b"\xff\xfe"),
                              ("UTF-16BE", "utf-16-be", b"\xfe\xff")):
        path = "bill-%s.csv" % codec
        yield Form("csv in " + name, path, "csv", [(path, least, rows)],
                   encoding=(codec, mark))
    yield Form("csv, all in quotes, CR LF", "crlf.csv", "csv", [
        ("crlf.csv", lines(header.replace("\n", "\r\n"), rows, rfc4180(True), "\r\n"),
         rows)])
    yield Form("csv without a header", "bare.csv", "csv",
               [("bare.csv", lines("", rows, rfc4180()), rows)],
               ["--columns", ",".join(COLUMNS)])
    yield Form("csv with ; and '", "semicolon.csv", "csv",
               [("semicolon.csv", lines(header.replace(",", ";"), rows,
                                        rfc4180(False, "'", ";", "NULL")), rows)],
               ["--dump", "csv", "--delimiter", ";", "--quote", "'", "--null", "NULL"])


def csv_nul_forms(rows):
    pieces = lines(",".join(COLUMNS) + "\n", rows, rfc4180())
    yield Form("csv with a NUL byte", "nul.csv", "csv", [("nul.csv", pieces, rows)],
               ["--dump", "csv", "--encoding", "UTF-8"], gb18030=False)


def csv_parts_forms(rows):
    # Each file by its own header, which has the columns in another order.
    rows, files = without(rows, "\x00"), []
    for n in range(3):
        part = rows[n * len(rows) // 3:(n + 1) * len(rows) // 3]
        order = [(i * (1, 2, 4)[n] + n) % len(COLUMNS) for i in range(len(COLUMNS))]
        write = rfc4180(n == 1)
        pieces = [(",".join(COLUMNS[i] for i in order) + "\n", False)] + [
            (write([r.cells[i] for i in order]) + "\n", True) for r in part]
        files.append(("parts/part-%d.csv" % n, pieces, part))
    yield Form("csv in parts", "parts", "csv", files)


def tsv_forms(rows):
    # Nothing is escaped or quoted: no tab, no line end; the text \N is NULL. A CR is
    # the line's at its end alone, where `region` stands.
    rows = without(rows, "\t", "\n", "\x00", is_text("\\N"))
    yield Form("tsv", "bill.tsv", "tsv", [
        ("bill.tsv", lines("\t".join(COLUMNS) + "\n", rows, delimited(
            lambda _, text: text, "\t")), rows)])


# ---- Hive ----------------------------------------------------------------------------

def partitioned(rows, name, write):
    """A file per region, in folders as Hive makes them."""
    files = []
    for region in dict.fromkeys(r.cells[REGION] for r in rows):
        part = [r for r in rows if r.cells[REGION] == region]
        folder = "region=" + ("__HIVE_DEFAULT_PARTITION__" if region is None else
                              urllib.parse.quote(region))
        files.append(("%s/%s/000000_0" % (name, folder),
                      [(write(r.cells[:REGION]) + "\n", True) for r in part], part))
    return sorted(files, key=lambda f: f[0].encode())


def hive_forms(rows):
    # Neither quotes nor escapes: no ^A, no line end; the text \N is NULL.
    plain = without(rows, "\x01", "\n", "\x00", is_text("\\N"))
    columns = ["--columns", ",".join(COLUMNS[:REGION])]
    files = partitioned(plain, "hive", delimited(lambda _, t: t, "\x01"))
    yield Form("hive_text, partitions", "hive", "hive_text", files, columns)
    # ESCAPED BY '\\': ^A and the backslash can be told, the line end cannot.
    plain = without(rows, "\n", "\x00")
    write = delimited(lambda _, t: escaped(t, {"\x01": "\\\x01", "\\": "\\\\"}), "\x01")
    yield Form("hive_text with escapes", "hive-escaped", "hive_text",
               partitioned(plain, "hive-escaped", write), columns + ["--escape", "\\"])


# beeline has the table before each name, the word NULL for NULL and for the same text,
# and the client's log around the rows.
BEFORE = "Connecting to jdbc:hive2://h:10000/pay\nINFO  : Compiling command\n"
AFTER = "1,400 rows selected (0.5 seconds)\nClosing: 0: jdbc:hive2://h:10000/pay\n"


def null_word(word):
    """Whoever reads WORD takes it for NULL …"""
    return lambda _, cell: None if cell == word else cell


def null_or(word):
    """… and says so of each NULL and each such text."""
    return {"ambiguous null": lambda cell: cell is None or cell == word}


def beeline_forms(rows):
    # SuperCSV puts a text in quotes where it has to; NULL stands bare, and so does the
    # text NULL.
    rows = without(rows, "\x00")
    names = ["bill." + c for c in COLUMNS]
    for name, delimiter in (("csv2", ","), ("tsv2", "\t"), ("dsv", "|")):
        def cell(_, text, delimiter=delimiter):
            plain = not any(c in text for c in ('"', delimiter, "\n", "\r"))
            return text if plain else '"' + text.replace('"', '""') + '"'
        pieces = lines(BEFORE + delimiter.join(names) + "\n", rows,
                       delimited(cell, delimiter, "NULL"), tail=AFTER)
        yield Form("beeline " + name, name + ".txt", "beeline",
                   [(name + ".txt", pieces, rows)], seen=null_word("NULL"),
                   notes={**null_or("NULL"), "not a record": 4})
    pieces = lines(",".join(names) + "\n", rows, delimited(
        lambda _, t: rfc4180()([t]) if t != "\\N" else t, ",", ""))
    yield Form("beeline with --nullemptystring", "empty.txt", "beeline",
               [("empty.txt", pieces, rows)], ["--dump", "beeline", "--null", ""],
               seen=null_word(""), notes=null_or(""))
    # Before quoting came: nothing keeps a delimiter or a line end in a text apart.
    plain = without(rows, "|", "\n")
    pieces = lines("|".join(names) + "\n", plain, delimited(lambda _, t: t, "|", "NULL"))
    yield Form("beeline dsv without quotes", "old.txt", "beeline",
               [("old.txt", pieces, plain)], ["--dump", "beeline", "--quote", "none"],
               seen=null_word("NULL"), notes=null_or("NULL"))
    # The deprecated ones: each cell in apostrophes, nothing escaped, NULL is ''. What
    # holds a line end, or makes a line in which ',' stands once more than between its
    # cells (also a comma alone: ',','), cannot be told from its neighbours.
    for name, delimiter in (("csv", ","), ("tsv", "\t")):
        cut = re.compile("(?='%s')" % delimiter)
        plain = [r for r in without(rows, "\n") if len(cut.findall(
            delimiter.join("'%s'" % (c or "") for c in r.cells))) == len(COLUMNS) - 1]
        pieces = lines(delimiter.join("'%s'" % n for n in names) + "\n", plain,
                       delimited(lambda _, t: "'%s'" % t, delimiter, "''"))
        path = "deprecated-%s.txt" % name
        yield Form("beeline " + name + ", deprecated", path, "beeline",
                   [(path, pieces, plain)], seen=null_word(""),
                   notes=null_or(""))


# ---- MySQL's delimited text ----------------------------------------------------------

def outfile(delimiter="\t", quote="", escape="\\", optionally=False):
    """As the server writes it: an escape before itself, the quote or else the first
    character of the delimiter, the line end; a NUL as escape and 0. Numbers and times
    go without optional quotes; NULL without any."""
    table = {} if not escape else {
        "\x00": escape + "0", escape: escape * 2,
        (quote or delimiter): escape + (quote or delimiter), "\n": escape + "\n"}
    null = escape + "N" if escape else "NULL"

    def cell(column, text):
        text = escaped(text, table)
        bare = optionally and column in NUMBERS
        return text if bare else quote + text + quote
    return delimited(cell, delimiter, null)


def outfile_forms(rows):
    columns = ["--dump", "outfile", "--columns", ",".join(COLUMNS)]

    def form(name, path, rows, args, told=False, **how):
        more = {k: how.pop(k) for k in ("seen", "notes") if k in how}
        return Form("outfile " + name, path, "outfile",
                    [(path, lines("", rows, outfile(**how)), rows)],
                    (columns[2:] if told else columns) + args, **more)

    yield form("as the server has it", "plain.outfile", rows, [], True)
    yield form("ENCLOSED BY '\"'", "quotes.outfile", rows, ["--quote", '"'], quote='"')
    yield form("with commas, OPTIONALLY ENCLOSED", "commas.outfile", rows,
               ["--quote", '"', "--delimiter", ","], quote='"', delimiter=",",
               optionally=True)
    # Without an escape a quote in a text looks like its end; NULL is a bare word.
    quoted = without(rows, '"', "\x00")
    yield form("ENCLOSED, ESCAPED BY ''", "bare-null.outfile", quoted,
               ["--quote", '"', "--escape", "none"], quote='"', escape="")
    # Without either: no tab, no line end, and the text NULL is NULL.
    bare = without(rows, "\t", "\n", "\x00")
    yield form("ESCAPED BY ''", "bare.outfile", bare, ["--escape", "none"], escape="",
               seen=null_word("NULL"), notes=null_or("NULL"))
    # "N is NULL and may begin a text: all readings are followed until one is left.
    yield form("ENCLOSED and ESCAPED BY '\"'", "doubled.outfile", rows,
               ["--delimiter", ",", "--quote", '"', "--escape", '"'], delimiter=",",
               quote='"', escape='"')


def mysql_batch_forms(rows):
    table = {"\t": "\\t", "\n": "\\n", "\\": "\\\\", "\x00": "\\0"}
    pieces = lines("\t".join(COLUMNS) + "\n", rows, delimited(
        lambda _, t: escaped(t, table), "\t", "NULL"))
    yield Form("mysql_batch", "batch.tsv", "mysql_batch", [("batch.tsv", pieces, rows)],
               ["--dump", "mysql_batch"], seen=null_word("NULL"),
               notes=null_or("NULL"))


# ---- ClickHouse and PostgreSQL ---------------------------------------------------------

TYPES = ("UInt64", "LowCardinality(String)", "Nullable(String)", "Nullable(String)",
         "Nullable(Decimal(20, 2))", "Nullable(String)", "Nullable(DateTime)",
         "Nullable(DateTime('Asia/Shanghai'))", "String")
UTC_TYPES = TYPES[:UPD] + ("Nullable(DateTime64(0, 'UTC'))", "String")


def short_amount(column, cell):
    """ClickHouse writes 1.5 for 1.50 and 2 for 2.00."""
    if column != AMOUNT or cell is None:
        return cell
    return cell.rstrip("0").rstrip(".")


def clickhouse_forms(rows):
    table = {"\b": "\\b", "\f": "\\f", "\r": "\\r", "\n": "\\n", "\t": "\\t",
             "\x00": "\\0", "'": "\\'", "\\": "\\\\"}
    tabs = delimited(lambda i, t: escaped(short_amount(i, t), table), "\t")
    commas = delimited(lambda i, t: short_amount(i, t) if i in NUMBERS else
                       '"' + t.replace('"', '""') + '"')
    # CSV has raw bytes in quotes; a NUL byte is no text (csv_forms).
    without_nul = without(rows, "\x00")
    for name, write, delimiter, quote, table_rows in (
            ("TSV", tabs, "\t", "", rows), ("CSV", commas, ",", '"', without_nul)):
        def line(texts, delimiter=delimiter, quote=quote):
            return delimiter.join(quote + t + quote for t in texts) + "\n"
        path = "clickhouse-%s." + name.lower()
        columns = ["--columns", ",".join(COLUMNS)]
        for kind, head, args in (
                ("WithNamesAndTypes", line(COLUMNS) + line(TYPES), []),
                ("WithNames", line(COLUMNS), ["--dump", "clickhouse"]),
                ("", "", ["--dump", "clickhouse", *columns])):
            yield Form("clickhouse " + name + kind, path % (kind or "bare"), "clickhouse",
                       [(path % (kind or "bare"), lines(head, table_rows, write),
                         table_rows)], args, seen=short_amount)
        shifted = [in_utc(r) for r in table_rows]
        pieces = lines(line(COLUMNS) + line(UTC_TYPES), shifted, write)
        yield Form("clickhouse " + name + " in UTC", path % "utc", "clickhouse",
                   [(path % "utc", pieces, table_rows)], seen=lambda i, t: utc(
                       t) if i == UPD else short_amount(i, t), utc=True)


PG_ESCAPES = {"\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t",
              "\v": "\\v", "\\": "\\\\"}

PG_BEFORE = """--
-- PostgreSQL database dump
--

-- Dumped from database version 15.4
-- Dumped by pg_dump version 15.4

SET statement_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);

CREATE FUNCTION public.note() RETURNS trigger
    LANGUAGE plpgsql
    AS $_$
BEGIN
  COPY public.bill (id) FROM stdin;
  INSERT INTO bill VALUES (1, ';''');
END $_$;

CREATE TABLE public.bill (
    id bigint NOT NULL,
    merchant_id text DEFAULT 'it''s; ('::text
);

--
-- Data for Name: log; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.log (id, counterparty) FROM stdin;
1	%s
2	\\N
\\.


COPY public.bill (%s) FROM stdin;
"""
PG_AFTER = """\\.


COPY public.zone (id, counterparty) FROM stdin;
1	%s
\\.


SELECT pg_catalog.setval('public.bill_id_seq', 3, true);

--
-- PostgreSQL database dump complete
--
"""


def pg_forms(rows):
    # No text of PostgreSQL can hold a NUL character.
    rows = without(rows, "\x00")
    write = delimited(lambda _, t: escaped(t, PG_ESCAPES), "\t")
    yield Form("pg_copy, a file", "bill.copy", "pg_copy",
               [("bill.copy", lines("", rows, write), rows)],
               ["--dump", "pg_copy", "--columns", ",".join(COLUMNS)])
    pieces = lines(PG_BEFORE % (MARKER, ", ".join(COLUMNS)), rows, write,
                   tail=PG_AFTER % MARKER)
    yield Form("pg_copy, pg_dump", "pg.sql", "pg_copy", [("pg.sql", pieces, rows)],
               ["--table", "public.bill"], notes={"other table": 3})
    # timestamptz: the zone stands behind each time.
    def zoned(column, cell):
        return cell if cell is None or column != UPD else cell + "+08"
    zoned_rows = [Row([zoned(i, c) for i, c in enumerate(r.cells)], None) for r in rows]
    yield Form("pg_copy with timestamptz", "zoned.copy", "pg_copy",
               [("zoned.copy", lines("", zoned_rows, write), rows)],
               ["--dump", "pg_copy", "--columns", ",".join(COLUMNS)], seen=zoned,
               utc=True)
    # COPY … WITH (FORMAT csv): NULL is nothing, the empty text is "".
    pieces = lines(",".join(COLUMNS) + "\n", rows, delimited(
        lambda _, t: '""' if t == "" else rfc4180()([t]) if t != "\\." else '"\\."',
        ",", ""))
    yield Form("PostgreSQL's csv", "pg.csv", "csv", [("pg.csv", pieces, rows)],
               ["--dump", "csv", "--null", ""])


def again_in_gb18030(forms):
    for form in forms:
        yield form
        if form.gb18030:
            yield form.in_gb18030()


def text_forms(rows):
    for forms in (csv_forms, csv_nul_forms, csv_parts_forms, tsv_forms, hive_forms,
                  beeline_forms, outfile_forms, mysql_batch_forms, clickhouse_forms,
                  pg_forms):
        yield from forms(rows)


def write(form, folder):
    """Writes FORM's files; [(path, rows, places of the records)]."""
    out = []
    for path, pieces, rows in [*form.files, *((p, [(t, False)], None)
                                              for p, t in form.beside)]:
        path, starts = os.path.join(folder, path), None
        if pieces is not None:
            octets, starts = form.octets(pieces)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "wb") as f:
                f.write(octets)
        if rows is not None:
            out.append((path, rows, starts))
    return out
