#!/usr/bin/env python3
"""circles.py - no circle of files between rooms, only small ones inside, and
no name that two files give to others

    circles.py BUILD

A file needs another when it uses a symbol that the other defines; nm tells.
Fails when files of two rooms need each other, by whatever way, or more than
five files of one do. Fails too when two files define one symbol: which of
them is called would be up to the linker.
"""
import os
import re
import subprocess
import sys

MOST = 5


def objects(build):
    """The object files of ostcore: name without .c, and path."""
    for folder, _, names in os.walk(os.path.join(build, "ostcore")):
        for name in names:
            path = os.path.join(folder, name)
            found = re.search(r"\.dir/(.*)\.c\.o$", path)
            if found:
                yield found.group(1), path


def symbols(files):
    """For each object, what it defines for others and what it needs."""
    name = {path: name for name, path in files}
    table = {name: (set(), set()) for name, _ in files}
    said = subprocess.run(["nm", "-A", *name], check=True,
                          capture_output=True, text=True)
    for line in said.stdout.splitlines():
        path, _, rest = line.rpartition(":")
        defined, needed = table[name[path]]
        words = rest.split()
        if len(words) == 2 and words[0] == "U":
            needed.add(words[1])
        elif len(words) == 3 and words[1] in "TDBRV":
            defined.add(words[2])
    return table


def twice(table):
    """The symbols that more than one file defines, with those files."""
    homes = {}
    for name, (defined, _) in table.items():
        for s in defined - {"main"}:
            homes.setdefault(s, []).append(name)
    return {s: sorted(names) for s, names in homes.items() if len(names) > 1}


def arrows(table):
    """For each file, the files it needs."""
    home = {s: name for name, (defined, _) in table.items() for s in defined}
    return {name: {home[s] for s in needed if s in home} - {name}
            for name, (_, needed) in table.items()}


def circles(graph):
    """Tarjan's strongly connected components, of more than one file."""
    index, low, stack, found = {}, {}, [], []

    def visit(v):
        index[v] = low[v] = len(index)
        stack.append(v)
        for w in sorted(graph[v]):
            if w not in index:
                visit(w)
                low[v] = min(low[v], low[w])
            elif w in stack:
                low[v] = min(low[v], index[w])
        if low[v] == index[v]:
            at = stack.index(v)
            if len(stack) - at > 1:
                found.append(sorted(stack[at:]))
            del stack[at:]

    for v in sorted(graph):
        if v not in index:
            visit(v)
    return found


def main():
    table = symbols(list(objects(sys.argv[1])))
    graph = arrows(table)
    if len(graph) < 100:
        sys.exit(f"circles.py: only {len(graph)} objects in {sys.argv[1]}")
    bad = 0
    for symbol, names in sorted(twice(table).items()):
        bad += 1
        print(symbol, "is defined by", *names)
    for circle in circles(graph):
        rooms = {os.path.dirname(name) for name in circle}
        if len(rooms) > 1 or len(circle) > MOST:
            bad += 1
            print("circle of", len(circle), "files:", *circle)
    print(f"{len(graph)} files, {bad} circles or symbols too many")
    sys.exit(bad > 0)


sys.setrecursionlimit(10000)
main()
