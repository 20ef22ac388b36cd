#!/usr/bin/env python3
"""readers.py - do other readers find in a PST what they find in its store?

    readers.py DIR REPORT MANIFEST

DIR has what readers.sh made: of "store" and of "out", *.pff.export of
pffexport, *.readpst of readpst and *.jsonl of pst-extractor. REPORT is that of
ost2pst, MANIFEST what we find in the store. Each reader must find in the PST

 - each item that it finds in the store: folder, subject, time, attachments
 - as many in each folder as were written there; pst-extractor, each by its NID
"""

import collections
import json
import os
import re
import shutil
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)),
                                os.pardir, "peers"))
import compare  # noqa: E402
from compare import plain, squeeze  # noqa: E402

# A directory of pffexport that is an item, by what it exports it as.
PFF_ITEM = re.compile(r"[A-Z][a-z]+( [a-z]+)*\d{5}")
# In folders of these names, which Outlook's have in English, readpst writes
# nothing, or no item for it: contacts as .vcf, and neither tasks nor notes.
READPST_NONE = {"contacts", "tasks", "notes", "journal"}
EMBEDDED = 5  # PidTagAttachMethod
Counter = collections.Counter
wrong = []


def say(*what):
    wrong.append(" ".join(str(w) for w in what))


def without_embedded(base):
    """Of a message in a message, no more than that there is one.

    Sizes and search keys of it are made anew, as those of others.
    """
    for end in ".export", ".orphans", ".recovered":
        for root, dirs, _ in os.walk(base + end):
            for name in dirs[:]:
                if "Attachments" in root and PFF_ITEM.fullmatch(name):
                    shutil.rmtree(os.path.join(root, name))
                    dirs.remove(name)
                    with open(os.path.join(root, name), "w") as file:
                        file.write("a message")


def pff_items(top):
    """How many are in each folder, by the folder's plain path."""
    counts = Counter()
    for root, dirs, _ in os.walk(top):
        where = os.path.relpath(root, top)
        path = () if where == "." else tuple(map(plain, where.split(os.sep)))
        items = [d for d in dirs if PFF_ITEM.fullmatch(d)]
        dirs[:] = [d for d in dirs if d not in items and d != "Attachments"]
        counts[path] += len(items)
    return counts


def keys(reader):
    """What tells items apart wherever the mailbox is in the store."""
    return Counter((item.folder[-1] if item.folder else "", item.subject,
                    item.when, tuple(sorted(item.attachments.items())))
                   for item in reader.items)


def nids(path):
    """Of pst-extractor: items by NID, each with subject and attachments."""
    found = {}
    for line in map(json.loads, open(path, encoding="utf-8")):
        if line["kind"] == "item" and "nid" in line:
            here = found.setdefault(line["nid"], (squeeze(line["subject"]), []))
        elif line["kind"] == "attachment" and "error" not in line:
            here[1].append(line["method"] == EMBEDDED or line["sha256"])
    return found


def by_folder(report):
    """As Outlook shows them: the plain path, and how many were written."""
    return {tuple(map(plain, f["path"].split("/"))) if f["path"] else ():
            f["written"] for f in report["folders"]}


def below(counts, depth):
    """The same without what is around the mailbox."""
    return Counter({path[depth:]: n for path, n in counts.items()
                    if len(path) >= depth})


def include(name, store, out):
    for key, count in (store - out).items():
        say(f"{name} finds in the store and not in the PST, {count} times:",
            key)
    print(f"{name}: {store.total()} in the store, {out.total()} in the PST")


def all_counts(name, counts, report, none=frozenset()):
    for path, n in by_folder(report).items():
        if path and path[-1] in none:
            continue
        if counts[path] < n:
            say(f"{name} finds {counts[path]} of {n} in", "/".join(path) or "/")


def main(made, report, manifest):
    with open(report, encoding="utf-8") as file:
        report = json.load(file)
    at = lambda name: os.path.join(made, name)  # noqa: E731

    for name in "store.pff", "out.pff":
        without_embedded(at(name))
    include("pffexport", keys(compare.read_pffexport(at("store.pff"))),
            keys(compare.read_pffexport(at("out.pff"))))
    all_counts("pffexport", below(pff_items(at("out.pff.export")), 1), report)

    readers = [compare.read_readpst(at(name), []) for name in
               ("store.readpst", "out.readpst")]
    include("readpst", *map(keys, readers))
    found = Counter(item.folder for item in readers[1].items)
    all_counts("readpst", found, report, READPST_NONE)

    store, out = nids(at("store.jsonl")), nids(at("out.jsonl"))
    new = {old: to for f in report["folders"] for old, to in f["items"]}
    for nid, what in store.items():
        if nid not in new:
            say(f"pst-extractor finds {nid:#x}, which was not written")
        elif out.get(new[nid]) != what:
            say(f"pst-extractor: {nid:#x} {what} is {out.get(new[nid])}")
    print(f"pst-extractor: {len(store)} in the store, {len(out)} in the PST")
    items = 0
    for line in map(json.loads, open(manifest, encoding="utf-8")):
        if line["kind"] != "item" or "error" in line:
            continue
        nid = int(str(line["nid"]), 16)
        items += 1
        if new.get(nid) not in out:
            say(f"pst-extractor does not find {nid:#x} of the manifest")
    print(f"{items} in the manifest")
    assert items > 10
    print("\n".join(wrong[:30]))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
