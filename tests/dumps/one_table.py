# SPDX-License-Identifier: Apache-2.0
# one_table.py TWINWALL PRINT_RECORDS [MARIADB-SOCKET]
# One table (source_table.py), written in every form that it has (dump_writers.py,
# tree_writers.py; with a server, by MariaDB as well), must come back from all of them:
# value by value from the reader, and as the same answers to the same questions. What a
# form cannot hold is said at its writer: those rows are left out, or those cells are
# expected as the form has them, and nothing else is. FORM=TEXT in the environment: only
# forms with TEXT in their names.
import concurrent.futures
import decimal
import gzip
import json
import lzma
import os
import shutil
import subprocess
import sys
import tempfile

import dump_writers
import mariadb_writers
import tree_writers
from read_back import read_back
from source_table import COLUMNS, QUESTIONS, UPD, Row, answer, make_rows

ZONE = ["--tz", "+08:00"]


def as_seen(form, rows):
    """ROWS as who reads FORM can know them; UTC is brought back by --tz."""
    return [Row([form.seen(i, c) for i, c in enumerate(r.cells)], r.hides)
            for r in rows]


def figures(run):
    out = {"read": run["records"]["read"], "refused": run["records"]["refused"],
           "den": run["ratio"]["den"], "affected": run["affected"],
           "rules": [rule["affected"] for rule in run["wrong"]],
           "by": {tuple(g["key"].values()): (g["records"], g["affected"])
                  for g in run["by"]},
           "distinct": {d["column"]: (d["affected"], d["all"]) for d in run["distinct"]},
           "sums": {s["column"]: (*(decimal.Decimal(s[k]) for k in
                                    ("affected", "all", "gross", "refunds")),
                                  s["nulls"]) for s in run["sums"]},
           "hides": {k: v for rule in run["wrong"]
                     for k, v in rule.get("disguises", {}).items() if v},
           "not comparable": sum(r["not_comparable"] for r in run["wrong"])}
    return out


def places(run, ends):
    """As in ENDS, where no offset is known of a dump that was written elsewhere."""
    return {k: (run[k]["file"], run[k]["record"],
                run[k]["offset"] if ends[k][2] is not None else None) for k in ends}


class Failure(Exception):
    pass


def check(what, found, expected):
    if found == expected:
        return
    if isinstance(found, dict) and isinstance(expected, dict):
        for k in {**found, **expected}:
            check("%s: %s" % (what, k), found.get(k), expected.get(k))
    raise Failure("%s:\n  found    %r\n  expected %r" % (what, found, expected))


class Bench:
    def __init__(self, twinwall, printer, folder):
        self.twinwall, self.printer, self.folder = twinwall, printer, folder

    def ask(self, form, question, path, *options):
        args = form.args + (ZONE if form.utc and question.utc else [])
        run = subprocess.run(
            [self.twinwall, "impact", path, *args, *question.arguments(), *options,
             "-q", "-o", "json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            check=False)
        if run.returncode:
            raise Failure("exit %d: %s" % (run.returncode,
                                           run.stderr.decode(errors="replace")))
        return json.loads(run.stdout)

    def read(self, form, path, columns):
        args = list(form.args)
        if form.encoding[0] == "gb18030": # the bytes may come as they like
            args += ["--piece", "61"]
        if form.schema: # the folder's table is known by the names in it
            args.remove("--table")
            args.remove("bill")
            args += ["--dump", form.format, "--schema",
                     os.path.join(self.folder, form.schema)]
        return read_back(self.printer, path, *args, "--want",
                         ",".join(COLUMNS[i] for i in columns))

    def values(self, form, files):
        """Each cell of each file, as the reader gives it."""
        for path, rows, starts in files:
            inside = [i for i, c in enumerate(COLUMNS)
                      if "/" + c + "=" not in path]
            expected = [[c if c is None else c.encode() for c in (
                form.seen(i, row.cells[i]) for i in inside)] for row in rows]
            found = self.read(form, path, inside)
            check("refused", found.refused, [])
            check("records", len(found.rows), len(rows))
            for n, (number, offset, cells) in enumerate(found.rows):
                check("record %d (id %s)" % (n + 1, rows[n].cells[0]), cells,
                      expected[n])
                check("number", number, n + 1)
                if starts:
                    check("offset of record %d" % (n + 1), offset, starts[n])
            if starts and form.encoding == ("utf-8", b""):
                self.cut_off(form, path, starts, inside, expected)

    def cut_off(self, form, path, starts, inside, expected):
        """Whatever is left of a file: there is no answer, or each record before the one
        that is cut is given as it was, or is refused. (Of the cut one a format of lines
        may have all fields, the last one shortened: nothing tells.)"""
        with open(path, "rb") as f:
            octets = f.read()
        for k, part in ((len(starts) // 3, 0), (len(starts) // 2, 3), (-2, 1)):
            whole = k % len(starts)
            first, end = starts[whole], starts[whole + 1]
            short = os.path.join(os.path.dirname(path), "cut-" + os.path.basename(path))
            with open(short, "wb") as f:
                f.write(octets[:first + 1 + (end - first - 1) * part // 4])
            try:
                found = self.read(form, short, inside)
            except ValueError:
                continue
            finally:
                os.unlink(short)
            given = {number: cells for number, _, cells in found.rows}
            for _, number, _, times in found.refused:
                given.update((number + i, None) for i in range(times))
            for n in range(whole):
                cells = given[n + 1]
                check("cut in record %d: record %d" % (whole + 1, n + 1),
                      expected[n] if cells is None else cells, expected[n])
            # What stands before the next record may be cut as well, and count as one.
            check("cut in record %d: the last one" % (whole + 1),
                  max(given) <= whole + 2, True)

    def one(self, form):
        """Everything that is asked of one form; the number of counts."""
        files = dump_writers.write(form, self.folder)
        path = os.path.join(self.folder, form.path)
        self.values(form, files)
        rows = [r for _, part, _ in files for r in part]
        seen = as_seen(form, rows)
        if form.utc: # --tz brings it back
            for new, old in zip(seen, rows):
                new.cells[UPD] = old.cells[UPD]
        counts = 0
        for n, question in enumerate(QUESTIONS):
            expected = answer(question, seen)
            first, last = expected.pop("first"), expected.pop("last")
            expected["not comparable"] = 0
            ends = {"first": self.place(files, first), "last": self.place(files, last)}
            run = self.ask(form, question, path, "-j", str(n + 1))
            counts += 1
            check("question %d" % (n + 1), figures(run), expected)
            check("places", places(run, ends), ends)
            check("format", {f["format"] for f in run["files"]}, {form.format})
            self.check_notes(form, question, run, rows)
            # Where a server wrote it, or it is there in UTF-8, it is enough to read it.
            if n or form.encoding[0] == "gb18030" or files[0][2] is None:
                continue
            for packed, name in self.pack(path, files):
                again = self.ask(form, question, packed)
                counts += 1
                check("question %d, %s" % (n + 1, name), figures(again), expected)
                check("compression", {f["compression"] for f in again["files"]}, {name})
        return counts

    @staticmethod
    def place(files, index):
        for path, rows, starts in files:
            if index < len(rows):
                return (path, index + 1, starts[index] if starts else None)
            index -= len(rows)
        raise IndexError

    def check_notes(self, form, question, run, rows):
        found = {}
        for f in run["files"]:
            for note in f.get("notes", []):
                found[note["note"]] = found.get(note["note"], 0) + note["count"]
        expected = dict(form.notes)
        if "ambiguous null" in expected:
            count = sum(form.notes["ambiguous null"](r.cells[i]) for r in rows
                        for i in self.columns_of(question))
            expected["ambiguous null"] = count
        check("notes", found, expected)

    @staticmethod
    def columns_of(question):
        text = " ".join(rule for rule, _ in question.wrong + question.where)
        named = {i for i, c in enumerate(COLUMNS) if c in text or "*" in text.split()}
        return named | {c for c, _ in question.by} | set(question.distinct) | set(
            question.sums)

    @staticmethod
    def pack(path, files):
        """The same, compressed: (path, how). Of a folder each file that holds records;
        its name may end otherwise then."""
        for name, suffix, squeeze in (("gzip", ".gz", gz), ("zstd", ".zst", zst),
                                      ("xz", ".xz", xz)):
            target = path + "-" + name
            if os.path.isfile(path):
                target += os.path.splitext(path)[1] + suffix
                moved = [(path, target)]
            else:
                shutil.copytree(path, target)
                moved = [(target + p[len(path):], target + p[len(path):] + suffix)
                         for p, _, _ in files]
            for source, packed in moved:
                with open(source, "rb") as a, open(packed, "wb") as b:
                    b.write(squeeze(a.read()))
                if source != path:
                    os.unlink(source)
            yield target, name


def gz(octets):
    """Two members, as when files are joined."""
    half = len(octets) // 2
    return gzip.compress(octets[:half], 1) + gzip.compress(octets[half:], 9)


def xz(octets):
    return lzma.compress(octets, preset=0)


def zst(octets):
    """A frame of raw blocks (RFC 8878), for machines without a compressor."""
    if shutil.which("zstd"):
        return subprocess.run(["zstd", "-q", "-c"], input=octets,
                              stdout=subprocess.PIPE, check=True).stdout
    out = b"\x28\xb5\x2f\xfd\xa0" + len(octets).to_bytes(4, "little")
    blocks = [octets[i:i + 100000] for i in range(0, len(octets), 100000)]
    for i, block in enumerate(blocks):
        head = len(block) << 3 | (i + 1 == len(blocks))
        out += head.to_bytes(3, "little") + block
    return out


def main():
    twinwall, printer = sys.argv[1:3]
    rows = make_rows()
    wanted = os.environ.get("FORM")
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(twinwall, printer, folder)
        forms = list(dump_writers.again_in_gb18030(
            [*dump_writers.text_forms(rows), *tree_writers.tree_forms(rows)]))
        if len(sys.argv) > 3:
            forms += mariadb_writers.mariadb_forms(sys.argv[3], folder, rows)
        if len({f.path for f in forms}) < len(forms):
            sys.exit("two forms are written to the same path")
        forms = [f for f in forms if not wanted or wanted in f.name]
        bad = counts = whole = 0

        def try_one(form):
            try:
                return form, bench.one(form), None
            except (Failure, ValueError, KeyError, IndexError) as error:
                return form, 0, error

        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            for form, n, error in pool.map(try_one, forms):
                counts += n
                left = len(rows) - sum(len(part) for _, _, part in form.files)
                whole += left == 0 and not error
                note = ", %d rows left out" % left if left else ""
                if error:
                    bad += 1
                    print("FAILED: %s: %s" % (form.name, error))
                else:
                    print("ok: %s%s" % (form.name, note))
        print("%d forms, %d of them with all rows; %d counts; %d forms failed"
              % (len(forms), whole, counts, bad))
        sys.exit(bad != 0)


main()
