"""outlook4k.py - the lower layer of an OST of 4096-byte pages, only to read

Outlook wrote the real OSTs that the tests have, and no PST of its own can be
had: so the rules of heaps, tables, names and messages are tried on these.
What `ndb.Pst` gives the upper layers is given here from the other layout.
"""

import struct
import zlib

import ndb
from rules import Unreadable

PAGE = 4096
COUNTS = struct.Struct("<HHBB")


class Ost(ndb.Pst):
    block_most, hid_bits, levels_known = 65512, 14, False

    def __init__(self, path, report):
        super().__init__(path, report)
        if self.u16(10) != 36:
            raise ValueError(f"{path}: not of 4096-byte pages")
        self.crypt = self.mm[513]
        for entry in self.walk(self.u64(224), ndb.NBT_LEAF):
            nid, _, data, sub, parent, _ = entry
            self.nbt[nid] = ndb.Entry(nid, data & ~1, sub & ~1, parent)
        for bid, ib, cb, inflated, _, _ in self.walk(
                self.u64(240), struct.Struct("<QQHHHH")):
            self.bbt[bid & ~1] = (ib, cb, inflated)

    def walk(self, ib, layout):
        """The leaves' entries, from the root on."""
        row = [ib]
        while row:
            below = []
            for at in row:
                count, _, _, level = COUNTS.unpack_from(self.mm, at + 4056)
                kind = ndb.BRANCH if level else layout
                entries = list(kind.iter_unpack(
                    self.mm[at:at + count * kind.size]))
                if level:
                    below += [entry[2] for entry in entries]
                else:
                    yield from entries
            row = below

    def stored(self, bid):
        """What the upper layers call so: inflated, and decoded."""
        ib, cb, inflated = self.bbt.get(bid & ~1, (0, 0, 0))
        if not cb:
            raise Unreadable("V9", f"BID 0x{bid:X}", "no such block",
                             "an entry in the BBT")
        data = self.mm[ib:ib + cb]
        if self.crypt == 1 and not bid & 2:
            data = data.translate(ndb.MEANT)
        return zlib.decompress(data) if inflated != cb else data

    leaf = stored

    def length(self, bid):
        return sum(self.bbt[leaf & ~1][2] for leaf in self.leaves(bid))
