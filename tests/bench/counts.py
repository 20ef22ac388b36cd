"""counts.py - instructions of fixed work on forged stores

A stopwatch needs a quiet machine and a good eye; a count does not. Of the same
program on the same store it is the same, but for a few thousand.
"""

import os
import re
import subprocess

from report import figure, table
from stores import forge

MAILS, LARGE = {"messages": 1000}, {"messages": 1, "attachments": 100 << 20}
INTERNET = {"messages": 1000, "internet": True}
FOLDER = {"messages": 10_000}
CALLGRIND = ("valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null")
# Name, what treework does, with how many, and what ostforge is asked for.
COUNTS = (
    ("open a store", "open", 1, FOLDER),
    ("list a folder of 10,000", "list", 10_000, FOLDER),
    ("sizes of 1,000 small mails", "stat", 1000, MAILS),
    ("the same, and read them", "read", 1000, MAILS),
    ("sizes of 1,000 mails with headers and HTML", "stat", 1000, INTERNET),
    ("the same, and read them", "read", 1000, INTERNET),
    ("size of a mail with 100 MiB of deflated text", "stat", 1, LARGE),
    ("the same, and read it and the attachment", "read", 1, LARGE),
)


def count(bench, depth, store):
    done = subprocess.run(
        [*CALLGRIND, bench.program("treework"), depth, store],
        env={"PATH": os.environ["PATH"], "LC_ALL": "C"},
        capture_output=True,
        text=True,
        check=False,
    )
    found = re.search(r"Collected : (\d+)", done.stderr)
    if done.returncode != 0 or not found:
        raise SystemExit(f"bench: treework {depth} {store}: {done.stderr}")
    return int(found[1])


def counts(bench):
    rows = []
    for name, depth, items, what in COUNTS:
        what = dict(what)
        if bench.options.scale < 0.01:  # only to see that it works
            what = {key: min(value, 20) for key, value in what.items()}
        words = "-".join(f"{k}{v}" for k, v in what.items())
        path = os.path.join(
            bench.stores, f"counts-{words}-{bench.options.format}.ost"
        )
        forge(bench, path, **what)
        total = count(bench, depth, path)
        rows.append((name, figure(total / 1e6), figure(total / items / 1e3)))
    return table(
        ("work", "million instructions", "thousand for each"), rows
    )
