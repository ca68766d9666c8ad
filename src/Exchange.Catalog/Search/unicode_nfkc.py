#!/usr/bin/env python3
"""Writes unicode-nfkc.txt, the tables of Normalization Form KC, from Python's Unicode Character Database.

The hub carries its own tables because search tokens are stored: they must not change with the ICU of a node.
Usage: python3 unicode_nfkc.py > unicode-nfkc.txt
"""
import sys
import unicodedata as u

LINE = 150


def code(text):
    return "+".join(format(ord(c), "X") for c in text)


def write(kind, entries):
    line = kind
    for entry in entries:
        if len(line) + len(entry) >= LINE:
            print(line)
            line = kind
        line += " " + entry
    print(line)


every = [chr(p) for p in range(0x110000) if not 0xD800 <= p < 0xE000 and not 0xAC00 <= p < 0xD7A4]
print(f"# Unicode {u.unidata_version}: tables of Normalization Form KC, made by unicode_nfkc.py from the Unicode Character")
print("# Database (https://www.unicode.org/license.txt). D: full compatibility decompositions; C: compositions")
print("# first+second=composed; K: combining classes. Hangul syllables are computed. Hexadecimal but for the classes.")
write("D", (f"{ord(c):X}={code(u.normalize('NFKD', c))}" for c in every if u.normalize("NFKD", c) != c))
pairs = []
for c in every:
    canonical = u.decomposition(c)
    if canonical and "<" not in canonical:
        parts = [chr(int(p, 16)) for p in canonical.split()]
        if len(parts) == 2 and u.normalize("NFC", "".join(parts)) == c:
            pairs.append(f"{ord(parts[0]):X}+{ord(parts[1]):X}={ord(c):X}")
write("C", pairs)
write("K", (f"{ord(c):X}={u.combining(c)}" for c in every if u.combining(c)))
sys.stdout.flush()
