#!/usr/bin/env python3
"""peers.py - what other readers make of damaged stores

    peers.py DAMAGE STORE...

Of each store, one mutation of each kind is written to a file and given to
pffexport and readpst. A file that they make of the undamaged store and not of
the damaged one, byte for byte, is missing; one that they make of the damaged
store only is other than it was. Prints a table with the share of each, and
how often they said by their exit code that something is wrong.
"""

import collections
import hashlib
import os
import re
import subprocess
import sys
import tempfile

SECONDS = 120
READERS = {
    "pffexport": ["pffexport", "-q", "-t", "{to}/out", "{store}"],
    "readpst -e": ["readpst", "-q", "-j", "0", "-e", "-o", "{to}", "{store}"],
}
BOUNDARY = re.compile(rb"boundary-LibPST-iamunique-[0-9]+_?-?_?-?")


def read(command, store):
    """The exit code, and how many files of each content were made."""
    made = collections.Counter()
    with tempfile.TemporaryDirectory() as to:
        words = [w.format(to=to, store=store) for w in command]
        try:
            code = subprocess.run(words, timeout=SECONDS, check=False,
                                  stdin=subprocess.DEVNULL,
                                  stdout=subprocess.DEVNULL,
                                  stderr=subprocess.DEVNULL).returncode
        except subprocess.TimeoutExpired:
            code = -1
        for folder, _, names in os.walk(to):
            for name in names:
                with open(os.path.join(folder, name), "rb") as f:
                    content = BOUNDARY.sub(b"", f.read())
                made[hashlib.sha256(content).digest()] += 1
    return code, made


def main():
    damage, *stores = sys.argv[1:]
    rows = {name: collections.Counter() for name in READERS}
    for store in stores:
        whole = {name: read(READERS[name], store)[1] for name in READERS}
        with tempfile.TemporaryDirectory() as hurt:
            # Seed and numbers as in the campaign; the lies are left out.
            subprocess.run([damage, "--count", "28", "--save", hurt, store],
                           check=True)
            for name in sorted(os.listdir(hurt)):
                if name[0] > "7":
                    continue
                for reader, row in rows.items():
                    code, made = read(READERS[reader],
                                      os.path.join(hurt, name))
                    row["stores"] += 1
                    row["silent"] += code == 0 and made != whole[reader]
                    row["died"] += code < 0
                    row["all"] += sum(whole[reader].values())
                    row["same"] += sum((made & whole[reader]).values())
                    row["other"] += sum((made - whole[reader]).values())
    print("| reader | stores | % of files intact | % other than they were |"
          " files lost, exit 0 | crashed or hung |")
    print("| --- | --- | --- | --- | --- | --- |")
    for name, row in rows.items():
        every = max(row["all"], 1)
        print(f"| `{name}` | {row['stores']} "
              f"| {100 * row['same'] / every:.1f} "
              f"| {100 * row['other'] / every:.1f} "
              f"| {row['silent']} | {row['died']} |")


main()
