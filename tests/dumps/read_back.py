# SPDX-License-Identifier: Apache-2.0
# The records of a dump as print_records gives them, for scripts that compare values.
import subprocess


class Records:
    """names; rows: (number, offset, values), a value is bytes or None for NULL;
    refused: (reason, number, offset, count); notes: how many by their place in enum
    tw_note."""

    def __init__(self):
        self.names, self.rows, self.refused, self.notes = [], [], [], {}


def value(word):
    if word == "-":
        return None
    if word[:1] != "x":
        raise ValueError("print_records: " + word)
    return bytes.fromhex(word[1:])


def read_back(program, path, *options):
    """Records of PATH; raises where the reader gave no answer."""
    run = subprocess.run([program, *options, path], stdout=subprocess.PIPE,
                         stderr=subprocess.PIPE, check=False)
    if run.returncode:
        raise ValueError("%s: exit %d: %s" % (path, run.returncode,
                                              run.stderr.decode(errors="replace")))
    records, count = Records(), None
    for line in run.stdout.decode("ascii").splitlines():
        words = line.split()
        if words[0] == "columns":
            records.names = [value(w).decode() for w in words[1:]]
        elif words[0] == "refused":
            records.refused.append((" ".join(words[1:-3]), *map(int, words[-3:])))
        elif words[0] == "note":
            records.notes[int(words[1])] = int(words[2])
        elif words[0] == "all":
            count = int(words[1])
        elif words[-1] == "end":
            records.rows.append((int(words[0]), int(words[1]),
                                 [value(w) for w in words[2:-1]]))
        else:
            raise ValueError("print_records: " + line)
    if count != len(records.rows) + sum(r[3] for r in records.refused):
        raise ValueError(path + ": records that nobody printed")
    return records
