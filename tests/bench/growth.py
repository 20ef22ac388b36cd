"""growth.py - does a message cost the same in a store of any size?"""

import os

import works
from goals import Work
from report import figure, holds, table
from stores import Tree, forge

SIZES = (1_000, 10_000, 100_000)
LARGE = 1_000_000
IN_FOLDER = 500  # messages
MOST = 1.3  # times the cost in the smallest store

# Name of the column, work, and whether it is a cost of each message.
COLUMNS = (
    ("mount, ms", "mount", False),
    ("first stat, ms", "first stat", False),
    ("ls -fR, us/mail", "ls -fR", True),
    ("ls -lR, us/mail", "ls -lR", True),
    ("cp -a, us/mail", "cp -a", True),
)


def first_stat(path, _):
    os.stat(path)


def steps(tree):
    return (
        Work(tree.name, [("first stat", first_stat)], "mail", beside=False),
        Work(tree.name, [("ls -fR", works.LIST_ALL)], beside=False),
        Work(tree.name, [("ls -lR", works.LONG_ALL)], beside=False),
        Work(tree.name, [("cp -a", works.COPY)], beside=False),
    )


def measured(bench, messages):
    """The tree of one store, with all its samples taken."""
    name = f"{messages:,} mails"
    path = os.path.join(
        bench.stores, f"growth-{messages}-{bench.options.format}.ost"
    )
    folders = max(1, messages // IN_FOLDER)
    forge(bench, path, messages=messages, folders=folders)
    tree = Tree(bench, name, path)
    for _ in range(bench.options.runs):
        bench.mount(tree)
        for work in steps(tree):
            bench.work(tree, work)
    return tree


def row(bench, tree, messages):
    for _, work, each in COLUMNS:
        took = bench.samples[tree.name, work, "ostfs"].median()
        yield took * 1e6 / messages if each else took * 1e3
    yield bench.samples[tree.name, "mount", "ostfs"].peak
    yield bench.samples[tree.name, "cp -a", "ostfs"].peak


def growth(bench):
    sizes = [max(20, round(n * bench.options.scale)) for n in SIZES]
    if bench.options.large:
        sizes.append(LARGE)
    rows = [
        (n, list(row(bench, measured(bench, n), n))) for n in sizes
    ]
    head = ["mails", *(name for name, _, _ in COLUMNS)]
    head += ["memory when ready, MiB", "peak memory of cp -a, MiB"]
    lines = [[f"{n:,}", *map(figure, cells)] for n, cells in rows]
    worst = [max(cells) / rows[0][1][i]
             for i, cells in enumerate(zip(*(c for _, c in rows)))]  # fmt: skip
    lines.append(["largest / first", *map(figure, worst)])
    lines.append(
        [f"at most {MOST}"]
        + [holds(w <= MOST) if each else "" for w, (_, _, each)
           in zip(worst, COLUMNS)]
        + ["", ""]
    )  # fmt: skip
    return table(head, lines)
