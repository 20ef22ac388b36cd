#!/usr/bin/env python3
"""peers.py - what we and other readers make of damaged stores

    peers.py DAMAGE OSTCHECK STORE...

Some mutations of each kind of each store are written to a file and given to
ostcheck, pffexport and readpst. A file that one makes of the undamaged store
and not of the damaged one, byte for byte, is missing; one that it makes of the
damaged store only is other than it was. Prints a table with the share of each,
and how often an exit code of 0 hid that something is wrong.
"""

import collections
import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile

SECONDS = 120
COUNT = "80"  # of a store, of which the lies are left out
READERS = {
    "ostfs": ["{ostcheck}", "--manifest", "{to}/manifest", "{store}"],
    "ostfs -o heal": ["{ostcheck}", "--heal", "--manifest", "{to}/manifest",
                      "{store}"],
    "pffexport": ["pffexport", "-q", "-t", "{to}/out", "{store}"],
    "readpst -e": ["readpst", "-q", "-j", "0", "-e", "-o", "{to}", "{store}"],
}
# What readpst makes anew each time.
ANEW = re.compile(rb"boundary-LibPST-iamunique-[0-9]+_?-?_?-?|"
                  rb"DTSTAMP:[0-9TZ]+")


def listed(manifest):
    """What the files in a manifest of ours hold."""
    with open(manifest, encoding="utf-8") as f:
        lines = [json.loads(line) for line in f]
    return collections.Counter(l["sha256"] for l in lines
                               if "path" in l and "sha256" in l)


def exported(to):
    """What the files in a directory hold."""
    made = collections.Counter()
    for folder, _, names in os.walk(to):
        for name in names:
            with open(os.path.join(folder, name), "rb") as f:
                content = ANEW.sub(b"", f.read())
            made[hashlib.sha256(content).hexdigest()] += 1
    return made


def run(words):
    """The exit code; below 0: it crashed or hung."""
    try:
        return subprocess.run(words, timeout=SECONDS, check=False,
                              stdin=subprocess.DEVNULL,
                              stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL).returncode
    except subprocess.TimeoutExpired:
        return -1


def read(command, ostcheck, store):
    """The exit code, and how many files of each content were made."""
    with tempfile.TemporaryDirectory() as to:
        words = [w.format(ostcheck=ostcheck, to=to, store=store)
                 for w in command]
        code = run(words)
        if words[0] != ostcheck:
            return code, exported(to)
        if not os.path.exists(os.path.join(to, "manifest")):
            return code, collections.Counter()
        made = listed(os.path.join(to, "manifest"))
        if code == 0:  # all there is can be read; but is it all?
            code = run(words[:-3] + ["--deep", store])
        return code, made


def main():
    damage, ostcheck, *stores = sys.argv[1:]
    rows = {name: collections.Counter() for name in READERS}
    for store in stores:
        whole = {name: read(READERS[name], ostcheck, store)[1]
                 for name in READERS}
        with tempfile.TemporaryDirectory() as hurt:
            subprocess.run([damage, "--count", COUNT, "--save", hurt,
                            store], check=True)
            for name in sorted(os.listdir(hurt)):
                if name[0] > "7":
                    continue
                for reader, row in rows.items():
                    code, made = read(READERS[reader], ostcheck,
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
