# SPDX-License-Identifier: Apache-2.0
# One table of bills that holds what breaks readers of dumps, and what `twinwall impact`
# has to answer about it: worked out here from the rows themselves, by nothing that
# reads a dump. What a cell of `memo` hides is a label that stands beside it.
#
# Cells are texts; None is NULL. The last column is a partition of the table: its values
# stand in one piece each.
import datetime
import decimal
import re
import urllib.parse

COLUMNS = ("id", "merchant_id", "counterparty", "mobile", "amount", "memo",
           "created_at", "upd", "region")
ID, MERCHANT, COUNTERPARTY, MOBILE, AMOUNT, MEMO, CREATED, UPD, REGION = range(9)
REGIONS = ("east", "north=100%", "西部", None)
MARKER = "【解密服务初始化失败，请联系加解密管理员】"
INSIDE = MARKER[1:-1]

# (how it is disguised, the text): None is a decoy. Made by the standard library.
DISGUISED = (
    ("plain", MARKER),
    ("plain", "a" + MARKER + "\n\"b\", 'c'\\"),
    ("plain", MARKER + "\t" + MARKER[:12]),
    ("cut", "x,'\"\\" + MARKER[:8]),
    ("cut", MARKER[:-1]),
    ("json", "".join("\\u%04x" % ord(c) for c in MARKER)),
    ("json", "\\".join(("", *("u%04X" % ord(c) for c in MARKER)))),
    ("html", "".join("&#%d;" % ord(c) for c in MARKER)),
    ("html", "<b>" + "".join("&#x%x;" % ord(c) for c in MARKER) + "</b>"),
    ("percent", urllib.parse.quote(MARKER)),
    ("hex", "0x" + MARKER.encode().hex().upper()),
    ("hex", MARKER.encode("gb18030").hex()),
    ("gb18030", MARKER.encode("gb18030").decode("latin-1")),
    ("double", MARKER.encode().decode("latin-1")),
    ("mojibake", MARKER.encode().decode("gb18030", "replace")),
    ("masked", "【" + "*" * len(INSIDE) + "】"),
    (None, INSIDE),
    (None, MARKER[:7]),
    (None, MARKER[:8] + "败了"),
    (None, "【解密服务初始化成功，请联系加解密管理员】"),
    (None, "[" + INSIDE + "]"),
    (None, MARKER.replace("，", ",")),
    (None, MARKER[:6] + "\n" + MARKER[6:]),
    (None, MARKER[:6] + "\\n" + MARKER[6:]),
    (None, MARKER[:6] + "\x00" + MARKER[6:]),
    (None, urllib.parse.quote(urllib.parse.quote(MARKER))),
    (None, "张" + "*" * len(INSIDE) + "三"),
)

# What looks like the syntax of one format or another, and is data.
NASTY = (
    "", " ", "  ", "NULL", "null", "\\N", "\\\\N", "\"\\N\"", "N", "\"N", "0", "\"0",
    "\"", "\"\"", "\"\"\"", "\",\"", "','", "'", "''", "\\", "\\\\", "\\'", "\\\"",
    "a\\", "a\"b", "\"a\"", "it's", "a,b", "a|b", "a;b", ",", "tab\there", "\t",
    "line\nfeed", "\n", "\n\n", "ends\n", "ends\\\n", "cr\rhere", "ends\r",
    "crlf\r\nhere", "ends ", " begins", "\x01", "ctrl\x01a", "\x02\x03", "\x1a", "\x7f",
    "\x08\x0b\x0c\x1b", "nul\x00x", "\\0", "\\x00", "\ufeffbom", "\u2028\u2029",
    "\u0085\u00a0\u3000", "\ufffd", "\uffff", "😀", "𠮷野家", "誠\\", "誠'誠\"",
    b"\xd5\x7c\xd5\x5c\x81\x40".decode("gb18030"), "\u0628\u0301é",
    "</field></row>", "<row>", "&lt;&amp;&#10;", "]]>", "<!-- x", "<?xml",
    "-- Dump completed on 2023-02-09 10:00:00", "/*!40000 x */", "# it's", ");", "),(",
    "');\nINSERT INTO `bill` VALUES (99,'x','" + MARKER + "');\n--",
    "\\.", "a\n\\.\nb", "COPY bill FROM stdin;", "x\nINFO  : Completed\ny",
    "1\n2 rows selected (0.1 seconds)\n", ",".join(COLUMNS), "\t".join(COLUMNS),
    "ᴺᵁᴸᴸ", "{\"id\":1}", "\\u0000", "\\ud83d", "[]", "}", "},\n{", "null,", "1e3",
    "-0.00", "0x41", "_binary 'x'", "=1+1", "@", "true", "u\\", "8E3\\u5bc6",
)

# Beside one another: a marker that no cell holds, one that another column holds.
PAIRS = (
    (MARKER[:9], MARKER[9:]),
    (None, MARKER),
    ("", MARKER[:4]),
    (MARKER, None),
    ("\"" + MARKER, "\""),
    ("\n" + MARKER, "\\N"),
)


class Row:
    """cells: as COLUMNS; hides: the disguise of the marker in memo, or None."""

    def __init__(self, cells, hides):
        self.cells, self.hides = cells, hides


def moment(minutes):
    at = datetime.datetime(2023, 2, 9) + datetime.timedelta(minutes=minutes)
    return at.strftime("%Y-%m-%d %H:%M:%S")


def make_rows():
    special = [("张三", "13800138000", label, text) for label, text in DISGUISED]
    special += [(left, right, None, "") for left, right in PAIRS]
    for i, text in enumerate(NASTY):
        after = NASTY[(i * 7 + 3) % len(NASTY)]
        hides, beside = ("plain" if MARKER in t else None for t in (text, after))
        special += [(text, after, None, "ok"), ("李四", text, beside, after),
                    ("王五", None, hides, text)]
    rows, total = [], 1400
    for i in range(total):
        if i % 4 == 1 and i // 4 < len(special):
            counterparty, mobile, hides, memo = special[i // 4]
        else:
            counterparty = (MARKER if i % 83 == 0 else None if i % 97 == 5 else
                            ("北京某某公司", "李四", "Bob, Ltd.", "张*三")[i % 4])
            mobile = (None, "13900000000", "", "138****8000")[i * 5 % 7 % 4]
            hides, memo = None, ("ok", None, "备注" * (i % 40), "")[i * 3 % 11 % 4]
        cents = (i * 7907 % 100003 - 5000) * 13 ** (i % 5)
        amount = None if i % 19 == 4 else "%s%d.%02d" % (
            "-" if cents < 0 else "", abs(cents) // 100, abs(cents) % 100)
        if i == 11:
            amount = "999999999999999999.99"
        cells = [str(i + 1),
                 ("M%03d" % (i * 7919 % 211), "m001 ", "merchant-of-more-than-fifteen-%d"
                  % (i % 7))[0 if i % 5 else i % 3],
                 counterparty, mobile, amount, memo,
                 None if i % 101 == 7 else moment(i * 37 % 5760),
                 None if i % 89 == 3 else moment(i * 41 % 5760),
                 REGIONS[i * len(REGIONS) // total]]
        rows.append(Row(cells, hides))
    assert len(special) <= total // 4
    return rows


# ---- Questions and answers -----------------------------------------------------------

def quoted(text):
    return "'" + text.replace("'", "''") + "'"


# Each: the arguments, and the same in Python: a record's rules, whether it is looked at
# at all, the keys of its group, columns whose values are counted, columns to be added.
class Question:
    def __init__(self, wrong, where, by, distinct, sums, utc):
        self.wrong, self.where, self.by = wrong, where, by
        self.distinct, self.sums, self.utc = distinct, sums, utc

    def arguments(self):
        args = []
        for rule, _ in self.wrong:
            args += ["--wrong", rule]
        for rule, _ in self.where:
            args += ["--where", rule]
        for column, unit in self.by:
            args += ["--by", COLUMNS[column] + (":" + unit if unit else "")]
        for column in self.distinct:
            args += ["--distinct", COLUMNS[column]]
        for column in self.sums:
            args += ["--sum", COLUMNS[column]]
        return args


def finds(column, pattern):
    expression = re.compile(pattern)
    return lambda row: (row.cells[column] is not None
                        and expression.search(row.cells[column]) is not None)


def number(row, column):
    return None if row.cells[column] is None else decimal.Decimal(row.cells[column])


QUESTIONS = (
    Question([
        ("counterparty ~ /解密服务初始化失败，/", finds(COUNTERPARTY, "解密服务初始化失败，")),
        ("counterparty is null", lambda r: r.cells[COUNTERPARTY] is None),
        ("mobile is empty", lambda r: r.cells[MOBILE] == ""),
        ("memo has marker " + quoted(MARKER), lambda r: r.hides is not None),
        ("amount < -10.01", lambda r: r.cells[AMOUNT] is not None
         and number(r, AMOUNT) < decimal.Decimal("-10.01")),
        ("merchant_id = 'm001 '", lambda r: r.cells[MERCHANT] == "m001 "),
    ], [("id > 3", lambda r: int(r.cells[ID]) > 3)],
        [(CREATED, "day")], [MERCHANT, COUNTERPARTY, MEMO], [AMOUNT], False),
    Question([
        ("* ~ /解密服务初始化失败/",
         lambda r: any(c is not None and "解密服务初始化失败" in c for c in r.cells)),
        ("memo = '\\N'", lambda r: r.cells[MEMO] == "\\N"),
        ("mobile = 'NULL'", lambda r: r.cells[MOBILE] == "NULL"),
        ("counterparty ~ /^[\\\\\"']|\\n$|\\r/", finds(COUNTERPARTY, "^[\\\\\"']|\\n\\Z|\\r")),
        ("memo is empty", lambda r: r.cells[MEMO] == ""),
    ], [("counterparty !~ /^王/", lambda r: r.cells[COUNTERPARTY] is not None
         and not r.cells[COUNTERPARTY].startswith("王")),
        ("memo is not null", lambda r: r.cells[MEMO] is not None)],
        [(UPD, "day"), (REGION, None)], [MOBILE, ID], [AMOUNT], True),
)


def key_of(row, by):
    return tuple(cell if cell is None or not unit else cell[:10]
                 for cell, unit in ((row.cells[c], unit) for c, unit in by))


def answer(question, rows):
    """What must be said of ROWS; an affected one is told by its place among them."""
    counted = [(i, r) for i, r in enumerate(rows) if all(f(r) for _, f in question.where)]
    holds = [[f(r) for _, f in question.wrong] for _, r in counted]
    affected = [pair for pair, found in zip(counted, holds) if any(found)]
    out = {"read": len(rows), "refused": 0, "den": len(counted),
           "affected": len(affected), "rules": [sum(rule) for rule in zip(*holds)],
           "by": {}, "distinct": {}, "sums": {}, "hides": {}}
    wrong = {i for i, _ in affected}
    for i, row in counted:
        key = key_of(row, question.by)
        records, hits = out["by"].get(key, (0, 0))
        out["by"][key] = (records + 1, hits + (i in wrong))
        if row.hides and any("marker" in rule for rule, _ in question.wrong):
            out["hides"][row.hides] = out["hides"].get(row.hides, 0) + 1
    for column in question.distinct:
        out["distinct"][COLUMNS[column]] = tuple(
            len({r.cells[column] for _, r in part} - {None})
            for part in (affected, counted))
    for column in question.sums:
        values = [number(r, column) for _, r in counted]
        out["sums"][COLUMNS[column]] = (
            sum(number(r, column) or 0 for _, r in affected),
            sum(v for v in values if v is not None),
            sum(v for v in values if v is not None and v > 0),
            sum(v for v in values if v is not None and v < 0),
            sum(v is None for v in values))
    out["first"], out["last"] = affected[0][0], affected[-1][0]
    return out

