#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Turns a ClassBench filter set into an iptables-save dump and a table of boxes.

classbench_rules.py FILTERS.gz DUMP [BOXES [MAXIMUM]]

A filter is "@SRC/LEN DST/LEN LO : HI LO : HI PROTO/MASK FLAGS/MASK". The flags are
dropped; every fifth filter or so is denied, told by a hash of its number. A filter that
asks for ports without a protocol that has them is left out, so that both files mean the
same. BOXES has a line per rule for other engines: the least and the greatest of source,
destination, source port, destination port and protocol, then permit or deny.
"""
import gzip
import sys

PORTS = {6: "tcp", 17: "udp"}


def bounds(text):
    address, length = text.split("/")
    value = 0
    for part in address.split("."):
        value = value << 8 | int(part)
    rest = (1 << 32 - int(length)) - 1
    return value & ~rest, value | rest


def prefix(text):
    low, high = bounds(text)
    length = 32 - (high - low).bit_length()
    return ".".join(str(low >> shift & 255) for shift in (24, 16, 8, 0)) + f"/{length}"


def parse(line):
    words = line.lstrip("@").split()
    sport, dport = (int(words[2]), int(words[4])), (int(words[5]), int(words[7]))
    value, mask = (int(part, 16) for part in words[8].split("/"))
    return words[0], words[1], sport, dport, value if mask else None


def dump_line(src, dst, sport, dport, proto, permit):
    out = ["-A FORWARD"]
    if not src.endswith("/0"):
        out.append("-s " + prefix(src))
    if not dst.endswith("/0"):
        out.append("-d " + prefix(dst))
    if proto is not None:
        name = PORTS.get(proto, str(proto))
        out.append("-p " + name)
        if proto in PORTS and (sport, dport) != ((0, 65535), (0, 65535)):
            out.append("-m " + name)
            if sport != (0, 65535):
                out.append("--sport %d:%d" % sport)
            if dport != (0, 65535):
                out.append("--dport %d:%d" % dport)
    out.append("-j ACCEPT" if permit else "-j DROP")
    return " ".join(out)


def main():
    maximum = int(sys.argv[4]) if len(sys.argv) > 4 else 1 << 30
    boxes = open(sys.argv[3], "w") if len(sys.argv) > 3 else None
    dump = open(sys.argv[2], "w")
    dump.write("*filter\n:INPUT ACCEPT [0:0]\n:FORWARD DROP [0:0]\n")
    number = 0
    for line in gzip.open(sys.argv[1], "rt"):
        if not line.startswith("@"):
            continue
        src, dst, sport, dport, proto = parse(line)
        if proto not in PORTS and (sport, dport) != ((0, 65535), (0, 65535)):
            continue
        permit = (number * 0x9E3779B1 >> 13) % 5 != 0
        dump.write(dump_line(src, dst, sport, dport, proto, permit) + "\n")
        if boxes:
            span = (0, 255) if proto is None else (proto, proto)
            numbers = bounds(src) + bounds(dst) + sport + dport + span
            boxes.write(" ".join(map(str, numbers)))
            boxes.write(" permit\n" if permit else " deny\n")
        number += 1
        if number == maximum:
            break
    dump.write("COMMIT\n")


main()
