"""ndb.py - the lower layer of a PST, over its bytes: rules V1 to V12

Offsets and lengths are those of a Unicode PST with 512-byte pages. Nothing
here was taken from the reader or the writer; the sections are of [MS-PST].
"""

import collections
import mmap
import struct
import zlib

from rules import Unreadable, shown

FIRST_AMAP, DLIST, PAGE, SLOT = 0x4400, 0x4200, 512, 64
SLOTS = 496 * 8  # of a region, one bit each in its AMap
REGION = SLOTS * SLOT
BLOCK_MOST = 8176
AMAP, PMAP, FMAP, FPMAP = 0x84, 0x83, 0x82, 0x85
BBT, NBT, DLIST_TYPE = 0x80, 0x81, 0x86
MAPS = {AMAP: "AMap", PMAP: "PMap", FMAP: "FMap", FPMAP: "FPMap"}

# mpbbR of 5.1: what a byte is stored as.
STORED = bytes.fromhex(
    "41361362a8216ebbf416cc047f64e85d1ef2cb2a74c55e35d295479e962d9a88"
    "4c7d843fdbac31b6485ff6c4d8398be7233b388ec8c1df25b120a546604e9cfb"
    "aad35651457c550007c92b9d859b09a08fadb30f63ab894bd7a7155a716642bf"
    "264a6b98faea7753b270052cfd593a867ece06eb827857c78d43afb41cd45bcd"
    "e2e9274fc3087280cfb0eff5286dbe304d3492d50e3c2232e5e4f99fc2d10a81"
    "12e1ee918376e397e6618a1779a4b7dc907a5c8c02a6ca69de501a1193b95287"
    "58fced1d37491b6ae0293399bd6cd994f340546ff0c673b8d63e6518441fdd67"
    "10f10c19ecae03a1147ba90bfff8a3c0a201f72ebc2468750dfeba2fb5d0da3d")
MEANT = bytes(STORED.index(byte) for byte in range(256))

NBT_LEAF = struct.Struct("<IIQQII")
BBT_LEAF = struct.Struct("<QQHHI")
BRANCH = struct.Struct("<QQQ")
TRAILER = struct.Struct("<HHIQ")
SL_ENTRY = struct.Struct("<IIQQ")

# 2.2.2.6: offset, length, what is there; all else is looked at by name.
HEADER_FIXED = [
    (0, b"!BDN", "dwMagic", ""),
    (8, b"SM", "wMagicClient", ""),
    (10, b"\x17\0", "wVer", ""),
    (12, b"\x13\0", "wVerClient", ""),
    (14, b"\1\1", "bPlatformCreate, bPlatformAccess", ""),
    (16, bytes(8), "dwReserved1, dwReserved2", "reserved"),
    (24, bytes(8), "bidUnused", ""),
    (172, bytes(8), "qwUnused", ""),
    (180, bytes(4), "dwReserved of ROOT", ""),
    (208, bytes(8), "cbPMapFree", "pages set aside"),
    (248, b"\2", "fAMapValid", ""),
    (249, bytes(3), "bReserved, wReserved of ROOT", ""),
    (252, bytes(4), "dwAlign", ""),
    (512, b"\x80", "bSentinel", ""),
    (513, b"\1", "bCryptMethod", ""),
    (514, bytes(2), "rgbReserved", ""),
    (528, bytes(36), "rgbReserved2 and on", "reserved"),
]

Entry = collections.namedtuple("Entry", "nid data sub parent")


def crc(data):
    """5.3: starts with 0, and is not inverted at the end."""
    return zlib.crc32(data, 0xFFFFFFFF) ^ 0xFFFFFFFF


def signature(ib, bid):
    """5.5"""
    mixed = (ib ^ bid) & 0xFFFFFFFF
    return mixed >> 16 ^ mixed & 0xFFFF


def map_pages(region):
    """The map pages due in a region: (offset in it, type)."""
    due = [(0, AMAP)]
    if region % 8 == 0:
        due.append((0x200, PMAP))
    if region >= 128 and (region - 128) % 496 == 0:
        due.append((0x400, FMAP))
    if region >= 8192 and (region - 8192) % 31744 == 0:
        due.append((0x400, FPMAP))
    return due


def index_of(nid):
    return nid >> 5


def type_of(nid):
    return nid & 31


def extent(length):
    return (length + 16 + SLOT - 1) // SLOT * SLOT


class Pst:
    """A file, and of its lower layer what was found whole."""

    # Of this layout: data of a block, bits of an index in a HID, whether
    # the fill levels of heaps are known.
    block_most, hid_bits, levels_known = BLOCK_MOST, 11, True

    def __init__(self, path, report):
        self.report = report
        with open(path, "rb") as file:
            file.seek(0, 2)
            self.size = file.tell()
            self.mm = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) \
                if self.size else b""
        self.view = memoryview(self.mm)
        self.bbt = {}  # bid: (ib, cb, cRef)
        self.nbt = {}  # nid: Entry
        self.pages = []  # (ib, bid, what)
        self.known = {}  # internal bid: its entries
        self.tops = {}  # highest index of a NID type, of all subnodes
        self.crypt = 0

    # --- What the upper layers read with -------------------------------

    def u16(self, at):
        return struct.unpack_from("<H", self.mm, at)[0]

    def u32(self, at):
        return struct.unpack_from("<I", self.mm, at)[0]

    def u64(self, at):
        return struct.unpack_from("<Q", self.mm, at)[0]

    def stored(self, bid):
        ib, cb, _ = self.bbt.get(bid, (0, 0, 0))
        if not cb:
            raise Unreadable("V9", f"BID 0x{bid:X}", "no such block",
                             "an entry in the BBT")
        if ib + cb > self.size:
            raise Unreadable("V8", f"BID 0x{bid:X}",
                             f"0x{ib:X}, {cb} bytes", "a place in the file")
        return self.view[ib:ib + cb]

    def leaf(self, bid):
        data = bytes(self.stored(bid))
        return data.translate(MEANT) if self.crypt == 1 else data

    def entries(self, bid, btype):
        """Of an internal block: (level, [entry])."""
        if bid not in self.known:
            self.known[bid] = parse_internal(bid, self.stored(bid))
        found, level, entries = self.known[bid]
        if found != btype:
            raise Unreadable("V10" if btype == 1 else "V11",
                             f"BID 0x{bid:X}", f"btype {found}",
                             f"btype {btype}")
        return level, entries

    def leaves(self, bid):
        """The BIDs of a data tree's leaves, in order."""
        if not bid:
            return []
        if not bid & 2:
            return [bid]
        level, children = self.entries(bid, 1)
        if level == 1:
            return children
        return [leaf for child in children
                for leaf in self.entries(child, 1)[1]]

    def blocks(self, bid):
        return [self.leaf(leaf) for leaf in self.leaves(bid)]

    def length(self, bid):
        return sum(len(self.stored(leaf)) for leaf in self.leaves(bid))

    def subnodes(self, bid):
        """nid: (data, sub), of a subnode tree."""
        if not bid:
            return {}
        level, entries = self.entries(bid, 2)
        if level:
            entries = [entry for _, child in entries
                       for entry in self.lowest(child)]
        return {nid: (data, sub) for nid, data, sub in entries}

    def lowest(self, bid):
        level, entries = self.entries(bid, 2)
        if level:
            raise Unreadable("V11", f"BID 0x{bid:X}, cLevel", level, "0")
        return entries


def parse_internal(bid, data):
    """(btype, level, entries) of an XBLOCK, XXBLOCK, SLBLOCK or SIBLOCK."""
    if len(data) < 8:
        raise Unreadable("V10", f"BID 0x{bid:X}", f"{len(data)} bytes",
                         "an internal block")
    btype, level, count = struct.unpack_from("<BBH", data)
    if btype == 1:
        size = 8
    else:
        size = 16 if level else 24
    entries = data[8:8 + count * size]
    entries = entries[:len(entries) // size * size]
    if btype == 1:
        return btype, level, [one for one, in struct.iter_unpack(
            "<Q", entries)]
    if level:
        return btype, level, [(nid & 0xFFFFFFFF, child) for nid, child
                              in struct.iter_unpack("<QQ", entries)]
    return btype, level, [(nid, sub_data, sub) for nid, _, sub_data, sub
                          in SL_ENTRY.iter_unpack(entries)]


# --- V1, V2 -------------------------------------------------------------

def check_header(pst):
    report = pst.report
    if pst.size < FIRST_AMAP + REGION:
        report.add("V2", "file", f"{pst.size} bytes",
                   f"at least {FIRST_AMAP + REGION}")
        if pst.size < 564:
            return False
    for at, wanted, name, clause in HEADER_FIXED:
        report.want("V1", f"header 0x{at:X}, {name}",
                    pst.mm[at:at + len(wanted)], wanted, clause)
    report.want("V1", "header 0x4, dwCRCPartial", pst.u32(4),
                crc(pst.view[8:8 + 471]))
    report.want("V1", "header 0x20C, dwCRCFull", pst.u32(524),
                crc(pst.view[8:8 + 516]))
    pst.crypt = pst.mm[513]
    return pst.mm[:4] == b"!BDN" and pst.u16(10) == 23


def check_length(pst):
    beyond = (pst.size - FIRST_AMAP) % REGION
    pst.regions = max(0, (pst.size - FIRST_AMAP) // REGION)
    if beyond:
        pst.report.add("V2", "file", f"{pst.size} bytes",
                       f"0x4400 and whole regions of {REGION}, "
                       f"not {beyond} bytes more")
    pst.report.want("V2", "header 0xB8, ibFileEof", pst.u64(184), pst.size)
    pst.report.want("V2", "header 0xC0, ibAMapLast", pst.u64(192),
                    FIRST_AMAP + (pst.regions - 1) * REGION)


# --- V7: the two trees --------------------------------------------------

class Tree:
    """A walk over one B-tree, level by level, of what is whole."""

    kinds = {NBT: ("NBT", NBT_LEAF, 15), BBT: ("BBT", BBT_LEAF, 20)}

    def __init__(self, pst, ptype, bid, ib):
        self.pst, self.ptype = pst, ptype
        self.name, self.leaf, self.leaf_most = self.kinds[ptype]
        self.want = pst.report.want
        self.row = [(bid, ib, None, None)]  # bid, ib, key, level

    def leaves(self):
        while self.row:
            children = []
            last = None
            for number, (bid, ib, key, level) in enumerate(self.row):
                is_last = number == len(self.row) - 1
                page = self.page(bid, ib, level, is_last)
                if page is None:
                    continue
                level, entries = page
                last = self.keys(ib, key, entries, last)
                if level:
                    children += [(child, at, first, level - 1)
                                 for first, child, at in entries]
                else:
                    yield from entries
            self.row = children

    def page(self, bid, ib, level, is_last):
        """(level, entries), or None when there is no such page."""
        pst, where = self.pst, f"{self.name} page at 0x{ib:X}"
        if ib % PAGE or ib < FIRST_AMAP or ib + PAGE > pst.size:
            pst.report.add("V7", where, f"0x{ib:X}",
                           "a multiple of 512 in the file")
            if ib + PAGE > pst.size or ib < 564:
                return None
        pst.pages.append((ib, bid, where))
        if not check_page(pst, "V7", where, ib, bid, self.ptype):
            return None
        count, most, size, found = pst.mm[ib + 488:ib + 492]
        if level is not None and not self.want("V7", f"{where}, cLevel",
                                               found, level):
            return None
        if found > 16:
            pst.report.add("V7", f"{where}, cLevel", found, "at most 16")
            return None
        layout = BRANCH if found else self.leaf
        fits = 20 if found else self.leaf_most
        self.want("V7", f"{where}, cEntMax", most, fits)
        self.want("V7", f"{where}, cbEnt", size, layout.size)
        self.want("V7", f"{where}, dwPadding", pst.u32(ib + 492), 0)
        if not 0 < count <= fits:
            pst.report.add("V7", f"{where}, cEnt", count, f"1 to {fits}")
        elif not is_last:
            self.want("V7", f"{where}, cEnt", count, fits, "packed")
        used = pst.view[ib:ib + min(count, fits) * layout.size]
        return found, list(layout.iter_unpack(used))

    def keys(self, ib, first, entries, last):
        """Ascending, over all of the level; returns the last one."""
        where = f"{self.name} page at 0x{ib:X}"
        if entries and first is not None:
            self.want("V7", f"{where}, its key in the page above",
                      first, entries[0][0])
        for entry in entries:
            if last is not None and entry[0] <= last:
                self.pst.report.add("V7", where, f"key 0x{entry[0]:X}",
                                    f"more than 0x{last:X}, before it")
                if self.ptype == NBT and entry[0] == last:
                    self.pst.report.add("V12", where,
                                        f"NID 0x{last:X} twice", "once")
            last = entry[0]
        return last


def check_page(pst, rule, where, ib, bid, ptype, sign=True):
    """The trailer of a page; returns whether it is of this type at all."""
    want = pst.report.want
    kind, again = pst.mm[ib + 496], pst.mm[ib + 497]
    sig, sum_, own = struct.unpack_from("<HIQ", pst.mm, ib + 498)
    if not want(rule, f"{where}, ptype", kind, ptype):
        return False
    want(rule, f"{where}, ptypeRepeat", again, ptype)
    want(rule, f"{where}, bid", own, bid)
    want(rule, f"{where}, wSig", sig, signature(ib, bid) if sign else 0)
    want(rule, f"{where}, dwCRC", sum_, crc(pst.view[ib:ib + 496]))
    return True


def read_trees(pst):
    report = pst.report
    for nid, high, data, sub, parent, pad in Tree(
            pst, NBT, pst.u64(216), pst.u64(224)).leaves():
        where = f"NBT entry of NID 0x{nid:X}"
        report.want("V7", f"{where}, upper half of the NID", high, 0)
        report.want("V7", f"{where}, dwPadding", pad, 0)
        if nid not in pst.nbt:
            pst.nbt[nid] = Entry(nid, data, sub, parent)
    for bid, ib, cb, refs, pad in Tree(
            pst, BBT, pst.u64(232), pst.u64(240)).leaves():
        report.want("V7", f"BBT entry of BID 0x{bid:X}, dwPadding", pad, 0)
        pst.bbt.setdefault(bid, (ib, cb, refs))


# --- V8 to V11: blocks --------------------------------------------------

def check_block(pst, bid, ib, cb):
    report, where = pst.report, f"BID 0x{bid:X} at 0x{ib:X}"
    if bid & 1 or not bid:
        report.add("V8", where, f"BID 0x{bid:X}", "bit 0 clear, not 0")
    if not 0 < cb <= BLOCK_MOST:
        report.add("V8", f"{where}, cb", cb, f"1 to {BLOCK_MOST}")
    end = ib + extent(cb)
    if ib % SLOT or ib < FIRST_AMAP or end > pst.size:
        report.add("V8", where, f"0x{ib:X} to 0x{end:X}",
                   "a multiple of 64, in the file")
        if ib < FIRST_AMAP or end > pst.size:
            return
    stored, sig, sum_, own = TRAILER.unpack_from(pst.mm, end - 16)
    if not report.want("V8", f"{where}, bid of the trailer", own, bid):
        return
    report.want("V8", f"{where}, cb of the trailer", stored, cb)
    report.want("V8", f"{where}, wSig", sig, signature(ib, bid))
    report.want("V8", f"{where}, dwCRC", sum_, crc(pst.view[ib:ib + cb]))
    if any(pst.mm[ib + cb:end - 16]):
        report.add("V8", f"{where}, between data and trailer",
                   shown(pst.mm[ib + cb:end - 16]), "zeros", "padding")


def check_blocks(pst):
    for bid, (ib, cb, _) in pst.bbt.items():
        check_block(pst, bid, ib, cb)


class References:
    """Who refers to which block; each internal block is looked into once."""

    # What may be found where: role: (internal, btype, level), roles within
    roles = {
        "data": ({0: "leaf", 1: "X", 2: "XX"}, 1, "V10"),
        "sub": ({0: "SL", 1: "SI"}, 2, "V11"),
    }

    def __init__(self, pst):
        self.pst, self.report = pst, pst.report
        self.count = collections.Counter()
        self.role = {}
        self.stack = []

    def add(self, bid, role, by):
        if not bid:
            return
        self.count[bid] += 1
        if bid not in self.pst.bbt:
            self.report.add("V9", by, f"BID 0x{bid:X}, which is not there",
                            "a BID of the BBT")
        elif bid not in self.role:
            self.role[bid] = role
            self.stack.append((bid, role))
        elif self.role[bid] != role:
            self.report.add("V10" if role != "sub" else "V11", by,
                            f"BID 0x{bid:X} as {role}, and elsewhere as "
                            f"{self.role[bid]}", "one of them")

    def follow(self):
        for entry in self.pst.nbt.values():
            by = f"NBT entry of NID 0x{entry.nid:X}"
            self.add(entry.data, "data", by)
            self.add(entry.sub, "sub", by)
            while self.stack:
                bid, role = self.stack.pop()
                try:
                    self.look(bid, role)
                except Unreadable as error:
                    self.report.unreadable(error)

    def look(self, bid, role):
        where = f"BID 0x{bid:X}"
        if role == "leaf" or role == "data" and not bid & 2:
            if bid & 2:
                self.report.add("V10", where, "an internal block",
                                "a block of data")
            return
        if role in ("data", "X"):
            self.x_block(bid, where, role)
        else:
            self.sl_block(bid, where, role)

    def x_block(self, bid, where, role):
        level, children = self.pst.entries(bid, 1)
        if level not in (1, 2) or role == "X" and level != 1:
            self.report.add("V10", f"{where}, cLevel", level,
                            "1" if role == "X" else "1 or 2")
            return
        self.sizes("V10", where, bid, len(children), 1021, 8)
        for child in children:
            self.add(child, "leaf" if level == 1 else "X", where)
        if role != "data":
            return
        if level == 2:
            self.x_children(where, children)
        leaves = self.pst.leaves(bid)
        if len(leaves) < 2 or level == 2 and len(leaves) <= 1021:
            self.report.add("V10", where, f"{len(leaves)} leaves",
                            "no more levels than needed", "needless")
        lengths = [self.pst.bbt.get(leaf, (0, 0, 0))[1] for leaf in leaves]
        for leaf, length in zip(leaves[:-1], lengths):
            if length != BLOCK_MOST:
                self.report.add("V10", f"{where}, leaf BID 0x{leaf:X}",
                                f"{length} bytes", f"{BLOCK_MOST}, for it "
                                "is not the last")
        self.total(bid, where, sum(lengths))

    def x_children(self, where, children):
        for child in children:
            _, leaves = self.pst.entries(child, 1)
            if child != children[-1] and len(leaves) != 1021:
                self.report.add("V10", f"{where}, XBLOCK BID 0x{child:X}",
                                f"{len(leaves)} leaves",
                                "1021, for it is not the last")
            self.total(child, f"BID 0x{child:X}",
                       sum(self.pst.bbt.get(leaf, (0, 0, 0))[1]
                           for leaf in leaves))

    def total(self, bid, where, total):
        said, = struct.unpack_from("<I", self.pst.stored(bid), 4)
        self.report.want("V10", f"{where}, lcbTotal", said, total)

    def sizes(self, rule, where, bid, count, most, each):
        length = len(self.pst.stored(bid))
        said, = struct.unpack_from("<H", self.pst.stored(bid), 2)
        self.report.want(rule, f"{where}, length for cEnt {said}", length,
                         8 + each * said)
        if not 0 < said <= most or count != said:
            self.report.add(rule, f"{where}, cEnt", said, f"1 to {most}")

    def sl_block(self, bid, where, role):
        level, entries = self.pst.entries(bid, 2)
        if level > (role == "sub"):
            self.report.add("V11", f"{where}, cLevel", level,
                            "0 or 1" if role == "sub" else "0")
            return
        self.sizes("V11", where, bid, len(entries), 510 if level else 340,
                   16 if level else 24)
        data = self.pst.stored(bid)
        self.report.want("V11", f"{where}, dwPadding", bytes(data[4:8]),
                         bytes(4))
        for at in range(12, len(data), 16 if level else 24):
            if data[at:at + 4] != bytes(4):
                self.report.add("V11", f"{where}, upper half of a NID",
                                shown(data[at:at + 4]), "0")
        self.order(where, [entry[0] for entry in entries])
        for entry in entries:
            if level:
                self.first_key(where, *entry)
                self.add(entry[1], "SL", where)
            else:
                self.subnode(where, *entry)

    def order(self, where, nids):
        for before, nid in zip(nids, nids[1:]):
            if nid <= before:
                self.report.add("V11", where, f"NID 0x{nid:X}",
                                f"more than 0x{before:X}, before it")

    def first_key(self, where, nid, child):
        if child in self.pst.bbt:
            entries = self.pst.lowest(child)
            if entries:
                self.report.want("V11", f"{where}, key of BID 0x{child:X}",
                                 nid, entries[0][0])

    def subnode(self, where, nid, data, sub):
        by = f"{where}, subnode NID 0x{nid:X}"
        kind = type_of(nid)
        self.pst.tops[kind] = max(self.pst.tops.get(kind, 0), index_of(nid))
        self.add(data, "data", by)
        self.add(sub, "sub", by)


def check_references(pst):
    refs = References(pst)
    refs.follow()
    for bid, (ib, _, said) in pst.bbt.items():
        where = f"BID 0x{bid:X} at 0x{ib:X}"
        if not refs.count[bid]:
            pst.report.add("V9", where, "nothing refers to it", "a reference",
                           "orphan")
        else:
            pst.report.want("V9", f"{where}, cRef", said,
                            refs.count[bid] + 1)
    return refs


# --- V3 to V6: the maps -------------------------------------------------

def mask(first, slots):
    """Bits of an AMap, as a number whose highest bit is the first slot."""
    return ((1 << slots) - 1) << (SLOTS - first - slots)


def longest_run(bits):
    free = format(bits, f"0{SLOTS}b").split("1")
    return max(len(run) for run in free)


class Maps:
    def __init__(self, pst):
        self.pst, self.report = pst, pst.report
        self.bits = []  # of each region, as its AMap says
        self.runs = []

    def read(self):
        for region in range(self.pst.regions):
            start = FIRST_AMAP + region * REGION
            for delta, ptype in map_pages(region):
                at = start + delta
                check_page(self.pst, "V3",
                           f"{MAPS[ptype]} at 0x{at:X}", at, at, ptype,
                           sign=False)
            bits = int.from_bytes(self.pst.mm[start:start + 496], "big")
            self.bits.append(bits)
            self.runs.append(min(255, longest_run(bits)))

    def used(self):
        """What is taken: (offset, bytes, what), in order."""
        taken = [(ib, PAGE, what) for ib, _, what in self.pst.pages
                 if ib != DLIST]
        taken += [(ib, extent(cb), f"BID 0x{bid:X}")
                  for bid, (ib, cb, _) in self.pst.bbt.items()]
        for region in range(self.pst.regions):
            start = FIRST_AMAP + region * REGION
            taken += [(start + delta, PAGE, MAPS[ptype])
                      for delta, ptype in map_pages(region)]
        taken.sort()
        return taken

    def allocation(self):
        due = [0] * self.pst.regions
        gaps, end, before = [], FIRST_AMAP, "the header"
        for at, length, what in self.used():
            if at < end:
                self.report.add("V5", f"{what} at 0x{at:X}",
                                f"overlaps {before}",
                                f"0x{end:X} or after")
            region, place = divmod(max(at - FIRST_AMAP, 0), REGION)
            if place + length > REGION:
                self.report.add("V5", f"{what} at 0x{at:X}",
                                "goes on in the next region",
                                "all of it in one")
                length = REGION - place
            if 0 <= region < len(due):
                due[region] |= mask(place // SLOT, length // SLOT)
            if at > end:
                gaps.append((end, at))
            end, before = max(end, at + length), what
        gaps.append((end, FIRST_AMAP + self.pst.regions * REGION))
        self.compare(due)
        return gaps

    def compare(self, due):
        aside = SLOT * sum((said & ~taken).bit_count()
                           for said, taken in zip(self.bits, due))
        clause = "pages set aside" if aside == self.pst.u64(208) else ""
        for region, (said, taken) in enumerate(zip(self.bits, due)):
            at = FIRST_AMAP + region * REGION
            self.bits_differ(at, taken & ~said, "free", "in use", "")
            self.bits_differ(at, said & ~taken, "in use", "free", clause)
        free = sum(SLOTS - bits.bit_count() for bits in self.bits) * SLOT
        if self.report.outlook and clause:
            free += aside
        self.report.want("V5", "header 0xC8, cbAMapFree", self.pst.u64(200),
                         free)

    def bits_differ(self, at, bits, found, wanted, clause):
        if bits:
            first = SLOTS - bits.bit_length()
            self.report.add("V5", f"AMap at 0x{at:X}",
                            f"{bits.bit_count()} slots {found}, the first at "
                            f"0x{at + first * SLOT:X}", wanted, clause)

    def stray(self, gaps):
        """A map page where none is due."""
        mm = self.pst.mm
        for start, end in gaps:
            end = min(end, self.pst.size)
            for at in range(-(-start // PAGE) * PAGE, end - PAGE + 1, PAGE):
                kind = mm[at + 496]
                if kind in MAPS and mm[at + 497] == kind and \
                        self.pst.u64(at + 504) == at:
                    self.report.add("V3", f"0x{at:X}", f"a {MAPS[kind]}",
                                    "none, at this place")

    def free_space(self):
        """V4"""
        def wanted(first, count):
            runs = self.runs[first:first + count]
            return bytes(runs) + b"\xff" * (count - len(runs))
        self.differs("header 0x100, rgbFM", 256, wanted(0, 128))
        self.differs("header 0x180, rgbFP", 384, b"\xff" * 128)
        for region in range(self.pst.regions):
            for delta, ptype in map_pages(region)[1:]:
                at = FIRST_AMAP + region * REGION + delta
                self.differs(f"{MAPS[ptype]} at 0x{at:X}", at,
                             wanted(region, 496) if ptype == FMAP
                             else b"\xff" * 496)

    def differs(self, where, at, wanted):
        found = self.pst.mm[at:at + len(wanted)]
        if found != wanted:
            first = next(i for i, pair in enumerate(zip(found, wanted))
                         if pair[0] != pair[1])
            self.report.add("V4", f"{where}, byte {first}", found[first],
                            wanted[first])


def check_maps(pst):
    maps = Maps(pst)
    maps.read()
    maps.stray(maps.allocation())
    maps.free_space()


def check_density(pst):
    own = pst.u64(DLIST + 504)
    if check_page(pst, "V6", "DList at 0x4200", DLIST, own, DLIST_TYPE):
        pst.pages.append((DLIST, own, "DList"))
        if not own:
            pst.report.add("V6", "DList at 0x4200, bid", 0, "an id")
    if any(pst.mm[DLIST:DLIST + 496]):
        pst.report.add("V6", "DList at 0x4200",
                       shown(pst.mm[DLIST:DLIST + 8]), "zeros", "entries")


# --- V12: counters ------------------------------------------------------

def floor_of(kind):
    return {3: 0x4000, 4: 0x10000, 8: 0x8000}.get(kind, 0x400)


def check_counters(pst):
    report = pst.report
    ids = collections.Counter(bid for _, bid, _ in pst.pages)
    for ib, bid, what in pst.pages:
        if ids[bid] > 1:
            report.add("V12", what, f"page id 0x{bid:X} is used "
                       f"{ids[bid]} times", "once")
    for at, name, used in ((32, "bidNextP", max(ids, default=0)),
                           (516, "bidNextB", max(pst.bbt, default=0))):
        if pst.u64(at) <= used:
            report.add("V12", f"header 0x{at:X}, {name}",
                       shown(pst.u64(at)), f"above 0x{used:X}")
    tops = dict(pst.tops)
    for nid in pst.nbt:
        kind = type_of(nid)
        tops[kind] = max(tops.get(kind, 0), index_of(nid))
    for kind in (0xD, 0xE, 0xF):
        tops[kind] = tops.get(2, 0)
    for kind in range(32):
        wanted = max(floor_of(kind), tops.get(kind, 0))
        found = pst.u32(44 + 4 * kind)
        report.want("V12", f"header 0x{44 + 4 * kind:X}, rgnid of type "
                    f"0x{kind:X}", found, wanted,
                    "above" if found > wanted else "")


def check(path, report):
    """V1 to V12; returns the file for the upper layers, or None."""
    pst = Pst(path, report)
    if not check_header(pst):
        return None
    check_length(pst)
    if pst.size < FIRST_AMAP + REGION:
        return None
    read_trees(pst)
    check_density(pst)
    check_blocks(pst)
    check_references(pst)
    check_maps(pst)
    check_counters(pst)
    return pst
