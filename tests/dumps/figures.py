# SPDX-License-Identifier: Apache-2.0
# The figures of `twinwall impact -o json`, one a line, as mariadb_dumps.sh asks the
# server for them.
import json
import sys

with open(sys.argv[1], encoding="utf-8") as f:
    run = json.load(f)


def cell(text):
    return "NULL" if text is None else text


print("records", run["records"]["read"], run["records"]["refused"])
print("affected", run["affected"], run["ratio"]["den"])
for rule in run["wrong"]:
    print("rule", rule["affected"])
for group in run["by"]:
    key = ",".join(cell(k) for k in group["key"].values())
    print("by", key, group["records"], group["affected"])
for column in run["distinct"]:
    print("distinct", column["column"], column["affected"], column["all"])
for column in run["sums"]:
    print("sum", column["column"], column["affected"], column["all"],
          column["gross"], column["refunds"], column["nulls"])
