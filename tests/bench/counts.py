"""counts.py - instructions of fixed work on forged stores

A stopwatch needs a quiet machine and a good eye; a count does not. Of the same
program on the same store it is the same, but for a few thousand.
"""

import os
import re
import subprocess

from report import figure, table
from stores import forge

FOLDER, MAILS = {"messages": 10_000}, {"messages": 1000}
INTERNET = {"messages": 1000, "internet": True}
LARGE = {"messages": 1, "attachments": 100 << 20}  # and that deflates
CALLGRIND = ("valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null")

# Of what, its program with "@" for the store, what ostforge is asked for.
COUNTS = (
    ("the root is listed", ["ostls", "-o", "nosandbox", "@"], FOLDER),
    ("a folder is listed", ["ostls", "-o", "nosandbox", "@", "Inbox"], FOLDER),
    ("with sizes", ["ostls", "-o", "nosandbox", "-l", "@", "Inbox"], MAILS),
    ("mails are planned", ["plan_driver", "-p", "@"], MAILS),
    ("mails are read", ["plan_driver", "@"], MAILS),
    ("mails with headers and HTML are planned", ["plan_driver", "-p", "@"],
     INTERNET),
    ("mails with headers and HTML are read", ["plan_driver", "@"], INTERNET),
    ("a mail with 100 MiB of text is read", ["ostcat", "-o", "nosandbox", "@", "200024"], LARGE),
)  # fmt: skip


def count(bench, argv, store):
    program, *words = (store if word == "@" else word for word in argv)
    done = subprocess.run(
        [*CALLGRIND, bench.program(program), *words],
        env={"PATH": os.environ["PATH"], "LC_ALL": "C"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    found = re.search(r"Collected : (\d+)", done.stderr)
    if done.returncode != 0 or not found:
        raise SystemExit(f"bench: {argv} on {store}: {done.stderr}")
    return int(found[1])


def counts(bench):
    rows = []
    for name, argv, what in COUNTS:
        what = dict(what)
        if bench.options.scale < 0.01:  # only to see that it works
            what = {key: min(value, 20) for key, value in what.items()}
        words = "-".join(f"{k}{v}" for k, v in what.items())
        path = os.path.join(
            bench.stores, f"counts-{words}-{bench.options.format}.ost"
        )
        forge(bench, path, **what)
        total = count(bench, argv, path)
        each = figure(total / 1e3 / what["messages"])
        rows.append((name, f"{what['messages']:,}", figure(total / 1e6), each))
    head = ("work", "mails", "million instructions", "thousand for each mail")
    return table(head, rows)
