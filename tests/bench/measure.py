"""measure.py - the works, done on each program in turn, and what they took"""

import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field

import works
from goals import PEERS, WRITERS
from mounts import Mount, unmount

SHM = "/dev/shm"
LEAST = 0.25  # of the mount's bytes, which have attachments twice, and base64


def say(text):
    print(f"bench: {text}", file=sys.stderr, flush=True)


def available():
    """Bytes of memory that nobody needs."""
    with open("/proc/meminfo", encoding="utf-8") as lines:
        for line in lines:
            name, value, *_ = line.split()
            if name == "MemAvailable:":
                return int(value) * 1024
    return 0


@dataclass
class Sample:
    """What a work took a program: each run, mostly in seconds, and the worst
    that was seen of its daemon."""

    runs: list = field(default_factory=list)
    peak: float = 0  # MiB
    cpu: float = 0  # seconds

    def median(self):
        return statistics.median(self.runs)

    def saw(self, mount):
        self.peak = max(self.peak, mount.peak())
        self.cpu = max(self.cpu, mount.cpu())


class Bench:
    """The programs, the places, and what has been measured."""

    def __init__(self, options, place):
        self.options = options
        self.place = place
        self.stores = os.path.abspath(options.stores or place)
        self.mount_point = os.path.join(place, "m")
        self.trees = {}  # by the store's name
        self.samples = {}  # (store, work, program): Sample
        self.notes = []  # that change what the figures mean
        self.empty = os.path.join(place, "empty.listing")
        with open(self.empty, "wb") as out:
            out.write(b"d 0 0 m\0")

    def program(self, name):
        folders = {"ostfs": "fs", "ostls": "tools", "ostcat": "tools"}
        folder = folders.get(name, "tests")
        return os.path.join(os.path.abspath(self.options.build), folder, name)

    def wanted(self, store, work):
        return re.search(self.options.only, f"{store} {work}")

    def sample(self, *key):
        return self.samples.setdefault(key, Sample())

    def median(self, *key):
        """Of what was measured, or None."""
        return self.samples[key].median() if key in self.samples else None

    def note(self, text):
        if text not in self.notes:
            self.notes.append(text)

    def command(self, program, source, options=()):
        more = getattr(self.options, program).split()
        return [self.program(program), *more, *options, source]

    def daemon(self, program, tree, options=()):
        source = tree.listing if program == "nullfs" else tree.store
        return Mount(self.command(program, source, options), self.mount_point)

    def target(self, size):
        """A new folder for that many bytes, on a tmpfs if memory has room."""
        where = self.place
        need = size * 1.2 + (1 << 30)
        if os.path.ismount(SHM) and need < min(
            shutil.disk_usage(SHM).free, available()
        ):
            where = SHM
        else:
            self.note(f"copies of {size >> 20} MiB did not go to a tmpfs")
        return tempfile.TemporaryDirectory(prefix="ostfs-bench.", dir=where)

    def work(self, tree, work):
        """One run of a work, on a fresh mount of each program."""
        for program in ("nullfs", "ostfs") if work.beside else ("ostfs",):
            with self.daemon(program, tree, work.options) as mount:
                path = work.path(self.mount_point, tree)
                for name, step in work.steps:
                    sample = self.sample(tree.name, name, program)
                    with self.target(tree.bytes) as out:
                        start = time.perf_counter()
                        step(path, os.path.join(out, "out"))
                        sample.runs.append(time.perf_counter() - start)
                    sample.saw(mount)

    def mount(self, tree):
        """From the command to its end, when the mount is ready; and what the
        daemon holds then."""
        for program in ("nullfs", "ostfs"):
            source = self.empty if program == "nullfs" else tree.store
            argv = self.command(program, source) + [self.mount_point]
            os.makedirs(self.mount_point, exist_ok=True)
            alive, daemons = os.pipe()
            start = time.perf_counter()
            subprocess.run(argv, pass_fds=[daemons], check=True)
            sample = self.sample(tree.name, "mount", program)
            sample.runs.append(time.perf_counter() - start)
            unmount(self.mount_point)
            os.close(daemons)
            os.read(alive, 1)  # it has ended when its end is closed
            os.close(alive)
            with self.daemon(program, tree) as mount:
                time.sleep(0.1)  # it is mounted a little before it serves
                sample.saw(mount)

    def idle(self, tree):
        """How often the daemon wakes up when nobody asks for anything."""
        with self.daemon("ostfs", tree) as mount:
            works.LIST_ALL(self.mount_point, None)
            time.sleep(1)
            before = mount.switches()
            time.sleep(self.options.idle)
            sample = self.sample(tree.name, "idle for 5 s", "ostfs")
            sample.runs.append(mount.switches() - before)
            sample.saw(mount)

    def peer(self, tree, program):
        """All mail of the store, written by another program. One that writes
        but a part of it, and some end well then, is not comparable."""
        with self.target(tree.bytes) as out:
            named = {
                "@": tree.store,
                "%": out,
                "%/out": os.path.join(out, "out"),
                "&": self.options.extractor,
            }
            start = time.perf_counter()
            works.run([named.get(word, word) for word in PEERS[program]])
            took = time.perf_counter() - start
            wrote = sum(map(os.path.getsize, works.files_below(out)))
        if program in WRITERS and wrote < tree.bytes * LEAST:
            self.note(
                f"{tree.name}: {program} wrote {wrote >> 20} MiB of what is "
                f"{tree.bytes >> 20} MiB in the mount, so it is left out"
            )
        else:
            self.sample(tree.name, "export", program).runs.append(took)
