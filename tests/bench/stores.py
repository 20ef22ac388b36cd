"""stores.py - the stores that are measured, and what is in their mounts"""

import os
import subprocess

import works

# What ostforge is asked for, at scale 1.
STORES = {
    "A": {"messages": 10_000, "attachments": 1_900_000, "internet": True},
    "B": {"messages": 100_000},
    "C": {"messages": 260, "attachments": 400 << 20, "internet": True},
    "D": {"messages": 1_000_000, "folders": 2000},
}
# Where nothing is deflated, C has fewer; an ANSI store ends at 2 GB, and a
# folder of it at 65,536 messages.
OTHERWISE = {
    "ansi": {"B": {"folders": 2}, "C": {"messages": 36}},
    "unicode": {"C": {"messages": 140}},
    "4k": {},
}


def forge(bench, path, **what):
    """Have ostforge make a store, unless it is there."""
    if os.path.exists(path):
        return
    argv = [bench.program("ostforge"), "-o", path + ".part"]
    argv += ["--format", bench.options.format]
    argv += ["--kind", "pst" if bench.options.format == "ansi" else "ost"]
    for name, value in what.items():
        argv += [f"--{name}"] if value is True else [f"--{name}", str(value)]
    works.run(argv)
    os.rename(path + ".part", path)


class Tree:
    """A store, and the tree that its mount shows."""

    def __init__(self, bench, name, path, messages=0):
        self.name = name
        self.store = path
        self.messages = messages
        bench.trees[name] = self
        self.listing = os.path.join(bench.place, f"{name}.listing")
        self.bytes = 0  # of all files
        self.attachment = ("", 0)  # the largest: its path and size
        self.mail = ("", 0)
        works.read_all(self.store)
        with open(self.listing, "wb") as out:
            with bench.daemon("ostfs", self):
                subprocess.run(
                    ["find", bench.mount_point, "-printf", r"%y %d %s %f\0"],
                    stdout=out,
                    check=True,
                )
        self._read_listing()

    def _read_listing(self):
        above = []
        with open(self.listing, "rb") as lines:
            for line in lines.read().split(b"\0")[:-1]:
                kind, depth, size, name = line.split(b" ", 3)
                if depth == b"0":
                    continue
                above[int(depth) - 1 :] = [name]
                if kind == b"f":
                    self._see(os.fsdecode(b"/".join(above)), int(size))

    def _see(self, path, size):
        self.bytes += size
        if path.endswith(".eml"):
            self.mail = max(self.mail, (path, size), key=lambda f: f[1])
        else:
            self.attachment = max(
                self.attachment, (path, size), key=lambda f: f[1]
            )


def forged(bench, name):
    """One of STORES, made as the options say."""
    how = bench.options
    what = {**STORES[name], **OTHERWISE[how.format].get(name, {})}
    what["messages"] = max(20, round(what["messages"] * how.scale))
    if how.scale < 1 and "folders" in what:
        what["folders"] = max(2, round(what["folders"] * how.scale))
    if how.scale < 0.01 and "attachments" in what:
        what["attachments"] = 100_000
    path = os.path.join(bench.stores, f"{name}-{how.scale:g}-{how.format}.ost")
    forge(bench, path, **what)
    return Tree(bench, name, path, what["messages"])
