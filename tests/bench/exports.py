"""exports.py - what ostexport takes, beside what others take for the same"""

import os
import signal
import statistics
import subprocess
import time

import works
from goals import READPST
from report import figure, holds, table
from stores import forged

PEAK_MOST = 64  # MiB
INSIDE = ("-o", "attachments=inside")
RESUME_AT = 0.9

# What ostexport is asked for, by name.
OURS = {
    "tree, inside": INSIDE,
    "tree, inside, -j1": (*INSIDE, "-j", "1"),
    "tree, inside, -j2": (*INSIDE, "-j", "2"),
    "tree": (),
    "maildir": ("-f", "maildir"),
    "mbox": ("-f", "mbox"),
}

# Store, work of ours, what it is held against, at most how many times that.
GOALS = (
    ("B", "tree, inside", "readpst -S", 0.5),
    ("B", "tree", "cp -a of the mount", 0.25),
    ("A", "tree, inside", "readpst -e", 0.5),
    ("C", "tree, inside", "readpst -e", 0.5),
    ("C", "tree, inside", "cp + base64 of the store", 1.2),
    ("B", "maildir", "readpst -S", 0.6),
    ("B", "mbox", "readpst -S", 0.6),
    ("B", "tree, inside, -j2", "tree, inside, -j1", 0.6),
    ("B", "tree, inside, again", "tree, inside", 0.2),
)


def timed(argv):
    """Seconds, and the peak in MiB of the program and its children."""
    start = time.perf_counter()
    with subprocess.Popen(
        argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        _, status, usage = os.wait4(process.pid, 0)
        took = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit(f"bench: {argv}: ended with {process.returncode}")
    return took, usage.ru_maxrss / 1024


class Exports:
    """The stores, and what each work took so far."""

    def __init__(self, bench):
        self.bench = bench
        self.took = {}  # (store, work): seconds of each run
        self.peaks = {}  # (store, work): MiB

    def add(self, tree, work, took, peak=0.0):
        key = tree.name, work
        self.took.setdefault(key, []).append(took)
        self.peaks[key] = max(self.peaks.get(key, 0), peak)

    def ours(self, tree, work, out):
        program = os.path.join(
            os.path.abspath(self.bench.options.build), "tools/ostexport"
        )
        return [program, *OURS[work], tree.store, os.path.join(out, "x")]

    def again(self, tree, out):
        """Killed when nine tenths are written, and run again."""
        argv = self.ours(tree, "tree, inside", out)
        journal = os.path.join(out, "x/.ostexport/journal.jsonl")
        whole = self.journal_of(tree)
        process = subprocess.Popen(
            argv, stderr=subprocess.DEVNULL, start_new_session=True
        )
        while process.poll() is None:
            if os.path.exists(journal) and (
                os.path.getsize(journal) >= whole * RESUME_AT
            ):
                os.killpg(process.pid, signal.SIGKILL)
                break
            time.sleep(0.002)
        process.wait()
        took, peak = timed(argv)
        self.add(tree, "tree, inside, again", took, peak)

    def journal_of(self, tree):
        """The size of the journal of a whole run."""
        with self.bench.target(tree.bytes) as out:
            timed(self.ours(tree, "tree, inside", out))
            path = os.path.join(out, "x/.ostexport/journal.jsonl")
            return os.path.getsize(path)

    def theirs(self, tree, work, out):
        if work == "cp -a of the mount":
            with self.bench.daemon("ostfs", tree):
                return timed(["cp", "-a", self.bench.mount_point, out + "/x"])
        if work.startswith("cp +"):
            script = 'cp "$0" "$1/x" && base64 "$0" >"$1/y"'
            return timed(["sh", "-c", script, tree.store, out])
        option = work.split()[1]
        named = {"@": tree.store, "%": out}
        argv = [named.get(word, word) for word in [*READPST, option, "@"]]
        return timed(argv)

    def once(self, tree, work):
        works.read_all(tree.store)
        with self.bench.target(tree.bytes) as out:
            if work.endswith("again"):
                self.again(tree, out)
            elif work in OURS:
                self.add(tree, work, *timed(self.ours(tree, work, out)))
            else:
                self.add(tree, work, self.theirs(tree, work, out)[0])

    def row(self, store, work, beside, most):
        ours = statistics.median(self.took[store, work])
        others = statistics.median(self.took[store, beside])
        peak = self.peaks[store, work]
        return (
            store, work, figure(ours), beside, figure(others),
            f"{ours / others:.2f}", f"{most:.2f}",
            holds(ours <= most * others), figure(peak),
            holds(peak <= PEAK_MOST),
        )  # fmt: skip


def exports(bench):
    """Each work once a run, all of a store in turn."""
    mine = Exports(bench)
    goals = [g for g in GOALS if bench.wanted(g[0], g[1])]
    for name in sorted({g[0] for g in goals}):
        tree = forged(bench, name)
        names = [w for g in goals if g[0] == name for w in g[1:3]]
        for _ in range(bench.options.runs):
            for work in dict.fromkeys(names):
                mine.once(tree, work)
    head = (
        "store", "ostexport -f", "s", "beside", "s", "ratio", "goal", "holds",
        "peak, MiB", f"at most {PEAK_MOST}",
    )  # fmt: skip
    return table(head, [mine.row(*goal) for goal in goals])
