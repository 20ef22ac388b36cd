"""stores.py - the stores that are measured, and what is in their mounts"""

import os
import subprocess

import works
from mounts import Mount

# What ostforge is asked for, at scale 1.
STORES = {
    "B": {"messages": 100_000, "attachments": 0},
}


class Tree:
    """A store, and the tree that its mount shows."""

    def __init__(self, bench, name):
        self.name = name
        self.what = STORES[name]
        self.messages = max(1, round(self.what["messages"] * bench.options.scale))
        self.store = os.path.join(bench.stores, f"{name}.{bench.options.format}.ost")
        self.listing = os.path.join(bench.place, f"{name}.listing")
        if not os.path.exists(self.store):
            self._make(bench)
        works.read_all(self.store)
        self._list(bench)

    def _make(self, bench):
        part = self.store + ".part"
        works.run(
            [
                bench.program("ostforge"),
                *("--format", bench.options.format, "--kind", "ost"),
                *("--deflate", "all", "--messages", str(self.messages)),
                *("--attachments", str(self.what["attachments"])),
                *("-o", part),
            ]
        )
        os.rename(part, self.store)

    def _list(self, bench):
        """What nullfs shows, too; and the sizes that decide what to read."""
        find = ["find", bench.mount_point, "-printf", r"%y %d %s %f\0"]
        with open(self.listing, "wb") as out:
            with bench.daemon("ostfs", self):
                subprocess.run(find, stdout=out, check=True)
        self.bytes = 0
        with open(self.listing, "rb") as lines:
            for line in lines.read().split(b"\0")[:-1]:
                self.bytes += int(line.split(b" ", 3)[2])
