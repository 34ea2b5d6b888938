# SPDX-License-Identifier: Apache-2.0
# The jobs of count_peers.sh: who runs, what they are asked, how their answers are read.
# Called by that script, which builds, installs and generates.
import argparse
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

from paired import Program, Runner, ratio, table

HERE = os.path.dirname(os.path.abspath(__file__))
MARKER = "解密服务初始化失败"
RULE = "counterparty_name ~ /%s/" % MARKER
DETAILED = ["--by", "bill_date", "--distinct", "merchant_id", "--sum", "amount"]
OURS = "ours, 2 threads"
TOTAL = ("records", "affected")
BY_DATE = TOTAL + ("by", "distinct_affected", "sum_affected")
BY_DATE_ALL = BY_DATE + ("distinct_all", "sum_all")
PEOPLE = ("records", "affected", "name", "mobile", "id_card", "bank_card")
RECONCILE = ("missing", "added", "changed", "changed_columns")
VALIDATORS = ["name fails cjk-name", "mobile fails mobile", "id_card fails cn-id",
              "bank_card fails bank-card"]


# ---- how answers are read ----

def read_ours(text):
    """`twinwall impact -o json` in the words of the truth."""
    a = json.loads(text)
    found = {"records": a["records"]["read"], "affected": a["affected"]}
    if a["records"]["refused"] or a["partial"]:
        found["records"] = "%d, %d refused" % (found["records"], a["records"]["refused"])
    if a.get("by"):
        found["by"] = {g["key"]["bill_date"]: [g["records"], g["affected"]]
                       for g in a["by"]}
    for d in a.get("distinct", ()):
        found.update(distinct_affected=d["affected"], distinct_all=d["all"])
    for s in a.get("sums", ()):
        found.update(sum_affected=s["affected"], sum_all=s["all"])
    return found


def read_ours_affected(text):
    """The same with a --where that leaves only the affected ones."""
    found = read_ours(text)
    return {"affected": found["affected"],
            "distinct_affected": found["distinct_affected"],
            "sum_affected": found["sum_affected"]}


def read_ours_people(text):
    a = json.loads(text)
    found = read_ours(text)
    found.update((w["rule"].split()[0], w["affected"]) for w in a["wrong"])
    return found


def read_ours_reconcile(text):
    a = json.loads(text)
    return {"missing": a["lost"], "added": a["new"], "changed": a["repaired"]}


def read_lines(text):
    """wc -l: lines, the header taken off."""
    return {"records": int(text.split()[0]) - 1}


def read_affected(text):
    return {"affected": int(text.split()[0])}


def read_pair(text):
    records, affected = text.split()
    return {"records": int(records), "affected": int(affected)}


def read_sorted(text):
    before, after = (int(n) for n in text.split())
    return {"changed": after, "missing": before - after}


def read_sqlite(text):
    """date|records|affected lines, then distinct, then cents."""
    found = {"by": {}}
    *days, distinct, cents = text.split()
    for day in days:
        date, records, affected = day.split("|")
        found["by"][date] = [int(records), int(affected)]
    found["records"] = sum(n for n, _ in found["by"].values())
    found["affected"] = sum(n for _, n in found["by"].values())
    found["distinct_affected"] = int(distinct)
    found["sum_affected"] = "%s%d.%02d" % ("-" if int(cents) < 0 else "",
                                           abs(int(cents)) // 100, abs(int(cents)) % 100)
    return found


MILLER = '''begin { @n = {}; @b = {}; @m = {}; @s = 0 }
@n[$bill_date] = (@n[$bill_date] ?? 0) + 1;
if (strlen(sub($counterparty_name, "%s", "")) != strlen($counterparty_name)) {
  @b[$bill_date] = (@b[$bill_date] ?? 0) + 1;
  @m[$merchant_id] = 1;
  @s += roundm($amount * 100, 1)
}
end {
  for (d, n in @n) { print d . "|" . n . "|" . (@b[d] ?? 0) }
  print length(@m);
  print fmtnum(@s, "%%d")
}''' % MARKER

SQLITE = '''.import --csv %s t
select bill_date, count(*), sum(instr(counterparty_name, '{m}') > 0) from t group by 1;
select count(distinct merchant_id) from t where instr(counterparty_name, '{m}') > 0;
select sum(cast(round(amount * 100) as integer)) from t
 where instr(counterparty_name, '{m}') > 0;'''.format(m=MARKER)

NAIVE_AWK = "NR > 1 { n++ } $5 ~ /%s/ { b++ } END { print n + 0, b + 0 }" % MARKER


# ---- who is there ----

class Peers:
    def __init__(self, folder, twinwall):
        self.twinwall = twinwall
        self.python = os.path.join(folder, "venv", "bin", "python")
        self.sql = os.path.join(HERE, "peer_sql.py")

    def tool(self, name):
        return shutil.which(name)

    def has_sql(self, engine):
        return subprocess.run([self.python, "-c", "import " + engine],
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
                              ).returncode == 0 if os.path.exists(self.python) else False

    def engines(self):
        if not hasattr(self, "known"):
            self.known = [e for e in ("duckdb", "chdb") if self.has_sql(e)]
        return self.known

    def dump_name(self, beginning):
        """The name by which our program knows a format."""
        listed = subprocess.run([self.twinwall, "list", "dumps"], stdout=subprocess.PIPE,
                                stderr=subprocess.DEVNULL).stdout.decode()
        found = re.search(r"^\s*(%s\S*)" % beginning, listed, re.M)
        return found.group(1) if found else beginning

    def ours(self, name, files, words, read, asked, jobs=2, first=False):
        command = [self.twinwall, "impact"] + files + words
        return Program(name, command + ["-j", str(jobs), "-o", "json", "-q"], read, asked,
                       ours=first, peer=False)

    def start(self, engine):
        return Program("%s: start alone" % engine,
                       [self.python, "-B", self.sql, engine, "start", "2"], peer=False,
                       start="%s: start alone" % engine)

    def asking(self, engine, label, job, files, asked, note=""):
        return Program("%s: %s" % (engine, label),
                       [self.python, "-B", self.sql, engine, job, "2"] + files,
                       json.loads, asked, start="%s: start alone" % engine, note=note)

    def all_engines(self, label, job, files, asked, note="", only=("duckdb", "chdb")):
        return [self.asking(e, label, job, files, asked, note)
                for e in self.engines() if e in only]

    def starts(self, only=("duckdb", "chdb")):
        return [self.start(e) for e in self.engines() if e in only]

    def external(self, name, command, read, asked, note="", peer=True):
        """A row for a program of the machine, none where it is not there."""
        first = re.match(r"(?:LC_ALL=C )?(\S+)", command).group(1)
        if self.tool(first) is None:
            return []
        return [Program(name, command, read, asked, note=note, peer=peer)]


# ---- the jobs ----

class Bench:
    def __init__(self, args):
        self.args = args
        os.chdir(args.data)  # so that files have plain names
        self.peers = Peers(args.peers, args.twinwall)
        self.folder = tempfile.mkdtemp(prefix="count-peers-")
        self.runner = Runner(args.timed_run, self.folder, args.limit)
        self.wrong_ours, self.goals = [], []

    def truth(self, name):
        with open(name + ".json", encoding="utf-8") as file:
            return json.load(file)

    def wc(self, path):
        return Program("wc -l", "LC_ALL=C wc -l <" + path, read_lines, TOTAL,
                       note="counts lines")

    def goal(self, title, programs, above, below, relation, bar):
        """Notes how ABOVE's time stands to BELOW's, which should be RELATION BAR."""
        named = {p.name: p for p in programs}
        if above not in named or below not in named:
            return
        label = above + (", less start" if named[above].start else "")
        value = ratio(named[above].without_start(named), named[below].seconds)
        self.goals.append(("%s: %s / %s" % (title, label, below), value, relation, bar))

    def print_goals(self):
        print("## Goals\n")
        print("| ratio of times within a round | is | goal | |\n|---|---:|---:|---|")
        for what, value, relation, bar in self.goals:
            if value is None:
                met = "no answer"
            else:
                well = value <= bar if relation == "≤" else value >= bar
                met = "met" if well else "MISSED"
            print("| %s | %s | %s %.2f | %s |"
                  % (what, "–" if value is None else "%.2f" % value, relation, bar, met))
        print()

    def run(self, title, programs, truth, files, size):
        for file in files:  # into the page cache
            subprocess.run(["cat", file], stdout=subprocess.DEVNULL, check=True)
        for program in programs:  # the engines as well
            if program.start == program.name:
                subprocess.run(program.command, stdout=subprocess.DEVNULL)
        self.runner.rounds(programs, truth, self.args.rounds)
        self.wrong_ours += ["%s: %s: %s" % (title, p.name, p.verdict) for p in programs
                            if p.wrong and self.peers.twinwall in p.command]
        print("### %s\n" % title)
        print("\n".join(table(programs, size)))
        print(flush=True)
        return programs

    def j1(self, size):
        data, p = size + ".csv", self.peers
        rule = ["--wrong", RULE]
        programs = [
            self.wc(data),
            p.ours(OURS, [data], rule + DETAILED, read_ours, BY_DATE_ALL,
                   first=True),
            p.ours("ours, 1 thread", [data], rule + DETAILED, read_ours, BY_DATE_ALL, 1),
            p.ours("ours, no distinct, no sum", [data], rule + DETAILED[:2], read_ours,
                   BY_DATE),
            p.ours("ours, distinct and sum of the affected alone", [data],
                   rule + ["--where", RULE] + DETAILED[2:], read_ours_affected, BY_DATE),
            *p.starts(),
            *p.all_engines("same as ours (distinct and sum of all too)", "by-date-all",
                           [data], BY_DATE_ALL),
            *p.all_engines("distinct and sum of the affected alone", "by-date", [data],
                           BY_DATE, "less than ours"),
            *p.all_engines("that, and NULL and empty of ten columns", "by-date-nulls",
                           [data], BY_DATE + ("nulls", "empties"))]
        if size == "small":
            programs += p.external("miller", "mlr --icsv --ocsv put -q %s %s"
                                   % (shlex.quote(MILLER), data), read_sqlite, BY_DATE,
                                   "less than ours")
            programs += p.external("sqlite3 (import, then SQL)", "sqlite3 :memory: <<'E'\n"
                                   + SQLITE % data + "\nE", read_sqlite, BY_DATE,
                                   "less than ours")
        self.run("J1 %s: by date, affected, merchants, amounts" % size, programs,
                 self.truth(size + ".csv"), [data], os.path.getsize(data))
        same, less = ("%s: same as ours (distinct and sum of all too)",
                      "%s: distinct and sum of the affected alone")
        for above, below, relation, bar in (
                (OURS, "wc -l", "≤", 1.6), (same % "duckdb", OURS, "≥", 7),
                (same % "chdb", OURS, "≥", 7), (less % "duckdb", OURS, "≥", 7),
                (less % "chdb", OURS, "≥", 7)):
            self.goal("J1 " + size, programs, above, below, relation, bar)
        if programs[1].seconds:
            self.goals.append(("J1 %s: peak of ours, MiB" % size,
                               programs[1].peak_kib / 1024, "≤", 32))
        ours, by_only, affected = programs[1], programs[3], programs[4]
        if ours.seconds and by_only.seconds and affected.seconds:
            shares = [100 * (1 - ratio(p.seconds, ours.seconds)) for p in (by_only, affected)]
            print("Ours counts distinct merchants and adds amounts over *all* records, not "
                  "only the affected ones: at most %.0f %% of its time goes there (against "
                  "by date alone; against distinct and sum of the affected alone, %.0f %%).\n"
                  % tuple(shares))

    def j2(self, size):
        data, p = size + ".csv", self.peers
        rule = ["--wrong", RULE]
        line_note = "lines, any column"
        programs = [
            self.wc(data),
            p.ours(OURS, [data], rule, read_ours, TOTAL, first=True),
            p.ours("ours, 1 thread", [data], rule, read_ours, TOTAL, 1),
            *p.starts(), *p.all_engines("total and affected", "total", [data], TOTAL),
            *p.external("rg -c", "rg -c %s %s" % (MARKER, data), read_affected, TOTAL,
                        line_note),
            *p.external("rg -c --no-mmap", "rg -c --no-mmap %s %s" % (MARKER, data),
                        read_affected, TOTAL, line_note),
            *p.external("grep -c", "LC_ALL=C grep -c %s %s" % (MARKER, data),
                        read_affected, TOTAL, line_note),
            *p.external("mawk -F,", "mawk -F, '%s' %s" % (NAIVE_AWK, data), read_pair,
                        TOTAL, "splits at every comma"),
            *p.external("zsv count", "zsv count %s" % data, read_records, TOTAL)]
        if size == "small":
            programs += p.external("gawk -F,", "LC_ALL=C gawk -F, '%s' %s"
                                   % (NAIVE_AWK, data), read_pair, TOTAL,
                                   "splits at every comma")
        self.run("J2 %s: total and affected" % size, programs, self.truth(size + ".csv"),
                 [data], os.path.getsize(data))
        for above, below, relation, bar in (
                (OURS, "wc -l", "≤", 1.0), (OURS, "rg -c", "≤", 1.0),
                (OURS, "zsv count", "≤", 1.1), ("duckdb: total and affected", OURS, "≥", 6),
                ("chdb: total and affected", OURS, "≥", 5)):
            self.goal("J2 " + size, programs, above, below, relation, bar)

    def j3(self, _):
        data, p = "people.csv", self.peers
        rules = [w for r in VALIDATORS for w in ("--wrong", r)]
        programs = [
            self.wc(data),
            p.ours(OURS, [data], rules, read_ours_people, PEOPLE, first=True),
            p.ours("ours, 1 thread", [data], rules, read_ours_people, PEOPLE, 1),
            *p.starts(),
            *p.all_engines("four patterns and both checksums", "validators", [data],
                           PEOPLE),
            *p.all_engines("four patterns alone", "patterns", [data], ("records",),
                           "PARTIAL: no checksums")]
        self.run("J3: four validators", programs, self.truth("people.csv"),
                 [data], os.path.getsize(data))
        for engine in ("duckdb", "chdb"):
            self.goal("J3", programs, engine + ": four patterns alone", OURS, "≥", 4)

    def j4(self, size):
        p, truth = self.peers, self.truth(size + ".csv")
        raw = os.path.getsize(size + ".csv")
        for ending in ("gz", "zst"):
            data = "%s.csv.%s" % (size, ending)
            if not os.path.exists(data):
                print("J4 %s %s: not made, the packer is missing\n" % (size, ending))
                continue
            if ending == "gz":
                alone = (p.external("igzip -dc alone", "igzip -dc %s" % data, None, (),
                                    peer=False) +
                         p.external("pigz -dc alone", "pigz -dc %s" % data, None, (),
                                    peer=False) +
                         p.external("gzip -dc alone", "gzip -dc %s" % data, None, (),
                                    peer=False))
                piped = "igzip -dc"
            else:
                alone = p.external("zstd -dc alone", "zstd -dc %s" % data, None, (),
                                   peer=False)
                piped = "zstd -dc"
            rule = ["--wrong", RULE] + DETAILED
            programs = [
                *alone,
                p.ours(OURS, [data], rule, read_ours, BY_DATE_ALL, first=True),
                Program("%s, piped to ours" % piped, "%s %s | %s impact - --dump csv "
                        "--wrong %s %s -j 2 -o json -q"
                        % (piped, data, shlex.quote(p.twinwall), shlex.quote(RULE), " ".join(DETAILED)),
                        read_ours, BY_DATE_ALL, peer=False),
                *p.starts(),
                *p.all_engines("same as ours", "by-date-all", [data], BY_DATE_ALL),
                *p.all_engines("distinct and sum of the affected alone", "by-date", [data],
                               BY_DATE, "less than ours"),
                *p.external("rg -z -c", "rg -z -c %s %s" % (MARKER, data), read_affected,
                            BY_DATE, "lines, any column"),
                *(p.external("zgrep -c", "zgrep -c %s %s" % (MARKER, data), read_affected,
                             BY_DATE, "lines, any column") if ending == "gz" else [])]
            title = "J4 %s: J1 over %s" % (size, ending)
            self.run(title, programs, truth, [data], raw)
            title = "J4 %s %s" % (size, ending)
            if ending == "gz":
                self.goal(title, programs, OURS, "igzip -dc alone", "≤", 1.1)
                self.goal(title, programs, "duckdb: same as ours", OURS, "≥", 4)
                self.goal(title, programs, "chdb: same as ours", OURS, "≥", 2)
            else:
                self.goal(title, programs, OURS, "zstd -dc alone", "≤", 1.05)
                self.goal(title, programs, "duckdb: same as ours", OURS, "≥", 2.5)

    def j5(self, _):
        before, after, p = "small.csv", "after.csv", self.peers
        truth = self.truth("after.csv")
        truth.update(added=0, changed_columns={"counterparty_name": truth["changed"]})
        known = subprocess.run([p.twinwall, "reconcile", "--help"],
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
                               ).returncode == 0
        ours = Program(OURS,
                       [p.twinwall, "reconcile", before, after, "--key", "bill_id",
                        "--wrong", RULE, "-j", "2", "-o", "json", "-q", "--fail-on",
                        "never"],
                       read_ours_reconcile, RECONCILE, ours=True,
                       unless="" if known else "not built yet")
        sort = ("export LC_ALL=C; sort --parallel=2 %s >{t}/a & sort --parallel=2 %s >{t}/b; "
                "wait; comm -23 {t}/a {t}/b | wc -l; comm -13 {t}/a {t}/b | wc -l"
                % (before, after)).format(t=self.folder)
        programs = [
            self.wc(before), ours, *p.starts(),
            *p.all_engines("full outer join", "reconcile", [before, after], RECONCILE),
            Program("sort and comm", sort, read_sorted, RECONCILE, note="compares lines")]
        programs[0].read = None
        programs[0].note = "of one of the two files"
        self.run("J5: reconcile with the repaired dump", programs, truth,
                 [before, after], os.path.getsize(before) + os.path.getsize(after))
        self.goal("J5", programs, "duckdb: full outer join", OURS, "≥", 3)

    def dumps(self, _):
        """The same J1 on other formats of the incident's table."""
        rule = ["--wrong", RULE] + DETAILED
        only = {"mysqldump": ("chdb",)}
        notes = {"mysqldump": "DuckDB reads no mysqldump"}
        for form in ("mysqldump", "hive", "jsonl"):
            data, p = "small." + form, self.peers
            engines = only.get(form, ("duckdb", "chdb"))
            names = ",".join(COLUMNS)
            columns = ["--columns", names] if form == "hive" else []
            dump = ["--dump", self.peers.dump_name("hive")] if form == "hive" else []
            programs = [
                self.wc(data),
                p.ours(OURS, [data], dump + columns + rule, read_ours,
                       BY_DATE_ALL, first=True),
                *p.starts(engines),
                *p.all_engines("same as ours", form + "-all", [data], BY_DATE_ALL,
                               only=engines),
                *p.all_engines("distinct and sum of the affected alone", form, [data],
                               BY_DATE, "less than ours", engines)]
            programs[0].read = None
            programs[0].note = notes.get(form, "")
            self.run("Dumps: J1 over %s" % form, programs, self.truth("small." + form),
                     [data], os.path.getsize(data))
            self.goal("J1 over " + form, programs,
                      "chdb: same as ours", OURS, "≥", 1)


COLUMNS = ["bill_id", "bill_date", "merchant_id", "account_no", "counterparty_name",
           "counterparty_account", "amount", "fee", "status", "memo"]


def read_records(text):
    return {"records": int(text.split()[0])}


def main():
    parser = argparse.ArgumentParser()
    for name in ("peers", "twinwall", "timed-run", "data", "jobs", "sizes"):
        parser.add_argument("--" + name, required=True)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--limit", type=int, default=600)
    args = parser.parse_args()
    for name in ("peers", "twinwall", "timed_run", "data"):
        setattr(args, name, os.path.abspath(getattr(args, name)))
    bench = Bench(args)
    try:
        for job in bench.args.jobs.split(","):
            for size in bench.args.sizes.split(","):
                if job in ("J3", "J5", "dumps") and size != "small":
                    continue
                {"J1": bench.j1, "J2": bench.j2, "J3": bench.j3, "J4": bench.j4,
                 "J5": bench.j5, "dumps": bench.dumps}[job](size)
        bench.print_goals()
    finally:
        shutil.rmtree(bench.folder, ignore_errors=True)
    if bench.wrong_ours:
        print("**Ours is wrong:**\n\n" + "\n".join("- " + w for w in bench.wrong_ours))
        sys.exit(1)


main()
