"""names.py - the map of named properties, NID 0x61: V30"""

import struct

from ltp import read_pc
from ndb import crc
from rules import shown

BUCKETS = 251
ENTRY = struct.Struct("<IHH")
PS_MAPI, PS_PUBLIC_STRINGS, FIRST_GUID = 1, 2, 3
LAST_INDEX = 0x8000 - 2


class Names:
    def __init__(self, node, report):
        self.where, self.report = node.where, report
        self.found = read_pc(node)
        node.close()
        self.guids = self.stream(2)
        self.entries = self.stream(3)
        self.strings = self.stream(4)

    def add(self, what, found, wanted, clause=""):
        self.report.add("V30", f"{self.where}, {what}", found, wanted, clause)

    def stream(self, tag):
        value = self.found.get(tag)
        if value is None or value.kind != 0x102:
            self.add(f"property {tag:04X}", "not there", "a stream")
            return b""
        return value.bytes()

    def count(self):
        value = self.found.get(1)
        if value is None or value.kind != 3 or value.number() != BUCKETS:
            self.add("property 0001", value, shown(BUCKETS))

    def check(self):
        """Returns the ids that have a name, and checks the rest."""
        self.count()
        if len(self.guids) % 16:
            self.add("GUID stream", f"{len(self.guids)} bytes", "16 each")
        if len(self.entries) % 8:
            self.add("entry stream", f"{len(self.entries)} bytes", "8 each")
        if not self.entries:
            self.add("entry stream", "empty", "a name at least")
        buckets, last = {}, -1
        ends, names = set(), set()
        whole = self.entries[:len(self.entries) // 8 * 8]
        for number, (key, kind, index) in enumerate(ENTRY.iter_unpack(whole)):
            what = f"entry {number}"
            if index <= last or index > LAST_INDEX:
                self.add(f"{what}, property index", index,
                         f"above {last}, before it, at most {LAST_INDEX}")
            last = index
            if kind >> 1 not in (PS_MAPI, PS_PUBLIC_STRINGS) and not \
                    FIRST_GUID <= kind >> 1 < FIRST_GUID + \
                    len(self.guids) // 16:
                self.add(f"{what}, GUID", kind >> 1, "one of the stream")
            if kind & 1:
                ends.add(key)
                key = self.string(what, key)
                if key is None:
                    continue
            if (key, kind) in names:
                self.add(what, f"key 0x{key:X} again", "each name once")
            names.add((key, kind))
            buckets.setdefault((key ^ kind) % BUCKETS, []).append(
                ENTRY.pack(key, kind, index))
        self.gaps(ends)
        self.compare(buckets)
        return {0x8000 + index for _, _, index in ENTRY.iter_unpack(whole)}

    def string(self, what, at):
        """The CRC of a name."""
        size = int.from_bytes(self.strings[at:at + 4], "little")
        name = self.strings[at + 4:at + 4 + size]
        if at % 4 or not size or size % 2 or len(name) != size:
            self.add(f"{what}, string at {at}", f"{size} bytes",
                     "a name, at a multiple of 4")
            return None
        return crc(name)

    def gaps(self, starts):
        """The strings follow one another, and all are some entry's."""
        at = 0
        while at < len(self.strings):
            if at not in starts:
                self.add(f"string stream, {at}", "no entry's", "an entry's")
                return
            size = int.from_bytes(self.strings[at:at + 4], "little")
            end = at + 4 + size
            at = end + -end % 4
            if any(self.strings[end:at]) or \
                    at > len(self.strings) and end != len(self.strings):
                self.add(f"string stream, {end}", "no padding of zeros",
                         "zeros, to a multiple of 4", "padding")

    def compare(self, buckets):
        for number in range(BUCKETS):
            tag = 0x1000 + number
            value = self.found.get(tag)
            found = value.bytes() if value is not None else None
            due = buckets.get(number)
            wanted = b"".join(sorted(due, key=order)) if due else None
            if found != wanted:
                self.add(f"bucket {number}",
                         "none" if found is None else shown(found),
                         "none" if wanted is None else shown(wanted))
        for tag in self.found:
            if tag not in (1, 2, 3, 4) and \
                    not 0x1000 <= tag < 0x1000 + BUCKETS:
                self.add(f"property {tag:04X}", "there", "none")


def order(entry):
    return ENTRY.unpack(entry)[2]


def check(node, used, report):
    has = Names(node, report).check()
    for tag, where in used.items():
        if tag not in has:
            report.add("V30", where, f"a named property {tag:04X}",
                       "a name in the map")
