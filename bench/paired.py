# SPDX-License-Identifier: Apache-2.0
# Runs programs in paired rounds, holds their answers against the truth, prints tables.
#
# A round runs every program of a job once; the next round begins with another one. The
# ratio of two programs is the median over the rounds of their ratio within a round, so
# that what else the machine does meanwhile falls on both.
import decimal
import os
import statistics
import subprocess
import sys


class Program:
    """One row of a table.

    name      what stands in the table
    command   words, or one text for a shell
    read      turns stdout's text into a dict in the words of the truth; None: a
              yardstick that answers nothing
    asked     the keys of the truth that the whole job asks for; what `read` does not
              give of them is printed as missing
    peer      it is someone else's, and is compared with ours
    start     the name of the row that tells what its starting costs
    unless    why it is not run at all
    """

    def __init__(self, name, command, read=None, asked=(), peer=True, start=None,
                 ours=False, note="", unless=""):
        self.name, self.command, self.read, self.asked = name, command, read, asked
        self.ours, self.peer, self.start = ours, peer and not ours, start
        self.note, self.unless = note, unless
        self.seconds, self.cpu, self.peak_kib, self.verdict = [], [], 0, ""
        self.wrong = False


    def without_start(self, named):
        """Its times less what its starting took in the same round, where a row of NAMED
        tells that."""
        start = named.get(self.start)
        if start is None or not start.seconds or start is self:
            return self.seconds
        return [max(s - cost, 0) for s, cost in zip(self.seconds, start.seconds)]


def short(value):
    text = str(value)
    return text if len(text) <= 40 else text[:37] + "..."


def same(key, truth, value):
    """Amounts are the same whether or not a zero ends them."""
    if key.startswith("sum_"):
        return decimal.Decimal(truth) == decimal.Decimal(value)
    return truth == value


def hold(found, truth, asked):
    """The verdict on an answer, and whether it is wrong."""
    wrong = []
    for key, value in found.items():
        if key not in truth:
            raise KeyError("the truth knows no %s" % key)
        if same(key, truth[key], value):
            continue
        if isinstance(value, dict):
            keys = [k for k in sorted(set(value) | set(truth[key]))
                    if value.get(k) != truth[key].get(k)]
            wrong.append("%s: %d of %d differ, %s %s (truth %s)"
                         % (key, len(keys), len(truth[key]), keys[0],
                            value.get(keys[0]), truth[key].get(keys[0])))
        else:
            wrong.append("%s %s (truth %s)" % (key, short(value), short(truth[key])))
    missing = [key for key in asked if key not in found]
    verdict = "WRONG: " + "; ".join(wrong) if wrong else "exact"
    if missing:
        verdict += "; PARTIAL: no " + ", ".join(missing)
    return verdict, bool(wrong)


class Runner:
    def __init__(self, timed_run, folder, seconds):
        self.timed_run, self.folder, self.limit = timed_run, folder, seconds

    def once(self, program, truth):
        """Runs it once. False where it is not to be run again."""
        words = program.command
        if isinstance(words, str):
            words = ["bash", "-o", "pipefail", "-c", words]
        # An answer goes to a file and is read; a decoder's gigabytes go nowhere.
        out = os.path.join(self.folder, "out") if program.read else "/dev/null"
        err = os.path.join(self.folder, "err")
        line = subprocess.run([self.timed_run, str(self.limit), out, err] + words,
                              check=True, stdout=subprocess.PIPE).stdout.split()
        us, cpu, kib, code = (int(n) for n in line)
        if code == 124:
            program.verdict = "ended after %d s" % self.limit
            return False
        if code != 0:
            with open(err, encoding="utf-8", errors="replace") as file:
                said = [part.strip() for part in file.read().splitlines() if part.strip()]
            program.verdict = "exit %d: %s" % (code, short_line(said))
            return False
        program.seconds.append(us / 1e6)
        program.cpu.append(cpu / 1e6)
        program.peak_kib = max(program.peak_kib, kib)
        if program.read:
            with open(out, encoding="utf-8", errors="replace") as file:
                found = program.read(file.read())
            verdict, wrong = hold(found, truth, program.asked)
            if program.verdict not in ("", verdict):
                verdict, wrong = "WRONG: its answers differ between rounds", True
            program.verdict, program.wrong = verdict, wrong
        return True

    def rounds(self, programs, truth, rounds):
        running = []
        for program in programs:
            if program.unless:
                program.verdict = program.unless
            else:
                running.append(program)
        for number in range(rounds):
            shift = number % max(len(running), 1)
            for program in running[shift:] + running[:shift]:
                progress("round %d/%d: %s" % (number + 1, rounds, program.name))
                if not self.once(program, truth):
                    program.unless = program.verdict
            running = [p for p in running if not p.unless]
        progress("")


def short_line(said):
    """The line of an error output that says why."""
    telling = [line for line in said if "rror" in line] or said or ["(nothing said)"]
    return telling[0][:150]


def progress(text):
    if sys.stderr.isatty():
        sys.stderr.write("\r\033[K" + text)


def ratio(above, below):
    """The median of the ratios within rounds; None where there are none."""
    pairs = [a / b for a, b in zip(above, below) if b > 0]
    return statistics.median(pairs) if pairs else None


def cell(value, form):
    return form % value if value is not None else "–"


def table(programs, size):
    """Lines of Markdown; all are compared with the first program as well (wc -l)."""
    yardstick = programs[0]
    ours = next((p for p in programs if p.ours and p.seconds), None)
    by_name = {p.name: p for p in programs}
    lines = ["| program | least s | median s | GB/s | CPU s | peak MiB | × %s | "
             "it / ours | less start | answer |" % yardstick.name,
             "|---|---:|---:|---:|---:|---:|---:|---:|---:|---|"]
    for p in programs:
        if not p.seconds:
            lines.append("| %s | – | – | – | – | – | – | – | – | %s |"
                         % (p.name, p.verdict.replace("|", "\\|")))
            continue
        least = min(p.seconds)
        theirs = without = None
        if ours is not None and p.peer:
            theirs = ratio(p.seconds, ours.seconds)
            if p.start:
                without = ratio(p.without_start(by_name), ours.seconds)
        answer = "; ".join(t for t in (p.verdict, p.note) if t) or "(no answer)"
        lines.append("| %s | %.3f | %.3f | %s | %.2f | %.1f | %s | %s | %s | %s |" % (
            p.name, least, statistics.median(p.seconds),
            cell(size / least / 1e9 if size and p.name != p.start else None, "%.2f"),
            min(p.cpu), p.peak_kib / 1024,
            cell(ratio(p.seconds, yardstick.seconds), "%.2f"), cell(theirs, "%.2f"),
            cell(without, "%.2f"), answer.replace("|", "\\|")))
    return lines
