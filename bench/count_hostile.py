# SPDX-License-Identifier: Apache-2.0
# Who says what of the dumps that are made to be miscounted: `count_peers.sh --hostile`.
#
# A cell is records/affected. A wrong count that is given without an error is printed in
# bold. Our own cells are asserted: exact with exit code 0; or refused, with all records
# accounted for and no more than the truth affected. Exit 1 where that does not hold.
import argparse
import json
import os
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))


def run(words, limit=120):
    done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          timeout=limit)
    return (done.returncode, done.stdout.decode("utf-8", "replace"),
            done.stderr.decode("utf-8", "replace"))


def judged(entry, records, affected):
    """A cell of somebody who gave an answer without complaint."""
    cell = "%s/%s" % (records, affected)
    if entry["records"] is None:
        return "**%s**" % cell  # it cannot be known
    right = (records in ("–", entry["records"]) and affected in ("–", entry["affected"]))
    return cell if right else "**%s**" % cell


def why(said):
    lines = [line.strip() for line in said.splitlines() if "rror" in line]
    lines = lines or [line.strip() for line in said.splitlines() if line.strip()]
    return "error: " + (lines[0] if lines else "nothing said")[:110].replace("|", "\\|")


class Ours:
    def __init__(self, twinwall):
        self.twinwall, self.failures = twinwall, []

    def fail(self, name, how, reason):
        self.failures.append("%s (%s): %s" % (name, how, reason))

    def cell(self, name, entry, how, words):
        pattern = entry["ends_with"] + "$" if "ends_with" in entry else entry["contains"]
        rule = "%s ~ /%s/" % (entry["column"], pattern)
        command = [self.twinwall, "impact", entry["file"], "--wrong", rule, "-o", "json"]
        code, out, err = run(command + words + ["-j", "2"])
        if run(command + words + ["-j", "1"]) != (code, out, err):
            self.fail(name, how, "one thread answers otherwise than two")
        if how == "by itself" and entry.get("exit") == 2:
            if code != 2:
                self.fail(name, how, "exit code %d and not 2" % code)
            return why(err)
        if code not in (0, 3):
            self.fail(name, how, "exit code %d: %s" % (code, err.strip()))
            return why(err)
        answer = json.loads(out)
        records, affected = answer["records"], answer["affected"]
        if records["read"] != records["counted"] + records["refused"]:
            self.fail(name, how, "records are lost")
        if code == 0:
            if (records["read"], affected) != (entry["records"], entry["affected"]):
                self.fail(name, how, "%d/%d with exit code 0" % (records["read"], affected))
            return judged(entry, records["read"], affected)
        self.check_refused(name, how, entry, records, affected)
        return ("refuses %d (%s): %d read, at least %d, exit 3"
                % (records["refused"], ", ".join(r["reason"] for r in answer["refused"]),
                   records["read"], affected))

    def check_refused(self, name, how, entry, records, affected):
        if how == "told" or "refused" not in entry:
            self.fail(name, how, "%d refused" % records["refused"])
        elif records["refused"] != entry["refused"]:
            self.fail(name, how, "%d refused and not %d"
                      % (records["refused"], entry["refused"]))
        if entry["affected"] is not None and affected > entry["affected"]:
            self.fail(name, how, "%d affected are no lower bound" % affected)
        if entry.get("read", entry["records"]) not in (None, records["read"]):
            self.fail(name, how, "%d records" % records["read"])
        counted = entry.get("counted")
        if counted is not None and (records["counted"], affected) != (
                counted, entry["counted_affected"]):
            self.fail(name, how, "%d/%d counted" % (records["counted"], affected))


def line_tools(entry):
    pattern = entry["ends_with"] + "$" if "ends_with" in entry else entry["contains"]
    with open(entry["file"], "rb") as file:
        lines = file.read().count(b"\n") - 1
    found = "–"
    if shutil.which("rg"):
        words = ["rg", "-c", pattern, entry["file"]]
        if "encoding" in entry:
            words[1:1] = ["-E", entry["encoding"]]
        found = int(run(words)[1].strip() or 0)
    return judged(entry, lines, found)


def zsv(entry, words):
    if shutil.which("zsv") is None:
        return "not there"
    code, out, err = run(["zsv", "count"] + words + [entry["file"]])
    return judged(entry, int(out.split()[0]), "–") if code == 0 else why(err)


def main():
    parser = argparse.ArgumentParser()
    for name in ("peers", "twinwall", "data"):
        parser.add_argument("--" + name, required=True)
    args = parser.parse_args()
    python = os.path.abspath(os.path.join(args.peers, "venv", "bin", "python"))
    ours = Ours(os.path.abspath(args.twinwall))
    subprocess.run([sys.executable, os.path.join(HERE, "adversarial_dumps.py"), args.data],
                   check=True)
    os.chdir(args.data)
    with open("truth.json", encoding="utf-8") as file:
        truth = json.load(file)
    print("## Files that are made to be miscounted\n")
    print("records/affected; a wrong count given without an error in bold.\n")
    engines = ["duckdb-auto", "duckdb-explicit", "duckdb-lenient", "chdb"]
    head = (["file", "truth", "ours", "ours, told the dialect", "DuckDB by itself",
             "DuckDB, told", "DuckDB, RFC 4180, ignoring errors", "ClickHouse",
             "wc -l / rg -c", "zsv count", "zsv count --parser fast"])
    print("| " + " | ".join(head) + " |\n|" + "---|" * len(head))
    for name, entry in truth.items():
        told = entry.get("told")
        cells = [name, "?" if entry["records"] is None
                 else "%d/%d" % (entry["records"], entry["affected"]),
                 ours.cell(name, entry, "by itself", []),
                 ours.cell(name, entry, "told", told) if told else "–"]
        with open("entry.json", "w", encoding="utf-8") as file:
            json.dump(entry, file)
        for engine in engines:
            if not os.path.exists(python):
                cells.append("not there")
                continue
            code, out, err = run([python, "-B", os.path.join(HERE, "peer_hostile.py"),
                                  engine, "entry.json"])
            cells.append(judged(entry, *(int(n) for n in out.split())) if code == 0
                         else why(err))
        cells += [line_tools(entry), zsv(entry, []), zsv(entry, ["--parser", "fast"])]
        print("| " + " | ".join(cells) + " |", flush=True)
    print()
    for name, entry in truth.items():
        print("- %s: %s" % (name, entry["what"]))
    print()
    if ours.failures:
        print("**Ours does not keep its word:**\n\n"
              + "\n".join("- " + f for f in ours.failures))
        sys.exit(1)


main()
