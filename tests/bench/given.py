"""given.py - any stores, beside what else reads them"""

import os

from goals import GIVEN, Work
from measure import say
from report import figure, table
from stores import Tree

READERS = ("readpst -e", "pffexport")


def row(bench, path):
    name = os.path.basename(path)
    tree = Tree(bench, name, path)
    for i in range(bench.options.runs):
        say(f"{name}: run {i + 1} of {bench.options.runs}")
        bench.mount(tree)
        for step in GIVEN:
            bench.work(tree, Work(name, [step], beside=False))
        for program in READERS:
            bench.peer(tree, program)
    yield f"{name}, {os.path.getsize(path) / 2**20:.0f} MiB"
    for work in ("mount", *(work for work, _ in GIVEN)):
        yield figure(bench.median(name, work, "ostfs"))
    yield f"{bench.samples[name, 'cp -a', 'ostfs'].peak:.0f}"
    for program in READERS:
        took = bench.median(name, "export", program)
        yield figure(took) if took else "incomplete"


def given(bench):
    head = ("seconds", "mount", *(work for work, _ in GIVEN))
    head += ("its memory, MiB", *READERS)
    return table(head, [list(row(bench, path)) for path in bench.options.given])
