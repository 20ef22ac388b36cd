#!/usr/bin/env python3
"""agree.py - A9: every program says the same of every store

    agree.py OSTFORGE OSTFS OSTINFO OSTCHECK OSTLS OSTEXPORT [--pff] [STORE...]

Stores of every format and kind, healthy and damaged, those in OST_REAL_STORES,
and those given. Each is mounted, walked and read, and exported; ostinfo,
ostcheck with and without --deep, ostls and, of all but large ones with --pff,
the second opinion are asked. All must count the same folders, items and files; what the mount
cannot give is a loss to ostcheck; and what is well to one is well to all.
D1: what leads in a circle is among them, and no program takes MEMORY.
"""
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

OK, LOSSES = 0, 40
MEMORY = 512 << 10  # KiB, with sanitizers
REAL_MAX = 16 << 20  # bytes of those that a second opinion is asked of
# What it must come to where libpff goes in a circle, or opens nothing.
SECOND = {"circle": OK, "own-parent": LOSSES}
FEW = "--messages 6 --folders 2 --attachments 3000".split()
HEALTHY = [f"--format {how}".split() for how in (
    "ansi --encoding none --sample",
    "ansi --encoding permute --messages 6",
    "ansi --kind ost --encoding cyclic --states",
    "unicode --encoding none --messages 6 --internet",
    "unicode --kind ost --encoding permute --sample",
    "unicode --encoding cyclic --states",
    "unicode --encoding permute --messages 9 --attachments 30000",
    "4k --kind ost --encoding none --sample",
    "4k --encoding permute --messages 6 --internet",
    "4k --kind ost --encoding permute --deflate all --messages 9",
    "4k --kind ost --encoding cyclic --states")]
DAMAGED = [["--format", form, *FEW, "--damage", what] for form, what in (
    ("ansi", "unlisted"), ("4k", "missing"), ("4k", "attachment-rows"),
    ("unicode", "attachment-nodes"), ("4k", "table"),
    ("unicode", "associated-table"), ("ansi", "node-page"),
    ("unicode", "block-page"), ("unicode", "block:20"), ("4k", "block:12"))]
# D1: what leads in a circle, or to nothing.
DAMAGED += [["--format", form, "--encoding", "none", *FEW, "--damage", what]
            for form, what in (
    ("unicode", "root"), ("ansi", "root-list"), ("unicode", "circle"),
    ("4k", "own-parent"), ("unicode", "no-leaf"), ("ansi", "swapped"))]


def run(*args):
    done = subprocess.run(args, capture_output=True, check=False, timeout=240)
    return done.returncode, done.stdout.decode(errors="replace")


class Mount:
    """What a mount of a store has."""

    def __init__(self, ostfs, store, where):
        self.folders = self.items = self.attachments = 0
        self.closed = self.broken = self.unlisted = 0
        self.names, self.report = {}, None
        self.code = run(ostfs, store, where)[0]
        if self.code:
            return
        try:
            self.walk(where)
            with open(where + "/.ostfs/report.json", encoding="utf-8") as f:
                self.report = json.load(f)
        finally:
            run("fusermount3", "-u", where)

    def walk(self, where):
        def bad(_):
            self.unlisted += 1
        for root, dirs, files in os.walk(where, onerror=bad):
            path = os.path.relpath(root, where)
            self.names[path] = sorted(dirs + files)
            if ".attachments" in path:
                self.attachments += len(files)
            else:
                self.folders += 1
                self.items += len(files)
            for name in files:
                self.read(os.path.join(root, name))

    def read(self, path):
        """Closed is what cannot be opened, broken what fails further on."""
        try:
            file = open(path, "rb")
        except OSError:
            self.closed += 1
            return
        with file:
            try:
                while file.read(1 << 20):
                    pass
            except OSError:
                self.broken += 1

    @property
    def failed(self):
        return self.closed + self.broken + self.unlisted


def check_lists(ostls, store, m):
    """The top, and the fullest folder."""
    paths = sorted(m.names, key=lambda p: (-len(m.names[p]), p))
    for path in dict.fromkeys([".", paths[0]]):
        code, said = run(ostls, store, "/" + ("" if path == "." else path))
        listed = sorted(line.rstrip("/") for line in said.splitlines())
        if code not in (OK, LOSSES) or listed != m.names[path]:
            yield f"ostls {path}: exit {code}, {listed[:5]}, not " \
                  f"{m.names[path][:5]}"


class Export:
    """What an export of a store has; DEST is removed."""

    def __init__(self, ostexport, store, dest):
        self.code = run(ostexport, store, dest)[0]
        self.files = self.folders = 0
        for root, dirs, files in os.walk(dest):
            dirs[:] = [d for d in dirs if d != ".ostexport"]
            self.files += len(files)
            self.folders += ".attachments" not in os.path.relpath(root, dest)
        shutil.rmtree(dest, ignore_errors=True)


def compare_export(x, m, codes):
    """A file that ends early is not given its name, but for a part of it."""
    if x.code != codes["--deep"]:
        yield f"ostexport ends with {x.code}, --deep with {codes['--deep']}"
    if x.folders != m.folders:
        yield f"folders: mount {m.folders}, export {x.folders}"
    files = m.items + m.attachments
    if not files - m.closed - m.broken <= x.files <= files:
        yield f"files: mount {files}, of which {m.closed + m.broken} cannot " \
              f"be read; export {x.files}"


def compare(m, codes, report, deep, info):
    """What the programs disagree on; `codes` are how they ended."""
    shown = sum(f["shown"] + f["unreadable"] for f in report["folders"])
    tree = sum(f["place"] in ("tree", "found") for f in report["folders"])
    for what, ours, theirs in (
            ("folders: mount, ostcheck", m.folders, tree),
            ("items: mount, ostcheck", m.items, shown),
            ("losses: ostinfo, ostcheck", info["losses"], report["losses"]),
            ("is lost: ostinfo, ostcheck",
             info["damaged"] > 0 and report["losses"] == 0, False),
            ("exit: ostinfo, ostcheck", codes["ostinfo"], codes["ostcheck"]),
            ("report.json: mount, ostcheck", m.report["totals"],
             report["totals"])):
        if ours != theirs:
            yield f"{what}: {ours}, {theirs}"
    files = m.items + m.attachments - m.closed  # not all of them to the end
    if not files - m.broken <= deep["totals"]["files_read"] <= files:
        yield f"files read: mount {files}, of which {m.broken} not to the " \
              f"end; --deep {deep['totals']['files_read']}"
    for code, said in ((codes["ostcheck"], report), (codes["--deep"], deep)):
        if (code == LOSSES) != (said["losses"] > 0):
            yield f"exit {code}, but {said['losses']} losses"
    if codes["ostcheck"] == LOSSES and codes["--deep"] != LOSSES:
        yield "--deep finds less"
    if m.failed and codes["--deep"] != LOSSES:
        yield f"{m.failed} cannot be read, and --deep ends with OK"
    if codes["manifest"] != codes["--deep"]:  # D8
        yield f"--manifest ends with {codes['manifest']}"
    if codes["--deep"] == OK and codes.get("second", OK) != OK:
        yield f"the second opinion ends with {codes['second']}"


def check(tools, store, healthy, pff, damage=None):
    _, ostfs, ostinfo, ostcheck, ostls, ostexport = tools
    where = store + ".mnt"
    os.makedirs(where, exist_ok=True)
    m = Mount(ostfs, store, where)
    codes = {}
    codes["ostinfo"], info = run(ostinfo, "--json", store)
    codes["ostcheck"], report = run(ostcheck, "--json", store)
    codes["--deep"], deep = run(ostcheck, "--deep", "--json", store)
    codes["manifest"], _ = run(ostcheck, "--manifest", "-", store)
    export = Export(ostexport, store, store + ".out")
    codes["export"] = export.code
    if pff:
        codes["second"], _ = run(ostcheck, "--second-opinion", store)
    if m.code:
        return [f"mount {m.code}, {codes}"] * (set(codes.values()) !=
                                               {m.code}), codes
    faults = list(compare(m, codes, json.loads(report), json.loads(deep),
                          json.loads(info)[0]))
    faults += check_lists(ostls, store, m)
    faults += compare_export(export, m, codes)
    if pff and codes["second"] != SECOND.get(damage, codes["second"]):
        faults.append(f"the second opinion of {damage}: {codes['second']}")
    if healthy and (m.failed or set(codes.values()) != {OK}):
        faults.append(f"it is healthy: {m.failed} failed, {codes}")
    return faults, codes


def forged(forge, tmp, pff):
    for n, how in enumerate(HEALTHY + DAMAGED):
        path = os.path.join(tmp, f"{n}.pst")
        subprocess.run([forge, *how, "-o", path], check=True)
        yield path, " ".join(how), n < len(HEALTHY), pff, how[-1]


def main(args):
    pff = "--pff" in args
    args = [a for a in args if a != "--pff"]
    tools, given = args[:6], args[6:]
    real = os.environ.get("OST_REAL_STORES")
    if real:
        given += sorted(os.path.join(real, name) for name in os.listdir(real)
                        if name.endswith((".ost", ".pst")))
    bad = 0
    with tempfile.TemporaryDirectory() as tmp:
        stores = list(forged(tools[0], tmp, pff))
        for path in given:
            link = os.path.join(tmp, os.path.basename(path))
            os.symlink(os.path.abspath(path), link)
            small = os.path.getsize(path) < REAL_MAX
            stores.append((link, os.path.basename(path), False, pff and small))
        with ThreadPoolExecutor(2) as pool:
            results = pool.map(lambda s: check(tools, s[0], *s[2:]), stores)
            for (_, name, *_), (faults, codes) in zip(stores, results):
                print("FAIL" if faults else "ok  ", name, codes, flush=True)
                for fault in faults:
                    print("      ", fault)
                bad += bool(faults)
    used = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    if used > MEMORY:
        print(f"FAIL one of them took {used} KiB")
    return bad > 0 or used > MEMORY


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
