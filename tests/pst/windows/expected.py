#!/usr/bin/env python3
"""expected.py - what Outlook should count in the PSTs of a folder

Counted from the bytes, by the code of the verifier: folders below the one
that Outlook shows, messages and attachments in them.
"""

import csv
import glob
import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)),
                                os.pardir))
import forms  # noqa: E402
import ndb  # noqa: E402
from rules import Report  # noqa: E402


def shown(pst, nid):
    """Is it below the folder that Outlook shows, or that itself?"""
    while nid not in (forms.TOP, forms.ROOT):
        nid = pst.nbt[nid].parent
    return nid == forms.TOP


def count(path):
    pst = ndb.check(path, Report())
    folders = [nid for nid in pst.nbt if nid & 31 == 2 and nid != forms.TOP
               and nid != forms.ROOT and shown(pst, nid)]
    messages = [entry for nid, entry in pst.nbt.items()
                if nid & 31 == 4 and shown(pst, entry.parent)]
    attachments = sum(sub & 31 == 5 for entry in messages
                      for sub in pst.subnodes(entry.sub))
    return len(folders), len(messages), attachments


def main():
    folder = sys.argv[1]
    with open(os.path.join(folder, "expected.csv"), "w", newline="",
              encoding="ascii") as file:
        rows = csv.writer(file)
        rows.writerow(["file", "folders", "messages", "attachments"])
        for path in sorted(glob.glob(os.path.join(folder, "*.pst"))):
            rows.writerow([os.path.basename(path), *count(path)])


if __name__ == "__main__":
    main()
