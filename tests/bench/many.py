"""many.py - what one piece costs among few and among many

Costs are of the daemon's own processor time, which other programs on the
machine change little.
"""

import os
import re
import statistics
import time

import works
from report import figure, holds, table
from stores import Tree, forge

FEW = 1_000
MOST = 1.3  # times what a piece costs among few
ROOM = 64  # MiB
FIRST = 50  # ms
READS = 4

# What there is many of, as ostforge --many says, and how many.
KINDS = (
    ("subfolders", 100_000),
    ("subfolders-alike", 80_000),
    ("lost-folders", 40_000),
    ("attachments", 40_000),
    ("names-in-to", 40_000),
    ("recipients", 40_000),
)


def processes(mount):
    pid = mount.daemon.pid
    path = f"/proc/{pid}/task/{pid}/children"
    with open(path, encoding="utf-8") as children:
        return [str(pid), *children.read().split()]


def cpu_ms(mount):
    """Of all threads, those that have ended too."""
    clocks = (~int(pid) << 3 | 2 for pid in processes(mount))
    return sum(map(time.clock_gettime, clocks)) * 1e3


def reads(mount):
    """read(2) and the like, those of requests of the kernel too."""
    total = 0
    for pid in processes(mount):
        with open(f"/proc/{pid}/io", encoding="utf-8") as lines:
            total += sum(
                int(line.split()[1])
                for line in lines
                if line.startswith("syscr")
            )
    return total


def tree_of(path):
    tree = Tree.__new__(Tree)
    tree.store = path
    return tree


def piece(bench, kind, count):
    """Microseconds a piece of `ls -lR`, and the daemon's peak in MiB."""
    path = os.path.join(
        bench.stores, f"many-{kind}-{count}-{bench.options.format}.ost"
    )
    forge(bench, path, many=kind, messages=count)
    with bench.daemon("ostfs", tree_of(path)) as mount:
        before = cpu_ms(mount)
        works.LONG_ALL(bench.mount_point, None)
        return (cpu_ms(mount) - before) * 1e3 / count, mount.peak()


def is_wanted(bench, what):
    return re.search(bench.options.only, what) is not None


def many_rows(bench):
    few = max(20, round(FEW * bench.options.scale))
    for kind, count in KINDS:
        if not is_wanted(bench, kind):
            continue
        count = max(2 * few, round(count * bench.options.scale))
        small, _ = piece(bench, kind, few)
        large, peak = piece(bench, kind, count)
        factor = large / small
        yield (
            kind, f"{few:,}", figure(small), f"{count:,}", figure(large),
            figure(factor), holds(factor <= MOST), figure(peak),
            holds(peak <= ROOM),
        )  # fmt: skip


def read_byte(bench, path, mail):
    """
    From a fresh mount on: milliseconds, those of the daemon's processor time,
    and which mail it was.
    """
    with bench.daemon("ostfs", tree_of(path)) as mount:
        if mail is None:
            inbox = os.path.join(bench.mount_point, "Inbox")
            with os.scandir(inbox) as entries:
                mail = next(e.path for e in entries if e.is_file())
        used, began = cpu_ms(mount), time.monotonic()
        with open(mail, "rb", buffering=0) as file:
            file.read(1)
        took = (time.monotonic() - began) * 1e3
        return took, cpu_ms(mount) - used, mail


def first_byte(bench):
    """
    Of a mail whose sender has an X.500 name, at once after the mount: what is
    waited for counts, too. Where others use the processors, the time that
    passes is as much theirs.
    """
    count = max(20, round(200_000 * bench.options.scale))
    path = os.path.join(
        bench.stores, f"exchange-{count}-{bench.options.format}.ost"
    )
    forge(bench, path, messages=count, exchange=True, folders=count // 500 + 1)
    mail = read_byte(bench, path, None)[2]
    runs = [read_byte(bench, path, mail) for _ in range(bench.options.runs)]
    took, used = (statistics.median(r[i] for r in runs) for i in (0, 1))
    what = f"first byte of a mail of {count:,} with X.500 senders, ms"
    yield what, figure(took), str(FIRST), holds(took <= FIRST)
    yield f"{what} of CPU", figure(used), str(FIRST), holds(used <= FIRST)


def page_reads(bench):
    """Reads of the daemon for 4 KiB out of a large attachment, the first."""
    size = 400 << 20 if bench.options.scale >= 0.01 else 100_000
    path = os.path.join(
        bench.stores, f"page-{size}-{bench.options.format}.ost"
    )
    forge(bench, path, messages=1, attachments=size)
    tree = Tree(bench, "page", path)
    with bench.daemon("ostfs", tree) as mount:
        file = os.path.join(bench.mount_point, tree.attachment[0])
        fd = os.open(file, os.O_RDONLY)
        os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_RANDOM)
        before = reads(mount)
        os.pread(fd, works.PAGE, size // 2 // works.PAGE * works.PAGE)
        took = reads(mount) - before - 1  # the request is one
        os.close(fd)
    yield (
        f"reads for 4 KiB of an attachment of {size:,} bytes",
        figure(took), str(READS), holds(took <= READS),
    )  # fmt: skip


SINGLE = (("first-byte", first_byte), ("page-reads", page_reads))


def many(bench):
    head = (
        "what", "few", "us each", "many", "us each", "factor",
        f"at most {MOST}", "peak, MiB", f"at most {ROOM}",
    )  # fmt: skip
    single = table(
        ("what", "took", "at most", "holds"),
        [
            row
            for what, rows in SINGLE
            if is_wanted(bench, what)
            for row in rows(bench)
        ],
    )
    return table(head, list(many_rows(bench))) + "\n\n" + single
