# SPDX-License-Identifier: Apache-2.0
# The count of `twinwall impact` as one writes it in Python's csv module.
import csv
import re
import sys
from collections import Counter
from decimal import Decimal

path, full = sys.argv[1], sys.argv[2] == "full"
marker = re.compile("解密服务初始化失败")
total = affected = 0
by_all, by_affected = Counter(), Counter()
keys, keys_affected = set(), set()
amount = amount_affected = Decimal(0)
with open(path, encoding="utf-8", newline="") as f:
    rows = csv.reader(f)
    column = {name: i for i, name in enumerate(next(rows))}
    counterparty, date = column["counterparty"], column["bill_date"]
    merchant, money = column["merchant_id"], column["amount"]
    for row in rows:
        total += 1
        bad = marker.search(row[counterparty]) is not None
        by_all[row[date]] += 1
        if bad:
            affected += 1
            by_affected[row[date]] += 1
        if full:
            keys.add(row[merchant])
            x = Decimal(row[money])
            amount += x
            if bad:
                keys_affected.add(row[merchant])
                amount_affected += x
for key in sorted(by_all):
    print(key, by_all[key], by_affected[key])
print(total, affected)
if full:
    print(len(keys_affected), len(keys), amount_affected, amount)
