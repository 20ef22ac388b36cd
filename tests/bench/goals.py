"""goals.py - what is done to which store, and what it may cost"""

from dataclasses import dataclass

import works


@dataclass
class Work:
    """Steps on one mount, each with a name; `at` is the folder in it."""

    store: str
    steps: list  # (name, callable) each
    at: str = ""


@dataclass
class Goal:
    """At most `most` times what `beside` takes; without one, `most` seconds."""

    store: str
    work: str
    most: float
    beside: str = ""  # a program


def one(store, name, step, at=""):
    return Work(store, [(name, step)], at)


WORKS = [
    one("B", "ls -f", works.LIST, "Inbox"),
    Work(
        "B",
        [("ls -l", works.LONG), ("ls -l, second time", works.LONG)],
        "Inbox",
    ),
    one("B", "cp -a", works.COPY, "Inbox"),
    one("B", "rsync -a", works.SYNC, "Inbox"),
    one("B", "rg -j1", works.search, "Inbox"),
    one("B", "tar c | cat", works.archive, "Inbox"),
]

# Other programs that write all mail of a store: "@" is it, "%" a folder.
PEERS = {
    "readpst -e": ["readpst", "-q", "-e", "-D", "-b", "-j", "0", "-o", "%", "@"],
    "readpst -S": ["readpst", "-q", "-S", "-D", "-b", "-j", "0", "-o", "%", "@"],
    "pffexport": ["pffexport", "-q", "-m", "items", "-t", "%/out", "@"],
}

GOALS = [
    Goal("B", "ls -f", 0.3),
    Goal("B", "ls -l", 4, "nullfs"),
    Goal("B", "ls -l, second time", 1.1, "nullfs"),
    Goal("B", "cp -a", 1.6, "nullfs"),
    Goal("B", "cp -a", 1, "readpst -S"),
    Goal("B", "rsync -a", 1.8, "nullfs"),
    Goal("B", "rg -j1", 1.8, "nullfs"),
    Goal("B", "tar c | cat", 1.8, "nullfs"),
]

# Peak memory of the daemon, whatever it does: MiB, and bytes per message.
MEMORY = (64, 16)
