#!/usr/bin/env python3
"""compare.py - is a store what became of another, but for what is declared?

    compare.py DUMP-OF-STORE REPORT DUMP-OF-PART...

The dumps are of pst_dump, the report is that of ost2pst. Every message that is
said to be written is compared value by value: named ones by name, text as
Unicode. What may differ stands below and in the report; all else is told.
"""

import collections
import json
import sys

# What no message, attachment or recipient keeps.
KEEPING = {0x67E2, 0x6743, 0x6612, 0x6614, 0x6617, 0x661F, 0x6620, 0x6622,
           0x6623, 0x6628, 0x6638, 0x6639, 0x65E0, 0x65E1, 0x0E30, 0x0E31,
           0x0E33, 0x0E34, 0x0E37, 0x0E38, 0x0E3C, 0x0E3D, 0x0E3E}
KEEPING |= set(range(0x67F0, 0x6800)) | set(range(0x6748, 0x674F))
KEEPING |= set(range(0x661A, 0x661D))
OF_MESSAGE = KEEPING | {
    0x0E09, 0x0E0A, 0x0E0B, 0x0E12, 0x0E13, 0x0E1B, 0x0FF4, 0x0FF7, 0x0FF8,
    0x0FF9, 0x0FFA, 0x0FFB, 0x0FFE, 0x0FFF, 0x340D, 0x3414, 0x3415, 0x3416,
    0x0E08, 0x0E07}  # of the last two the first is made anew, the other below
OF_ATTACHMENT = KEEPING | {0x0E20, 0x0E21}
OF_RECIPIENT = {0x67F2, 0x67F3}
ADDED = {"m": {0x001A, 0x3007, 0x3008, 0x300B}, "a": {0x370B, 0x3705},
         "r": {0x0C15, 0x0E0F, 0x0FFE, 0x3001, 0x3900, 0x3A40}}
FROM_ROW = {0x3008, 0x65E2, 0x65E3}
MAY_BE_EMPTY = {0x0E02, 0x0E03, 0x0E04}
ROW_ONLY = {0x3013, 0x0E17}
NOTE = "8603020000000000c000000000000046:x-ost-note"
TEXT = {0x1E: 0x1F, 0x101E: 0x101F}
OBJECT = 0x0D
EMPTY_HASH = ("e3b0c44298fc1c149afbf4c8996fb924"
              "27ae41e4649b934ca495991b7852b855")


class Dump:
    def __init__(self, path):
        self.key, self.folders, self.lists = "", {}, {}
        self.messages, self.unreadable = {}, {}
        with open(path, encoding="utf-8", errors="surrogateescape",
                  newline="\n") as lines:
            self.read(lines)

    def read(self, lines):
        here = None
        for line in lines:
            kind, *rest = line.rstrip("\n").split("\t")
            if kind == "K":
                self.key = rest[0]
            elif kind == "F":
                here = {"G": {}}
                name = bytes.fromhex(rest[2]) if rest[2] != "-" else b""
                self.folders[int(rest[0])] = (int(rest[1]), name.decode(), here)
            elif kind == "L":
                self.lists[int(rest[0]), rest[1]] = [int(n) for n in rest[2:]]
            elif kind == "M":
                here = {"V": collections.OrderedDict(), "W": {}, "E": []}
                self.messages[int(rest[0])] = (int(rest[1]), here)
            elif kind == "O":
                here["V"].setdefault(rest[0], {})
            elif kind == "X":
                self.unreadable[int(rest[0])] = rest[1]
            elif kind == "E":
                here["E"].append(rest[0])
            elif kind in "VWG":
                last = self.value(here, kind, rest)
            elif kind == "B":
                last["bytes"] = rest[1]

    def value(self, here, kind, rest):
        where, number, kind_of, size, digest, name = rest
        number, kind_of = int(number, 16), int(kind_of, 16)
        v = {"id": number, "type": TEXT.get(kind_of, kind_of), "name": name,
             "size": int(size), "hash": digest, "bytes": ""}
        key = name if number >= 0x8000 and name != "-" else number
        into = here[kind]
        (into.setdefault(where, {}) if kind == "V" else into)[key] = v
        return v


class Compare:
    def __init__(self, store, report, parts):
        self.store, self.report, self.parts = store, report, parts
        self.wrong = []
        self.lost = collections.defaultdict(list)
        for thing in report["things"]:
            self.lost[thing.get("nid", 0)].append(thing)
        self.compared = 0

    def tell(self, *what):
        self.wrong.append(" ".join(str(w) for w in what))

    def excused(self, nid, number):
        """Does the report say that of this property something was lost?"""
        return any(int(t.get("property", "0"), 16) == number or
                   t["what"].startswith("attachment-") or
                   t["what"].startswith("embedded-")
                   for t in self.lost[nid])

    def is_dangling(self, v):
        return (v["type"] == 0x102 and v["size"] == 24 and
                v["bytes"].startswith("00000000" + self.store.key))

    def is_left_out(self, kind, v):
        number = v["id"]
        out = {"m": OF_MESSAGE, "a": OF_ATTACHMENT, "r": OF_RECIPIENT}[kind]
        return (number in out or (kind == "m" and (
            (number in MAY_BE_EMPTY and v["size"] == 0) or
            number in ROW_ONLY or self.is_dangling(v))) or
            (kind == "r" and v["size"] == 0 and v["type"] not in (3, 0xB)))

    def value(self, nid, where, was, now):
        self.compared += 1
        if was["type"] == OBJECT == now["type"]:
            return  # what it names is compared for itself
        if (was["type"], was["hash"]) != (now["type"], now["hash"]):
            if not self.excused(nid, was["id"]):
                self.tell(f"message {nid:#x} {where} {was['id']:04X}:",
                          was["type"], was["size"], was["hash"][:8], "became",
                          now["type"], now["size"], now["hash"][:8])

    def properties(self, nid, where, kind, was, now, row):
        for key, v in was.items():
            if key in now:
                if not self.is_left_out(kind, v):
                    self.value(nid, where, v, now[key])
            elif not self.is_left_out(kind, v) and not self.excused(
                    nid, v["id"]):
                self.tell(f"message {nid:#x} {where} {v['id']:04X} is missing")
        for key, v in now.items():
            number = v["id"]
            if key in was or key == NOTE or number in (0x0E07, 0x0E08, 0x0E20):
                continue
            if kind == "m" and number in FROM_ROW and number in row:
                self.value(nid, where, row[number], v)
            elif number not in ADDED[kind] and number not in OF_RECIPIENT:
                self.tell(f"message {nid:#x} {where} {number:04X} is new")

    def flags(self, nid, was, now):
        old = int.from_bytes(bytes.fromhex(was.get(0x0E07, {}).get(
            "bytes") or "01000000"), "little")
        new = int.from_bytes(bytes.fromhex(now[0x0E07]["bytes"]), "little")
        due = old & ~0xD4
        if (old & ~0xD4) != (new & ~0xD4) or new & 0x84:
            self.tell(f"message {nid:#x}: flags {old:#x} became {new:#x}",
                      f"not {due:#x}")

    def message(self, nid, was, now):
        gone = [w for w in was["V"] if w not in now["V"]]
        new = [w for w in now["V"] if w not in was["V"]]
        if (gone or new) and not self.lost[nid]:
            self.tell(f"message {nid:#x}: parts {gone} gone, {new} new")
        for where, values in was["V"].items():
            if where not in now["V"]:
                continue
            last = where.split("/")[-1]
            kind = last[0] if last[0] in "ra" else "m"
            row = was["W"] if where == "." else {}
            self.properties(nid, where, kind, values, now["V"][where], row)
            if kind == "m":
                self.flags(nid, values, now["V"][where])

    def folder(self, part, f):
        """A folder of the report against the part that it is in."""
        names = []
        nid = f["new_nid"]
        while nid != 0x8022 and nid in part.folders and len(names) < 600:
            names.append(part.folders[nid][1])
            nid = part.folders[nid][0]
        path = "/".join(reversed(names))
        if path != f["path"]:
            self.tell(f"folder {f['path']!r} is {path!r}")
        listed = part.lists.get((f["new_nid"], "m"), [])
        listed = listed + part.lists.get((f["new_nid"], "a"), [])
        said = [new for _, new in f["items"]]
        if said != listed:
            self.tell(f"folder {path!r} lists {len(listed)} messages, and",
                      f"{len(said)} are said to be in it, or in another order")
        count = part.folders[f["new_nid"]][2]["G"].get(0x3602, {}).get("bytes")
        due = len(part.lists.get((f["new_nid"], "m"), []))
        if count != due.to_bytes(4, "little").hex():
            self.tell(f"folder {path!r} says it has {count}, not {due}")

    def source_folder(self, f):
        """What is said to be in it is what it lists in the store."""
        lists = self.store.lists
        due = lists.get((f.get("nid"), "m"))
        if due is None or f["path"].startswith("Lost and found"):
            return
        due = due + lists.get((f["nid"], "a"), [])
        said = [old for old, _ in f["items"]]
        written = set(said)
        if said != [nid for nid in due if nid in written]:
            self.tell(f"folder {f['path']!r} is in another order")
        for nid in lists[f["nid"], "m"]:
            self.listed.add(nid)

    def account(self):
        """Every message of the store is written, or the report says why not."""
        counted = self.report["left_out"].get("filtered", 0)
        missing = [nid for nid in list(self.store.messages) +
                   list(self.store.unreadable)
                   if nid & 31 == 4 and nid not in self.written and
                   nid not in self.lost]
        outside = {t["nid"] for t in self.report["things"]
                   if t["what"] in ("other-folder", "filtered")}
        missing = [n for n in missing if not any(
            n in self.store.lists.get((f, "m"), []) for f in outside)]
        if len(missing) > counted:
            self.tell(f"{len(missing)} messages are neither written nor told,",
                      f"as {missing[0]:#x}")

    def all(self):
        self.written, self.listed = set(), set()
        for f in self.report["folders"]:
            part = self.parts[f["part"] - 1]
            self.folder(part, f)
            self.source_folder(f)
            for old, new in f["items"]:
                if old in self.written:
                    self.tell(f"message {old:#x} is written twice")
                self.written.add(old)
                if new not in part.messages:
                    self.tell(f"message {new:#x} is not there")
                elif old not in self.store.messages:
                    if old & 31 != 0x1E:
                        self.tell(f"message {old:#x} is new")
                else:
                    self.message(old, self.store.messages[old][1],
                                 part.messages[new][1])
        for part in self.parts:
            extra = set(part.messages) - {
                new for f in self.report["folders"] for _, new in f["items"]}
            if extra:
                self.tell(f"{len(extra)} messages that nobody wrote")
        self.account()
        return self.wrong


def main():
    store = Dump(sys.argv[1])
    with open(sys.argv[2], encoding="utf-8") as file:
        report = json.load(file)
    compare = Compare(store, report, [Dump(path) for path in sys.argv[3:]])
    for line in compare.all()[:40]:
        print(line)
    print(f"{len(compare.written)} messages, {compare.compared} values,",
          f"{len(compare.wrong)} differences")
    sys.exit(bool(compare.wrong) or compare.compared == 0)


main()
