#!/usr/bin/env python3
"""files.py - what is in a directory, and whether it is what it should be

    files.py take DIR FILE          remember all of DIR in FILE
    files.py same DIR FILE          DIR is that, to the last byte and name
    files.py honest DIR FILE        each file is that, or says it cannot be;
                                    prints how many could not be read
    files.py read DIR FILE THREADS  as many threads read random ranges
"""

import os
import pickle
import random
import sys
import threading

RANGES = 10  # by each thread
PART = b"addr-map-part"  # ostfs(5): an address was looked for in a part


def read_all(path):
    with open(path, "rb", buffering=0) as f:
        parts = []
        while part := f.read(1 << 20):
            parts.append(part)
    return b"".join(parts)


def take(top):
    """Path to content, None for a directory; fails if any cannot be read."""
    found = {}

    def refuse(error):
        raise error

    for folder, folders, files in os.walk(top, onerror=refuse):
        for name in folders:
            found[os.path.relpath(os.path.join(folder, name), top)] = None
        for name in files:
            path = os.path.join(folder, name)
            content = read_all(path)
            assert len(content) == os.stat(path).st_size, path
            found[os.path.relpath(path, top)] = content
    return found


def is_as(got, want):
    """The same bytes; or it notes that addresses could not all be learned.

    They are learned once: a disk that fails just then leaves that note until
    the store is mounted again."""
    if got == want or got is None or want is None:
        return got == want
    header, _, body = got.partition(b"\r\n\r\n")
    return PART in header and want.partition(b"\r\n\r\n")[2] == body


def same(top, want):
    got = take(top)
    bad = [p for p in sorted(set(got) | set(want))
           if p not in got or p not in want or not is_as(got[p], want[p])]
    for path in bad[:10]:
        where = ("extra" if path not in want else
                 "missing" if path not in got else "other")
        print(f"{where}: {path}")
    return not bad


def honest(top, want):
    good, refused = True, 0
    for path, content in want.items():
        if content is None:
            continue
        try:
            if not is_as(read_all(os.path.join(top, path)), content):
                print("other:", path)
                good = False
        except FileNotFoundError:
            print("as if it had never been:", path)
            good = False
        except OSError:
            refused += 1
    print(refused, "refused", file=sys.stderr)
    return good


def read(top, want, threads):
    files = [(p, c) for p, c in want.items() if c]
    wrong = []

    def reader(seed):
        dice = random.Random(seed)
        try:
            for _ in range(RANGES):
                path, content = dice.choice(files)
                at = dice.randrange(len(content))
                size = dice.choice([1, 100, 4096, 70000, 1 << 20])
                fd = os.open(os.path.join(top, path), os.O_RDONLY)
                if os.pread(fd, size, at) != content[at:at + size]:
                    wrong.append(f"{path} at {at}, {size} bytes")
                os.close(fd)
        except OSError as error:
            wrong.append(str(error))

    all_of_them = [threading.Thread(target=reader, args=(i,))
                   for i in range(threads)]
    for thread in all_of_them:
        thread.start()
    for thread in all_of_them:
        thread.join()
    print("\n".join(wrong[:10]))
    return not wrong


def main():
    what, top, file = sys.argv[1:4]
    if what == "take":
        with open(file, "wb") as f:
            pickle.dump(take(top), f)
        return
    with open(file, "rb") as f:
        want = pickle.load(f)
    if what == "read":
        good = read(top, want, int(sys.argv[4]))
    else:
        good = {"same": same, "honest": honest}[what](top, want)
    sys.exit(not good)


main()
