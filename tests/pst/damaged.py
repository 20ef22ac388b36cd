#!/usr/bin/env python3
"""damaged.py - of a damaged store, a PST that is whole, and no silent loss

    damaged.py BUILD [COUNT]

COUNT (219) stores, each damaged in one place. ost2pst must end with 0, 40, or
the code of a store that cannot be read at all. What it wrote, the verifier finds
whole, and pst_dump and compare.py find in it what the store has, but for what
the report says. Each message that was forged is written, or is told; if
anything is told as lost, and only then, the code is 40.
"""

import json
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.realpath(__file__))
LAYOUTS = (["--format", "unicode"], ["--format", "ansi"],
           ["--format", "4k", "--kind", "ost", "--deflate", "all"])
WHATS = ("unlisted missing attachment-rows attachment-nodes table "
         "associated-table node-page block-page root root-list circle "
         "own-parent no-leaf swapped").split()
UNREADABLE = {30, 31, 32, 33}  # codes of a store of which nothing can be read
BATCH = 20


def places():
    """Damages, of each layout in turn."""
    for what in WHATS + [f"block:{n}" for n in range(1, 200)]:
        for layout in LAYOUTS:
            yield layout, what


def forged(build, store, layout, what):
    """The NIDs that were forged; None: there is no such place to damage."""
    manifest = store + ".jsonl"
    done = subprocess.run(
        [f"{build}/tests/ostforge", "--messages", "12", "--folders", "2",
         "--attachments", "60000", *layout, "--damage", what,
         "--manifest", manifest, "-o", store], stderr=subprocess.PIPE)
    if done.returncode:
        assert b"no such thing" in done.stderr, done.stderr
        return None
    with open(manifest, encoding="utf-8") as lines:
        return {int(str(e["nid"]), 0) for e in map(json.loads, lines)
                if "nid" in e}


def judge(code, report, nids):
    """What of the account is not so."""
    lost = sum(report["lost"].values())
    if (code == 40) != (lost > 0):
        return f"exit code {code} with {lost} losses"
    seen = {old for f in report["folders"] for old, _ in f["items"]}
    told = {t.get("nid") for t in report["things"]}
    silent = nids - seen - told
    # A list or folder that cannot be read names nobody.
    if silent and not any(t["what"] in ("list-unreadable", "folder-unreadable",
                                        "limit") for t in report["things"]):
        return f"{len(silent)} messages neither written nor told"
    return None


def holds(build, store, out, report):
    dumps = []
    for path in store, out:
        dumps.append(path + ".dump")
        with open(dumps[-1], "w", encoding="utf-8") as to:
            done = subprocess.run([f"{build}/tests/pst_dump", path], stdout=to)
        # Without the store object, which the writer needs not, no list of all.
        if done.returncode and path == store:
            return None, ""
    done = subprocess.run([f"{HERE}/compare.py", dumps[0], report, dumps[1]],
                          stdout=subprocess.PIPE, text=True)
    # Of a store whose every message is lost there is nothing to compare.
    return done.returncode == 0 or " 0 differences" in done.stdout, done.stdout


def one(build, tmp, number, layout, what):
    """""whole", "not compared", "unreadable", a fault; None: no such."""
    store, out = (os.path.join(tmp, f"{number}.{end}") for end in
                  ("store", "pst"))
    report = out + ".json"
    nids = forged(build, store, layout, what)
    if nids is None:
        return None
    done = subprocess.run(
        [f"{build}/tools/ost2pst", "--report", report, store, out],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode in UNREADABLE and not os.path.exists(out):
        return "unreadable"
    if done.returncode not in (0, 40):
        return f"exit code {done.returncode}: {done.stdout[-300:]}"
    with open(report, encoding="utf-8") as file:
        fault = judge(done.returncode, json.load(file), nids)
    good, said = holds(build, store, out, report)
    if fault is None and good is None:
        return "not compared"
    return fault or ("whole" if good else said[:400])


def main():
    build = os.path.realpath(sys.argv[1])
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 219
    kinds = {"whole": 0, "not compared": 0, "unreadable": 0}
    failed, number = 0, 0
    with tempfile.TemporaryDirectory() as tmp:
        for layout, what in places():
            verdict = one(build, tmp, number, layout, what)
            if verdict is None:
                continue
            number += 1
            if verdict in kinds:
                kinds[verdict] += 1
            else:
                failed += 1
                print("FAIL", *layout, what, verdict)
            made = [os.path.join(tmp, n) for n in os.listdir(tmp)
                    if n.endswith(".pst")]
            if len(made) >= BATCH or number == count:
                done = subprocess.run([f"{HERE}/verify", *made])
                failed += done.returncode != 0
                for name in os.listdir(tmp):
                    os.unlink(os.path.join(tmp, name))
            if number == count:
                break
    print(f"{number} stores: {kinds['whole']} written, "
          f"{kinds['not compared']} written and not compared, "
          f"{kinds['unreadable']} cannot be read at all, {failed} faults")
    return 1 if failed or kinds["whole"] < count * 2 // 3 else 0


if __name__ == "__main__":
    sys.exit(main())
