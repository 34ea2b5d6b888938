#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# How much faster `twinwall impact` is than a Python csv loop that does the same.
#
#     bench/impact_vs_python.sh [TWINWALL] [FILE.csv]
#
# Without FILE a dump of 1,496,160 rows is generated. Both programs run three times in
# turn on the warm file; the best time of each counts, and their figures must agree.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
program=${1:-$here/../build/bin/twinwall}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT INT TERM
file=${2:-$dir/bills.csv}
if [ $# -lt 2 ]; then
    python3 "$here/impact_dump.py" 1496160 6131 > "$file"
fi
bytes=$(wc -c < "$file")
echo "file: $bytes bytes"

python3 - "$program" "$file" "$here/impact_vs_python.py" <<'PY'
import json
import subprocess
import sys
import time

program, path, loop = sys.argv[1:]
rule = "counterparty ~ /解密服务初始化失败/"
jobs = {
    "count by day": (["--by", "bill_date"], "plain"),
    "and distinct and sum": (
        ["--by", "bill_date", "--distinct", "merchant_id", "--sum", "amount"], "full"),
}


def timed(command):
    start = time.perf_counter()
    out = subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout
    return time.perf_counter() - start, out.decode()


def figures(text):
    a = json.loads(text)
    lines = ["%s %d %d" % (g["key"]["bill_date"], g["records"], g["affected"])
             for g in a["by"]]
    lines.append("%d %d" % (a["records"]["read"], a["affected"]))
    for d, s in zip(a["distinct"], a["sums"]):
        lines.append("%d %d %s %s" % (d["affected"], d["all"], s["affected"], s["all"]))
    return "\n".join(lines) + "\n"


for name, (flags, kind) in jobs.items():
    ours, theirs = [], []
    for _ in range(3):
        t, text = timed([program, "impact", path, "--wrong", rule, "-o", "json"] + flags)
        ours.append(t)
        u, expected = timed([sys.executable, loop, path, kind])
        theirs.append(u)
        if figures(text) != expected:
            sys.exit("the figures differ:\n" + figures(text) + expected)
    print("%s: twinwall %.3f s, python %.3f s, ratio %.1f"
          % (name, min(ours), min(theirs), min(theirs) / min(ours)))
PY
