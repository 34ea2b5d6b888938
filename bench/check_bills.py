# SPDX-License-Identifier: Apache-2.0
# Holds what gen_bills says of a dump against a slow count of the dump itself.
#     check_bills.py MODE DUMP TRUTH.json [BEFORE.csv]
# It shares nothing with the generator. With BEFORE (mode after), the two are compared
# row by row as well. Exit 1 where a figure differs.
import csv
import decimal
import json
import re
import sys

COLUMNS = ["bill_id", "bill_date", "merchant_id", "account_no", "counterparty_name",
           "counterparty_account", "amount", "fee", "status", "memo"]
MARKER = "【解密服务初始化失败，请联系加解密管理员】"


def csv_rows(path):
    with open(path, encoding="utf-8", newline="") as file:
        rows = csv.reader(file, strict=True)
        header = next(rows)
        for row in rows:
            assert len(row) == len(header), row
            yield dict(zip(header, (None if v == "\\N" else v for v in row)))


def hive_rows(path):
    with open(path, encoding="utf-8", newline="\n") as file:
        for line in file:
            values = line.rstrip("\n").split("\x01")
            assert len(values) == len(COLUMNS), line
            yield dict(zip(COLUMNS, (None if v == "\\N" else v for v in values)))


def jsonl_rows(path):
    with open(path, encoding="utf-8", newline="\n") as file:
        for line in file:
            row = json.loads(line, parse_float=str)
            assert list(row) == COLUMNS, line
            yield row


def mysqldump_rows(path):
    value = re.compile(r"'((?:[^'\\]|\\.)*)'|NULL|(-?[0-9.]+)", re.S)
    with open(path, encoding="utf-8", newline="\n") as file:
        for line in file:
            if not line.startswith("INSERT INTO"):
                continue
            at = line.index("(")
            while line[at] == "(":
                row = []
                while line[at] in "(,":
                    found = value.match(line, at + 1)
                    text = found.group(1)
                    if text is not None:
                        text = re.sub(r"\\(.)", lambda m: {"n": "\n"}.get(m[1], m[1]), text)
                    row.append(text if text is not None else found.group(2))
                    at = found.end()
                assert line[at] == ")" and len(row) == len(COLUMNS), row
                yield dict(zip(COLUMNS, row))
                at += 2
                if line[at - 1] == ";":
                    break
            assert line[at:] == "\n", line[at:]


def text_of(cents):
    return str(decimal.Decimal(cents).scaleb(-2).quantize(decimal.Decimal("0.01")))


def count_bills(rows):
    found = {"records": 0, "affected": 0, "marker_records": 0, "by": {}}
    all_merchants, merchants = set(), set()
    cents = all_cents = 0
    nulls, empties = dict.fromkeys(COLUMNS, 0), dict.fromkeys(COLUMNS, 0)
    for row in rows:
        wrong = MARKER in row["counterparty_name"]
        day = found["by"].setdefault(row["bill_date"], [0, 0])
        amount = int(decimal.Decimal(row["amount"]).scaleb(2))
        found["records"] += 1
        day[0] += 1
        all_merchants.add(row["merchant_id"])
        all_cents += amount
        found["marker_records"] += wrong or MARKER in row["memo"]
        if wrong:
            found["affected"] += 1
            day[1] += 1
            merchants.add(row["merchant_id"])
            cents += amount
        for column in COLUMNS:
            nulls[column] += row[column] is None
            empties[column] += row[column] == ""
    found.update(distinct_all=len(all_merchants), distinct_affected=len(merchants),
                 sum_all=text_of(all_cents), sum_affected=text_of(cents), nulls=nulls,
                 empties=empties)
    return found


def luhn(digits):
    total = sum(int(c) for c in digits[-1::-2])
    return (total + sum(sum(divmod(2 * int(c), 10)) for c in digits[-2::-2])) % 10 == 0


def card_check(card):
    total = sum(int(c) * (2 ** (17 - i) % 11) for i, c in enumerate(card[:17]))
    return "10X98765432"[total % 11] == card[17]


def count_people(rows):
    found = {"records": 0, "affected": 0}
    columns = {
        "name": (r"[\u4e00-\u9fff]{2,20}", None),
        "mobile": (r"1[3-9][0-9]{9}", None),
        "id_card": (r"[0-9]{6}(19|20)[0-9]{2}(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])"
                    r"[0-9]{3}[0-9X]", card_check),
        "bank_card": (r"[0-9]{13,19}", luhn)}
    for column in columns:
        found[column] = found[column + "_by_pattern"] = 0
    for row in rows:
        found["records"] += 1
        any_bad = False
        for column, (pattern, checksum) in columns.items():
            formed = re.fullmatch(pattern, row[column]) is not None
            bad = not formed or (checksum is not None and not checksum(row[column]))
            found[column + "_by_pattern"] += not formed
            found[column] += bad
            any_bad = any_bad or bad
        found["affected"] += any_bad
    return found


def compare(before, after):
    old = {row["bill_id"]: row for row in csv_rows(before)}
    changed = 0
    order = []
    for row in csv_rows(after):
        was = old.pop(row["bill_id"])
        order.append(row["bill_id"])
        differing = [c for c in COLUMNS if was[c] != row[c]]
        assert differing in ([], ["counterparty_name"]), differing
        if differing:
            assert was["counterparty_name"] == MARKER
        changed += bool(differing)
    assert order != sorted(order)
    return {"missing": len(old), "changed": changed}


def main():
    mode, dump, truth_file = sys.argv[1:4]
    with open(truth_file, encoding="utf-8") as file:
        truth = json.load(file)
    readers = {"mysqldump": mysqldump_rows, "hive": hive_rows, "jsonl": jsonl_rows}
    rows = readers.get(mode, csv_rows)(dump)
    found = count_people(rows) if mode == "people" else count_bills(rows)
    with open(dump, "rb") as file:
        data = file.read()
    found["bytes"] = len(data)
    found["lines"] = data.count(b"\n")
    if len(sys.argv) > 4:
        found.update(compare(sys.argv[4], dump))
    wrong = [k for k in found if found[k] != truth.get(k)]
    for key in wrong:
        print("%s: %s: the generator says %s, the dump holds %s"
              % (mode, key, truth.get(key), found[key]))
    if not found["records"] or not found["affected"] and mode != "after":
        wrong.append("empty")
    sys.exit(1 if wrong else 0)


main()
