# SPDX-License-Identifier: Apache-2.0
# Dumps that are made to be miscounted, for `count_peers.sh --hostile`.
#     adversarial_dumps.py FOLDER
# Writes the files and truth.json: {name: {"file", "records", "affected", …}}. Each has
# 60,000 records, 600 of them with the marker in counterparty_name, if nothing else is
# said. What a file is about stands in its "what".
import json
import os
import sys

RECORDS, EVERY = 60000, 100
MARKER = "【解密服务初始化失败，请联系加解密管理员】"
HEADER = ["bill_id", "bill_date", "counterparty_name", "amount", "memo"]
NAMES = ["示例甲子商行", "乙丑", "丙寅卯", "示例丁辰仓库"]


def is_bad(i):
    return i % EVERY == 37


def record(i, memo, name=None):
    if name is None:
        name = MARKER if is_bad(i) else NAMES[i % 4]
    return ["B%08d" % i, "2023-02-%02d" % (9 + i % 4), name,
            "%d.%02d" % (i * 7919 % 100000, i % 100), memo]


def text(fields, end="\n", comma=","):
    return comma.join(fields) + end


def dump(memo, end="\n", comma=",", names=None):
    """Records whose memo stands as MEMO(i) writes it, quotes and all."""
    lines = [text(HEADER, end, comma)]
    for i in range(RECORDS):
        lines.append(text(record(i, memo(i), names and names(i)), end, comma))
    return "".join(lines)


def stray():
    """A quote inside a bare field (inches), in 7,500 records, 300 bad ones among them."""
    return dump(lambda i: '5" 管材' if i % 8 == 5 else "管材")


def crlfbom():
    """CRLF and a byte order mark; commas and CRLF within quotes."""
    def memo(i):
        return '"水费, 电费"' if i % 7 == 0 else '"一\r\n二"' if i % 11 == 0 else "房租"
    return "\ufeff" + dump(memo, "\r\n")


def latequote():
    """The first quote stands behind 40,000 records; line ends within quotes follow."""
    return dump(lambda i: '"一\n二"' if i >= 40000 and i % 3 == 0 else "房租")


def othercol():
    """The marker in memo, too, where it does not count; memos of several lines."""
    def memo(i):
        if i % 50 == 11:
            return '"备注:\n%s"' % MARKER
        return "房租"
    return dump(memo)


def unterm():
    """The quote that opens in record 30,001 is never closed."""
    return dump(lambda i: '"房租' if i == RECORDS // 2 else "房租")


def bsq():
    """Quotes within quotes are written \\" as MySQL's OUTFILE does; 300 of the bad."""
    return dump(lambda i: '"%d\\" 管材, \\"新\\""' % (i % 9) if i % 8 in (0, 5)
                else '"管材"')


def gbpipe():
    """GB18030 with | between fields; the second byte of 東 is a |, of 乗 a \\."""
    return dump(lambda i: "東乗" if i % 3 else "房東", comma="|",
                names=lambda i: MARKER if is_bad(i) else "東丙" if i % 2 else "乗丁")


def joined():
    """Two exports in one file: the header stands in the middle once more."""
    lines = dump(lambda i: "房租").splitlines(keepends=True)
    return "".join(lines[:30001] + lines[:1] + lines[30001:])


def ragged():
    """30 records lack the last field and its comma, as where a line was cut."""
    lines = dump(lambda i: "房租").splitlines(keepends=True)
    return "".join(line.rpartition(",")[0] + "\n" if i % 2000 == 1000 else line
                   for i, line in enumerate(lines))


def badbyte():
    """A character cut in the middle, in memo, in 50 records: no UTF-8."""
    return dump(lambda i: "房租\udce6\udc88" if i % 1200 == 600 else "房租")


FILES = {
    "stray": (stray, {"told": ["--quote", "none"], "refused": 7500}),
    "crlfbom": (crlfbom, {}),
    "latequote": (latequote, {}),
    "othercol": (othercol, {}),
    "unterm": (unterm, {"records": None, "affected": None, "refused": 1, "counted": 30000,
                        "counted_affected": 300}),
    "joined": (joined, {"read": 60001, "refused": 1}),
    "ragged": (ragged, {"refused": 30}),
    "badbyte": (badbyte, {"refused": 50}),
    "bsq": (bsq, {"told": ["--escape", "\\"], "refused": 15000}),
    "gbpipe": (gbpipe, {"told": ["--delimiter", "|"], "delimiter": "|", "exit": 2,
                        "encoding": "gb18030"}),
}


def main():
    folder = sys.argv[1]
    os.makedirs(folder, exist_ok=True)
    truth = {}
    for name, (make, more) in FILES.items():
        entry = {"file": name + ".csv", "what": make.__doc__, "records": RECORDS,
                 "affected": RECORDS // EVERY, "column": "counterparty_name",
                 "contains": MARKER[1:11]}
        entry.update(more)
        data = make().encode(entry.get("encoding", "utf-8"), "surrogateescape")
        with open(os.path.join(folder, entry["file"]), "wb") as file:
            file.write(data)
        truth[name] = entry
    # Two columns, no quotes, no other byte than ASCII; an answer that keeps the \r finds 0.
    with open(os.path.join(folder, "crlf_ascii.csv"), "wb") as file:
        file.write(b"k,v\r\n" + b"a,b\r\n" * 100000)
    truth["crlf_ascii"] = {"file": "crlf_ascii.csv", "records": 100000,
                           "affected": 100000, "column": "v", "ends_with": "b",
                           "what": "CRLF; the value has to end before the CR."}
    with open(os.path.join(folder, "truth.json"), "w", encoding="utf-8") as file:
        json.dump(truth, file, ensure_ascii=False, indent=1)


main()
