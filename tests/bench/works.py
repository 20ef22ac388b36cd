"""works.py - what is measured on a mount

Each work is called with the folder to work on and a place to write to, which
is a name that is not there yet.
"""

import os
import random
import subprocess

MIB = 1 << 20
PAGE = 4096


def run(argv):
    """Run a program to its end; its words do not matter, its success does."""
    done = subprocess.run(
        argv, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False
    )
    if done.returncode != 0:
        raise SystemExit(f"bench: {argv}: {done.stderr.decode()[-300:]}")


def command(*words):
    """A program; "@" among its words is the folder, "%" the place."""

    def work(folder, place):
        named = {"@": folder, "%": place}
        run([named.get(word, word) for word in words])

    return work


def search(folder, _):
    """A word that is nowhere: ripgrep says 1, and has read it all."""
    done = subprocess.run(
        ["rg", "-j1", "-uuu", "-l", "not-a-word-anywhere", folder], check=False
    )
    if done.returncode != 1:
        raise SystemExit(f"bench: rg said {done.returncode}")


def archive(folder, _):
    """Through cat, as GNU tar reads nothing when it writes to /dev/null."""
    run(["sh", "-c", 'tar c -C "$0" . | cat >/dev/null', folder])


LIST = command("ls", "-f", "@")
LONG = command("ls", "-l", "@")
COPY = command("cp", "-a", "@", "%")
SYNC = command("rsync", "-a", "@/", "%")


def files_below(folder):
    """All files, in the order of the directories."""
    return [
        os.path.join(path, name)
        for path, _, names in os.walk(folder)
        for name in names
    ]


def read_all(path):
    with open(path, "rb", buffering=0) as file:
        while file.read(MIB):
            pass


def readers(count):
    """Every file below the folder, read once by one of `count` processes."""

    def work(folder, _):
        files = files_below(folder)
        children = []
        for i in range(count):
            pid = os.fork()
            if pid == 0:
                for path in files[i::count]:
                    read_all(path)
                os._exit(0)
            children.append(pid)
        for pid in children:
            if os.waitpid(pid, 0)[1] != 0:
                raise SystemExit("bench: a reader failed")

    return work


def largest(folder, suffix):
    """The largest file below a folder whose name ends so."""
    return max(
        (path for path in files_below(folder) if path.endswith(suffix)),
        key=os.path.getsize,
    )


def read_pages(path, count):
    """Single pages anywhere in a file, with no reading ahead."""
    pages = os.path.getsize(path) // PAGE
    places = random.Random(1)
    fd = os.open(path, os.O_RDONLY)
    try:
        os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_RANDOM)
        for _ in range(count):
            os.pread(fd, PAGE, places.randrange(pages) * PAGE)
    finally:
        os.close(fd)
