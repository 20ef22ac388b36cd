"""works.py - what is measured on a mount

Each work is called with the folder or file to work on, and a place to write
to, which is a name that is not there yet.
"""

import os
import random
import subprocess

MIB = 1 << 20
PAGE = 4096
PAGES = 20_000  # to be read, anywhere in a file
CHILDREN = 64


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
        named = {"@": folder, "@/": folder + "/", "%": place}
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
LIST_ALL = command("ls", "-fR", "@")
LONG = command("ls", "-l", "@")
LONG_ALL = command("ls", "-lR", "@")
COPY = command("cp", "-a", "@", "%")
SYNC = command("rsync", "-a", "@/", "%")


def read_all(path):
    with open(path, "rb", buffering=0) as file:
        while file.read(MIB):
            pass


def in_order(path, _):
    read_all(path)


def pages(path, _):
    """Single pages anywhere in a file, with no reading ahead."""
    count = os.path.getsize(path) // PAGE
    places = random.Random(1)
    fd = os.open(path, os.O_RDONLY)
    try:
        os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_RANDOM)
        for _ in range(min(count, PAGES)):
            os.pread(fd, PAGE, places.randrange(count) * PAGE)
    finally:
        os.close(fd)


def files_below(folder):
    """In the order of the directories."""
    return [
        os.path.join(path, name)
        for path, _, names in os.walk(folder)
        for name in names
    ]


def read_share(files):
    """In a child: its exit code."""
    try:
        for path in files:
            read_all(path)
    except OSError:
        return 1
    return 0


def readers(count):
    """Every file below the folder, read once, by `count` processes at once;
    the others of CHILDREN have nothing to do, so that starting them costs the
    same."""

    def work(folder, _):
        files = files_below(folder)
        children = []
        for i in range(CHILDREN):
            pid = os.fork()
            if pid == 0:
                os._exit(read_share(files[i::count] if i < count else []))
            children.append(pid)
        if any([os.waitpid(pid, 0)[1] for pid in children]):
            raise SystemExit("bench: a reader failed")

    return work
