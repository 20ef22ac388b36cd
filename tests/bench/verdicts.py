"""verdicts.py - which goals hold, on the stores that were made for them"""

from goals import GOALS, MESSAGE_MOST, PEAK_MOST, PEERS, READY_MOST, WORKS
from measure import say
from report import figure, holds, table
from stores import STORES, forged


def can(bench, program):
    """If it is one of the peers that there are and that read such a store."""
    if program == "pst-extractor":
        return bench.options.extractor and bench.options.format == "unicode"
    return program in PEERS


def measure(bench, name):
    """Everything that is wanted of one of the forged stores."""
    goals = [g for g in GOALS if g.store == name and bench.wanted(name, g.work)]
    if not goals:
        return
    needed = {work for g in goals for work in (g.work, g.than)}
    peers = {p for g in goals for p in g.beside.split(" + ") if can(bench, p)}
    say(f"{name}: making and listing it")
    tree = forged(bench, name)
    for i in range(bench.options.runs):
        say(f"{name}: run {i + 1} of {bench.options.runs}")
        if "mount" in needed:
            bench.mount(tree)
        for work in WORKS:
            if work.store == name and needed & {step for step, _ in work.steps}:
                bench.work(tree, work)
        for program in sorted(peers):
            bench.peer(tree, program)
        if "idle for 5 s" in needed:
            bench.idle(tree)


def seconds_beside(bench, goal):
    """What the goal is compared with, or None when that is not known."""
    if goal.than:
        return bench.median(goal.store, goal.than, "ostfs")
    known = [
        bench.median(goal.store, "export" if p in PEERS else goal.work, p)
        for p in goal.beside.split(" + ")
    ]
    return None if None in known else sum(known)


def verdict(bench, goal):
    """The row of a goal, or None when it was not measured."""
    took = bench.median(goal.store, goal.work, "ostfs")
    if took is None:
        return None
    row = (goal.store, goal.work, figure(took))
    if not goal.than and not goal.beside:
        most = f"{goal.most:g} {goal.unit}"
        return (*row, "", "", "", most, holds(took <= goal.most))
    floor = seconds_beside(bench, goal)
    if floor is None:
        return None
    return (
        *row,
        goal.than or goal.beside,
        figure(floor),
        f"{took / floor:.2f}",
        f"{goal.most:.2f}",
        holds(took <= goal.most * floor),
    )


def memory(bench):
    """A row for each work of ostfs: what its daemon held at most."""
    for (store, work, program), sample in bench.samples.items():
        if program != "ostfs" or store not in STORES:
            continue
        most = PEAK_MOST + bench.trees[store].messages * MESSAGE_MOST / 2**20
        if work == "mount":
            most = READY_MOST
        yield (
            store,
            work,
            f"{sample.peak:.1f}",
            f"{most:.1f}",
            holds(sample.peak <= most),
            f"{sample.cpu:.2f}",
        )


def goals(bench):
    for name in STORES:
        if name != "D" or bench.options.large:
            measure(bench, name)
    rows = filter(None, (verdict(bench, goal) for goal in GOALS))
    head = ("store", "work", "ostfs, s", "beside", "s", "ratio", "goal")
    held = ("store", "work", "peak, MiB", "goal", "holds", "daemon's CPU, s")
    return table((*head, "holds"), rows) + "\n\n" + table(held, memory(bench))
