"""goals.py - what is done to which store, and what it may cost"""

import os
from dataclasses import dataclass, field

import works


@dataclass
class Work:
    """Steps on one fresh mount, each with a name."""

    store: str
    steps: list  # (name, callable) each
    at: str = ""  # the folder in the mount, or a file by Tree's name for it
    beside: bool = True  # a mount of nullfs, too
    options: list = field(default_factory=list)  # of ostfs

    def path(self, mount_point, tree):
        place = getattr(tree, self.at)[0] if self.at in FILES else self.at
        return os.path.join(mount_point, place)


FILES = ("attachment", "mail")


@dataclass
class Goal:
    """At most `most` times what `beside` takes: the same work by other
    programs, "a + b" for their sum, or else by ostfs the work `than`. With
    neither, at most `most` of the unit."""

    store: str
    work: str
    most: float
    beside: str = ""
    than: str = ""
    unit: str = "s"


def one(store, name, step, at="", **more):
    return Work(store, [(name, step)], at, **more)


def only_ours(where):
    return {"beside": False, "options": ["-o", f"attachments={where}"]}


WORKS = [
    one("B", "ls -f", works.LIST, "Inbox"),
    Work("B", [("ls -l", works.LONG), ("ls -l, again", works.LONG)], "Inbox"),
    one("B", "cp -a", works.COPY, "Inbox"),
    one("B", "rsync -a", works.SYNC, "Inbox"),
    one("B", "rg -j1", works.search, "Inbox"),
    one("B", "tar c | cat", works.archive, "Inbox"),
    one("A", "cp -a", works.COPY),
    one("A", "cp -a, inside", works.COPY, **only_ours("inside")),
    one("A", "cp -a, beside", works.COPY, **only_ours("beside")),
    one("A", "1 reader", works.readers(1)),
    one("A", "64 readers", works.readers(64)),
    one("C", "cp -a", works.COPY),
    one("C", "cp -a, inside", works.COPY, **only_ours("inside")),
    one("C", "cp -a, beside", works.COPY, **only_ours("beside")),
    one("C", "attachment, in order", works.in_order, "attachment"),
    one("C", "mail with it, in order", works.in_order, "mail"),
    one("C", "attachment, 4 KiB", works.pages, "attachment"),
]

# What is done to stores that are not ours, beside other readers.
GIVEN = (
    ("ls -fR", works.LIST_ALL),
    ("ls -lR", works.LONG_ALL),
    ("cp -a", works.COPY),
)

# What other programs do with all mail of a store: "@" is it, "%" a folder,
# and "&" the npm package pst-extractor, which reads and writes no files.
EXTRACTOR = os.path.join(os.path.dirname(__file__), "../peers/extractor.js")
READPST = ["readpst", "-q", "-D", "-b", "-j", "0", "-o", "%"]
PEERS = {
    "readpst -e": [*READPST, "-e", "@"],
    "pffexport": ["pffexport", "-q", "-m", "items", "-t", "%/out", "@"],
    "readpst -S": [*READPST, "-S", "@"],
    "pst-extractor": ["node", EXTRACTOR, "&", "@"],
    "cat": ["cat", "@"],
}
WRITERS = ("readpst -e", "readpst -S", "pffexport")

GOALS = [
    *(Goal(store, "mount", 0.02) for store in "ABCD"),
    Goal("B", "ls -f", 0.3),
    Goal("B", "ls -l", 4, "nullfs"),
    Goal("B", "ls -l, again", 1.1, "nullfs"),
    Goal("B", "cp -a", 1.6, "nullfs"),
    Goal("B", "cp -a", 1, "readpst -S"),
    Goal("B", "rsync -a", 1.8, "nullfs"),
    Goal("B", "rg -j1", 1.8, "nullfs"),
    Goal("B", "tar c | cat", 1.8, "nullfs"),
    *(
        goal
        for store in "AC"
        for goal in (
            Goal(store, "cp -a", 1.5, "cat + nullfs"),
            Goal(store, "cp -a, inside", 1, "readpst -e"),
            Goal(store, "cp -a, beside", 1 / 2, "pffexport"),
        )
    ),
    Goal("A", "cp -a, beside", 1, "pst-extractor"),
    # As time: the reverse of 0.8, 0.5 and 0.7 times the throughput.
    Goal("C", "attachment, in order", 1 / 0.8, "nullfs"),
    Goal("C", "mail with it, in order", 1 / 0.5, "nullfs"),
    Goal("C", "attachment, 4 KiB", 1 / 0.7, "nullfs"),
    Goal("A", "64 readers", 1, than="1 reader"),
    Goal("A", "idle for 5 s", 0, unit="wake-ups"),
]

# Peak memory of the daemon in MiB: when it is ready; and whatever it does, on
# top of so many bytes for each message.
READY_MOST = 8
PEAK_MOST = 64
MESSAGE_MOST = 16
