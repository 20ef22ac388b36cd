"""fleets.py - a directory of many stores behind one mount"""

import glob
import os
import shutil
import signal
import statistics
import time

import works
from mounts import Mount
from report import figure, holds, table
from stores import forge

STORES = 1_000
KINDS = 8  # different ones, of which the others are copies
READ = 64  # stores that are opened and read
READERS = 8  # programs that read at once
# Goals: see below.
MOUNT_MOST = 1.0  # s
LIST_MOST = 0.1  # s
MORE_MOST = 20.0  # ms over a single mount
MIB_MOST, KIB_A_STORE, MIB_AN_OPEN = 64, 8, 3
HANDLES_MOST = 4 * READ + 64
LOOK_AGAIN = 2.5  # s after which a listing looks what is new
COLD = 0.01  # the least scale for which all caches are dropped


class Place:
    """What Bench.daemon() takes for a tree."""

    def __init__(self, path):
        self.store = path


def made(bench):
    """The directory of all stores, and the path of a single one."""
    count = max(KINDS, round(STORES * bench.options.scale))
    top = os.path.join(bench.place, "profiles")
    kinds = []
    for seed in range(1, KINDS + 1):
        path = os.path.join(bench.stores, f"fleet-{seed}.ost")
        forge(bench, path, messages=20, seed=seed, attachments=9000)
        kinds.append(path)
    for n in range(count):
        home = os.path.join(top, f"PC-{n:04}/Users/u{n}/Outlook")
        os.makedirs(home)
        shutil.copy(kinds[n % KINDS], f"{home}/u{n}@example.com.ost")
    return top, kinds[0], count


def cold(bench):
    """True if nothing of the tree is in memory."""
    if bench.options.scale < COLD:
        return False
    try:
        os.sync()
        with open("/proc/sys/vm/drop_caches", "w", encoding="ascii") as out:
            out.write("3")
        return True
    except OSError:
        return False


def seconds(work, *arguments):
    start = time.perf_counter()
    work(*arguments)
    return time.perf_counter() - start


def tree_of(pid):
    """The process and all below it."""
    yield pid
    for path in glob.glob(f"/proc/{pid}/task/*/children"):
        with open(path, encoding="ascii") as children:
            for child in children.read().split():
                yield from tree_of(child)


def pss(pid):
    """KiB that are its own, and its share of what others have, too."""
    with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as lines:
        for line in lines:
            if line.startswith("Pss:"):
                return int(line.split()[1])
    return 0


def handles(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


def ready(bench):
    """Until the top can be listed."""
    return sorted(n for n in os.listdir(bench.mount_point) if n != ".ostfs")


def by_ostfs(bench, where):
    return bench.daemon("ostfs", Place(where))


def by_one(bench, where):
    """A mount by the process that reads all of them itself."""
    return Mount([bench.program("onefleet"), where], bench.mount_point)


def first_list(bench, where, path, mount=by_ostfs):
    """ms of the first `ls` inside a store, on a fresh mount."""
    with mount(bench, where):
        ready(bench)
        folder = os.path.join(bench.mount_point, path)
        return seconds(os.listdir, folder) * 1e3


def listed(bench):
    """READ stores, opened and listed: the files of each."""
    return [
        works.files_below(f"{bench.mount_point}/{name}")
        for name in ready(bench)[:READ]
    ]


def read_by(files, count):
    """Files a second, read by `count` programs at once."""
    children = []
    start = time.perf_counter()
    for i in range(count):
        pid = os.fork()
        if pid == 0:
            os._exit(works.read_share(files[i::count]))
        children.append(pid)
    if any([os.waitpid(pid, 0)[1] for pid in children]):
        raise SystemExit("bench: a reader failed")
    return len(files) / (time.perf_counter() - start)


def opened(bench, top, mount=by_ostfs, readers=1):
    """READ stores, read whole: MiB, the most descriptors of a process, and
    files a second."""
    with mount(bench, top) as mounted:
        files = [path for paths in listed(bench) for path in paths]
        rate = read_by(files, readers)
        every = list(tree_of(str(mounted.daemon.pid)))
        mib = sum(map(pss, every)) / 1024
        return mib, max(map(handles, every)), rate


def survivors(bench, top, mount):
    """Of READ open stores, how many can be read once one that reads was
    killed; the last process that was started is one."""
    left = 0
    with mount(bench, top) as mounted:
        stores = listed(bench)
        os.kill(int(list(tree_of(str(mounted.daemon.pid)))[-1]), signal.SIGKILL)
        for paths in stores:
            left += works.read_share(paths[:1]) == 0
    return left


def beside(bench, top):
    """A process a store, and one process for all, in turn."""
    ways = (by_ostfs, by_one)
    took = {way: {} for way in ways}
    for _ in range(bench.options.runs):
        for way in ways:
            mib, _, rate = opened(bench, top, way)
            many = opened(bench, top, way, READERS)[2]
            first = first_list(bench, top, "u0@example.com", way)
            left = survivors(bench, top, way)
            values = {
                "first ls inside a store, ms": first,
                f"memory (PSS), {READ} stores read, MiB": mib,
                "files read a second, one reader": rate,
                f"files read a second, {READERS} readers": many,
                f"of {READ} stores, readable when a reader was killed": left,
            }
            for what, value in values.items():
                took[way].setdefault(what, []).append(value)
    return table(
        ("what", "a process a store", "one process"),
        [
            (what, *(figure(statistics.median(took[w][what])) for w in ways))
            for what in took[by_ostfs]
        ],
    )


def fleets(bench):
    top, single, count = made(bench)
    mounts, lists, later, inside, alone = [], [], [], [], []
    is_cold = cold(bench)
    for _ in range(bench.options.runs):
        cold(bench)
        start = time.perf_counter()
        with bench.daemon("ostfs", Place(top)):
            mounts.append(time.perf_counter() - start)
            lists.append(seconds(works.LIST, bench.mount_point, None))
            time.sleep(LOOK_AGAIN)
            later.append(seconds(works.LIST, bench.mount_point, None))
        inside.append(first_list(bench, top, "u0@example.com"))
        alone.append(first_list(bench, single, ""))
    if not is_cold:
        bench.note("the files were in memory: caches can be dropped by root")
    mib, most, _ = opened(bench, top)
    may = MIB_MOST + KIB_A_STORE * count / 1024 + MIB_AN_OPEN * READ
    more = statistics.median(inside) - statistics.median(alone)
    rows = [
        ("mount from cold, s", statistics.median(mounts), MOUNT_MOST),
        ("ls of it, s", statistics.median(lists), LIST_MOST),
        ("ls that looks again, s", statistics.median(later), LIST_MOST),
        ("first ls inside a store, over a single mount, ms", more, MORE_MOST),
        (f"memory (PSS) of all processes, {READ} stores read, MiB", mib, may),
        ("descriptors of the process that has most", most, HANDLES_MOST),
    ]
    goals = table(
        ("what", "took", "at most", "holds"),
        [(w, figure(t), figure(m), holds(t <= m)) for w, t, m in rows],
    )
    return f"{count:,} stores.\n\n{goals}\n\n{beside(bench, top)}"
