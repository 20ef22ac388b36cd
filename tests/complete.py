#!/usr/bin/env python3
"""complete.py - what the forge put into stores, damaged or not, is what the
ledger and the manifest say of them, and what the mount shows

    complete.py OSTFORGE OSTCHECK FOLDER FORMAT

Makes the stores in FOLDER, where complete.sh finds those to be mounted.
"""
import json
import os
import subprocess
import sys

BLOCKS = 3  # of that many blocks one is damaged, another for each format
FORMATS = ["ansi", "unicode", "4k"]
CONTENTS = [
    ["--sample"],
    ["--states"],
    ["--messages", "40", "--folders", "3", "--attachments", "70000"],
]
DAMAGE = [
    "unlisted",
    "missing",
    "attachment-rows",
    "attachment-nodes",
    "table",
    "associated-table",
    "node-page",
    "block-page",
]


class Forged:
    """A store, and the truth about it: fates by NID, folders and sums."""

    def __init__(self, forge, path, arguments):
        truth = path + ".truth"
        self.path = path
        self.name = " ".join(arguments)
        run = subprocess.run(
            [forge, *arguments, "--manifest", truth, "-o", path],
            stderr=subprocess.DEVNULL, check=False)
        self.made = run.returncode == 0
        if not self.made:
            return
        with open(truth, encoding="utf-8") as lines:
            facts = [json.loads(line) for line in lines]
        last = facts[-1] if "damage" in facts[-1] else None
        messages = [f for f in facts if "nid" in f]
        self.tables = last["tables"] if last else 0
        self.folder = {"%x" % f["nid"]: f["folder"] for f in messages}
        self.hidden = {"%x" % f["nid"] for f in messages if f["associated"]}
        self.attachments = {
            "%x" % f["nid"]: len(f["attachments"]) for f in messages
        }
        self.fates = (last["fates"] if last
                      else dict.fromkeys(self.folder, "shown"))

    def with_fate(self, *fates):
        return {n for n, fate in self.fates.items() if fate in fates}


def entries(report, *kinds):
    return {e["nid"] for e in report["entries"] if e["what"] in kinds}


def check(what, got, want):
    if got == want:
        return []
    return ["%s: %s, not %s" % (what, got, want)]


def ledger(ostcheck, store, *options):
    run = subprocess.run([ostcheck, "--json", *options, store.path],
                         stdout=subprocess.PIPE, check=False)
    return json.loads(run.stdout), run.returncode


def check_ledger(ostcheck, store, deep):
    report, code = ledger(ostcheck, store, *(["--deep"] if deep else []))
    totals = report["totals"]
    lost, damaged = store.with_fate("lost"), store.with_fate("damaged")
    found = store.with_fate("found")
    shown = set(store.fates) - store.hidden
    bad = check("losses told", code != 0, report["losses"] > 0)
    bad += check("expected", totals["expected"], len(shown))
    bad += check("found", totals["found"], len(found))
    bad += check("tables", totals["tables_damaged"], store.tables)
    bad += check("associated_missing", totals["associated_missing"], 0)
    if deep:
        told = entries(report, "missing", "unreadable")
        folders = {f["nid"] for f in report["folders"]}
        # A folder whose table is damaged has an entry that cannot be read.
        bad += check("lost", told - folders, lost)
        bad += check("damaged", entries(report, "damaged") - lost, damaged)
        bad += check("losses", report["losses"] > 0,
                     bool(lost or damaged or store.tables))
    else:
        # What is not read may be damaged; what is told must be true.
        told = entries(report, "missing", "unreadable", "damaged")
        folders = {f["nid"] for f in report["folders"]}
        bad += check("told", told - folders - lost - damaged, set())
    return bad


def manifest(ostcheck, store):
    run = subprocess.run([ostcheck, "--manifest", "-", store.path],
                         stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                         check=False)
    lines = [json.loads(line) for line in run.stdout.splitlines()]
    # 40 for what is lost without a file that cannot be read, too: as --deep.
    deep = subprocess.run([ostcheck, "--deep", store.path],
                          stdout=subprocess.DEVNULL, check=False).returncode
    if run.returncode != deep or (lines[-1]["unreadable"] > 0 and deep != 40):
        raise RuntimeError("ostcheck exits with %d" % run.returncode)
    return lines


def is_marked(line):
    damage = {"att-corrupt", "rcpt-corrupt", "body-corrupt", "prop-corrupt"}
    return "error" in line or bool(damage & set(line.get("notes", [])))


def files_of(lines):
    """The hash of each file, by item and place among its files."""
    out = {}
    for line in lines:
        if line["kind"] in ("item", "attachment"):
            key = line["nid"], os.path.basename(line["path"])
            out.setdefault(line["nid"], {})[key] = line.get("sha256")
    return out


def safe(name):
    """A folder's name as ostfs(5) has it, as far as the forge needs that."""
    return name.replace('"', "-").rstrip(".")


def check_manifest(ostcheck, store, whole):
    lines = manifest(ostcheck, store)
    items = {e["nid"]: e for e in lines
             if e["kind"] == "item" and "[%s]" % e["nid"] in e["path"]}
    lost = store.with_fate("lost")
    bad = check("items", set(items) - lost,
                set(store.fates) - store.hidden - lost)
    for nid, line in items.items():
        parts = line["path"].split("/")
        top = parts[0] if store.fates[nid] == "found" else parts[-2]
        want = ("Lost and found" if store.fates[nid] == "found"
                else safe(store.folder[nid]))
        bad += check("place of " + nid, top, want)
        if nid in lost:
            bad += check("mark of " + nid, is_marked(line), True)
    # Whatever shares no bytes with the damage is what it would be without.
    # But an address that the damage may hide is not found, which is noted.
    mine = files_of(lines)
    searched = {e["nid"] for e in lines
                if "addr-map-part" in e.get("notes", [])}
    for nid in store.with_fate("shown", "found") - store.hidden - searched:
        bad += check("files of " + nid, mine.get(nid), whole.get(nid))
    for nid in whole:
        if whole[nid] != mine.get(nid) and nid not in lost | searched:
            marks = [is_marked(e) for e in lines if e.get("nid") == nid]
            bad += check("marks of " + nid, any(marks), True)
    return bad


def of_format(forge, ostcheck, folder, fmt):
    """Each store with what is wrong with what is said of it."""
    for i, content in enumerate(CONTENTS):
        path = os.path.join(folder, "good-%d.ost" % i)
        good = Forged(forge, path, ["--format", fmt, *content])
        whole = files_of(manifest(ostcheck, good))
        yield good, (check_ledger(ostcheck, good, False) +
                     check_ledger(ostcheck, good, True) +
                     check_manifest(ostcheck, good, whole))
        for damage in DAMAGE if i == 0 else []:
            path = os.path.join(folder, damage + ".ost")
            bad = Forged(forge, path, ["--format", fmt, "--damage", damage])
            yield bad, (check_ledger(ostcheck, bad, False) +
                        check_ledger(ostcheck, bad, True) +
                        check_manifest(ostcheck, bad, whole))
        number = FORMATS.index(fmt)
        while i == 0:
            path = os.path.join(folder, "block.ost")
            bad = Forged(forge, path,
                         ["--format", fmt, "--damage", "block:%d" % number])
            if not bad.made:
                break
            yield bad, check_ledger(ostcheck, bad, True)
            number += BLOCKS


def main():
    forge, ostcheck, folder, fmt = sys.argv[1:]
    count = failed = 0
    for store, wrong in of_format(forge, ostcheck, folder, fmt):
        count += 1
        failed += bool(wrong)
        for line in wrong[:10]:
            print("%s: %s" % (store.name, line))
    print("%d stores, %d not as they were made" % (count, failed))
    sys.exit(1 if failed or count < 20 else 0)


main()
