"""model.py - a PST in pieces, and put together again: for tests

What a mutation changes is sealed and laid out anew, so that nothing but the
rule that it is aimed at can see it. A model is read from a file, or is empty.
"""

import collections
import struct

import ndb
from ltp import BTH, CELL, INLINE, LEVELS, OBJECT, PC, TC, header_size
from ndb import (BBT, BBT_LEAF, BLOCK_MOST, BRANCH, DLIST, FIRST_AMAP, FMAP,
                 MAPS, NBT, NBT_LEAF, PAGE, REGION, SLOT, SLOTS, STORED, crc,
                 extent, map_pages, signature)
from rules import Report

RGNID, UNIQUE = 44, 40


class Model:
    def __init__(self):
        self.blocks = {}  # bid: bytes, decoded
        self.nodes = {}  # nid: [data, sub, parent]
        self.extra = collections.Counter()  # bid: added to its cRef
        self.header = bytearray(564)
        self.next_block = self.next_page = 4

    @classmethod
    def of(cls, path):
        self = cls()
        pst = ndb.Pst(path, Report())
        pst.crypt = pst.mm[513]
        ndb.read_trees(pst)
        self.header[:] = pst.mm[:564]
        for bid in pst.bbt:
            self.blocks[bid] = bytes(pst.stored(bid)) if bid & 2 \
                else pst.leaf(bid)
        for nid, entry in pst.nbt.items():
            self.nodes[nid] = [entry.data, entry.sub, entry.parent]
        self.next_block = pst.u64(516)
        self.next_page = pst.u64(32)
        return self

    def copy(self):
        other = Model()
        other.blocks = dict(self.blocks)
        other.nodes = {nid: list(node) for nid, node in self.nodes.items()}
        other.header[:] = self.header
        other.next_block, other.next_page = self.next_block, self.next_page
        return other

    # --- Blocks --------------------------------------------------------

    def block(self, data, internal=False):
        bid = self.next_block | 2 * internal
        self.next_block += 4
        self.blocks[bid] = bytes(data)
        return bid

    def data(self, data, most=1021):
        """A data tree; `most` XBLOCK entries may be fewer in a test."""
        if not data:
            return 0
        leaves = [self.block(data[at:at + BLOCK_MOST])
                  for at in range(0, len(data), BLOCK_MOST)]
        if len(leaves) == 1:
            return leaves[0]
        groups = [leaves[at:at + most] for at in range(0, len(leaves), most)]
        tops = [self.x_block(1, group, sum(len(self.blocks[leaf])
                                           for leaf in group))
                for group in groups]
        return tops[0] if len(tops) == 1 else self.x_block(2, tops, len(data))

    def x_block(self, level, children, total):
        return self.block(struct.pack("<BBHI", 1, level, len(children), total)
                          + struct.pack(f"<{len(children)}Q", *children),
                          True)

    def subs(self, entries):
        """A subnode tree of {nid: (data, sub)}."""
        if not entries:
            return 0
        rows = sorted(entries.items())
        groups = [rows[at:at + 340] for at in range(0, len(rows), 340)]
        blocks = [self.block(
            struct.pack("<BBHI", 2, 0, len(group), 0) + b"".join(
                struct.pack("<QQQ", nid, *pair) for nid, pair in group), True)
            for group in groups]
        if len(blocks) == 1:
            return blocks[0]
        return self.block(
            struct.pack("<BBHI", 2, 1, len(blocks), 0) + b"".join(
                struct.pack("<QQ", group[0][0], bid)
                for group, bid in zip(groups, blocks)), True)

    def references(self):
        count = collections.Counter(self.extra)
        for data, sub, _ in self.nodes.values():
            count[data] += 1
            count[sub] += 1
        for bid, block in self.blocks.items():
            if not bid & 2:
                continue
            btype, level, entries = ndb.parse_internal(bid, block)
            for entry in entries:
                if btype == 1:
                    count[entry] += 1
                else:
                    count[entry[1]] += 1
                    count[entry[2] if not level else 0] += 1
        return count

    def leaves(self, bid):
        if not bid & 2:
            return [bid] if bid else []
        _, level, children = ndb.parse_internal(bid, self.blocks[bid])
        return children if level == 1 else [
            leaf for child in children for leaf in self.leaves(child)]

    def sub_entries(self, bid):
        """The same as of `subs`."""
        if not bid:
            return {}
        _, level, entries = ndb.parse_internal(bid, self.blocks[bid])
        if not level:
            return {nid: (data, sub) for nid, data, sub in entries}
        return {nid: pair for _, child in entries
                for nid, pair in self.sub_entries(child).items()}

    def length(self, data, sub):
        """What PidTagMessageSize says."""
        return sum(len(self.blocks[leaf]) for leaf in self.leaves(data)) + \
            sum(self.length(*pair)
                for pair in self.sub_entries(sub).values())

    def drop_unused(self):
        """Take out blocks that nothing refers to any more."""
        while True:
            count = self.references()
            unused = [bid for bid in self.blocks if not count[bid]]
            if not unused:
                return
            for bid in unused:
                del self.blocks[bid]

    def lay(self):
        return File(self)


class File:
    """A model as bytes: all of it is right, until a test says otherwise."""

    def __init__(self, model):
        self.model, self.at = model, FIRST_AMAP
        self.taken = []  # (offset, bytes)
        self.places = {}  # bid: ib
        self.pages = {}  # (ptype, level): [ib]
        self.bytes = bytearray(FIRST_AMAP)
        self.next_page = 4
        for bid in sorted(model.blocks):
            self.put_block(bid)
        nbt = self.tree(NBT, NBT_LEAF, 15, [
            (nid, 0, data, sub, parent, 0)
            for nid, (data, sub, parent) in sorted(model.nodes.items())])
        count = model.references()
        bbt = self.tree(BBT, BBT_LEAF, 20, [
            (bid, self.places[bid], len(model.blocks[bid]), count[bid] + 1, 0)
            for bid in sorted(model.blocks)])
        self.regions = -(-(self.at - FIRST_AMAP) // REGION)
        self.grow(FIRST_AMAP + self.regions * REGION)
        self.seal_page(DLIST, 0x86, self.page_id())
        self.maps()
        self.finish(nbt, bbt)

    def grow(self, size):
        if size > len(self.bytes):
            self.bytes += bytes(size - len(self.bytes))

    def place(self, length, align):
        while True:
            region, within = divmod(self.at - FIRST_AMAP, REGION)
            start = FIRST_AMAP + region * REGION
            head = max(delta for delta, _ in map_pages(region)) + PAGE
            at = start + max(within, head)
            at += -at % align
            if at + length <= start + REGION:
                break
            self.at = start + REGION
        self.at = at + length
        self.taken.append((at, length))
        self.grow(self.at)
        return at

    def page_id(self):
        self.next_page += 1
        return self.next_page - 1

    def put_block(self, bid):
        data = self.model.blocks[bid]
        size = extent(len(data))
        ib = self.places[bid] = self.place(size, SLOT)
        self.bytes[ib:ib + len(data)] = data if bid & 2 \
            else data.translate(STORED)
        self.seal_block(bid)

    def seal_block(self, bid, length=None):
        ib, length = self.places[bid], length or len(self.model.blocks[bid])
        end = ib + extent(length)
        self.bytes[end - 16:end] = struct.pack(
            "<HHIQ", length, signature(ib, bid),
            crc(self.bytes[ib:ib + length]), bid)

    def seal_page(self, ib, ptype, bid, sign=True):
        self.bytes[ib + 496:ib + 512] = struct.pack(
            "<BBHIQ", ptype, ptype, signature(ib, bid) if sign else 0,
            crc(self.bytes[ib:ib + 496]), bid)

    def reseal(self, ib):
        """A page again, as the type and with the id that it has."""
        ptype = self.bytes[ib + 496]
        self.seal_page(ib, ptype, struct.unpack_from("<Q", self.bytes,
                                                     ib + 504)[0],
                       ptype not in MAPS)

    def tree(self, ptype, layout, most, entries):
        level = 0
        while True:
            groups = [entries[at:at + most]
                      for at in range(0, len(entries), most)]
            above, pages = [], []
            for group in groups:
                ib, bid = self.place(PAGE, PAGE), self.page_id()
                data = b"".join(layout.pack(*entry) for entry in group)
                self.bytes[ib:ib + len(data)] = data
                self.bytes[ib + 488:ib + 492] = bytes(
                    (len(group), most, layout.size, level))
                self.seal_page(ib, ptype, bid)
                above.append((group[0][0], bid, ib))
                pages.append(ib)
            self.pages[ptype, level] = pages
            if len(above) == 1:
                return above[0][1:]
            entries, layout, most, level = above, BRANCH, 20, level + 1

    def maps(self):
        bits = [0] * self.regions
        for region in range(self.regions):
            for delta, _ in map_pages(region):
                bits[region] |= ndb.mask(delta // SLOT, PAGE // SLOT)
        for at, length in self.taken:
            region, within = divmod(at - FIRST_AMAP, REGION)
            bits[region] |= ndb.mask(within // SLOT, length // SLOT)
        runs = bytes(min(255, ndb.longest_run(one)) for one in bits)
        self.free = SLOT * sum(SLOTS - one.bit_count() for one in bits)
        for region in range(self.regions):
            for delta, ptype in map_pages(region):
                ib = FIRST_AMAP + region * REGION + delta
                content = b"\xff" * 496
                if ptype == ndb.AMAP:
                    content = bits[region].to_bytes(496, "big")
                elif ptype == FMAP:
                    content = runs[region:region + 496].ljust(496, b"\xff")
                self.bytes[ib:ib + 496] = content
                self.seal_page(ib, ptype, ib, False)
        self.bytes[256:384] = runs[:128].ljust(128, b"\xff")

    def finish(self, nbt, bbt):
        head = bytearray(self.model.header)
        head[256:512] = self.bytes[256:384] + b"\xff" * 128
        struct.pack_into("<QQQ", head, 184, len(self.bytes),
                         FIRST_AMAP + (self.regions - 1) * REGION, self.free)
        struct.pack_into("<QQQQ", head, 216, *nbt, *bbt)
        struct.pack_into("<Q", head, 32, self.next_page)
        struct.pack_into("<Q", head, 516, self.model.next_block)
        self.bytes[:564] = head
        self.seal_header()

    def seal_header(self):
        struct.pack_into("<I", self.bytes, 4, crc(self.bytes[8:479]))
        struct.pack_into("<I", self.bytes, 524, crc(self.bytes[8:524]))


def new_header(tops, unique):
    """Of a store whose highest indexes are `tops`, by NID type."""
    head = bytearray(564)
    for at, value, _, _ in ndb.HEADER_FIXED:
        head[at:at + len(value)] = value
    struct.pack_into("<I", head, UNIQUE, unique)
    for kind in range(32):
        like = 2 if kind in (0xD, 0xE, 0xF) else kind
        struct.pack_into("<I", head, RGNID + 4 * kind,
                         max(ndb.floor_of(kind), tops.get(like, 0)))
    return head


# --- Heaps ----------------------------------------------------------------

class HeapMaker:
    def __init__(self, client, root=0x20):
        self.client, self.root = client, root
        self.items = [[]]  # of each block

    def room(self):
        number = len(self.items) - 1
        items = self.items[-1]
        used = header_size(number) + sum(map(len, items))
        return BLOCK_MOST - used - used % 2 - 4 - 2 * (len(items) + 1)

    def add(self, data):
        if self.items[-1] and self.room() < len(data) + 3:
            self.items.append([])
        self.items[-1].append(bytes(data))
        return len(self.items[-1]) << 5 | len(self.items) - 1 << 16

    @classmethod
    def of(cls, blocks):
        """As it is in its blocks."""
        self = cls(blocks[0][3], struct.unpack_from("<I", blocks[0], 4)[0])
        self.items = []
        for block in blocks:
            at, = struct.unpack_from("<H", block)
            count, = struct.unpack_from("<H", block, at)
            offsets = struct.unpack_from(f"<{count + 1}H", block, at + 4)
            self.items.append([bytes(block[a:b]) for a, b
                               in zip(offsets, offsets[1:])])
        return self

    def get(self, hid):
        return self.items[hid >> 16][(hid >> 5 & 0x7FF) - 1]

    def set(self, hid, data):
        self.items[hid >> 16][(hid >> 5 & 0x7FF) - 1] = bytes(data)

    def bth(self, header, key_size, records):
        """Fill in a B-tree: its header's item is there already."""
        size = len(records[0]) if records else 0
        most = 3580 // size * size if size else 1
        data, levels, root = b"".join(records), 0, 0
        while data:
            groups = [data[at:at + most] for at in range(0, len(data), most)]
            hids = [self.add(group) for group in groups]
            if len(hids) == 1:
                root = hids[0]
                break
            data = b"".join(group[:key_size] + struct.pack("<I", hid)
                            for group, hid in zip(groups, hids))
            most = 3580 // (key_size + 4) * (key_size + 4)
            levels += 1
        self.set(header, struct.pack("<BBBBI", BTH, key_size,
                                     size - key_size if size else 4, levels,
                                     root))

    def bytes(self):
        blocks, ends = [], []
        for number, items in enumerate(self.items):
            body = bytes(header_size(number)) + b"".join(items)
            offsets = [header_size(number)]
            for item in items:
                offsets.append(offsets[-1] + len(item))
            at = len(body) + len(body) % 2
            page_map = struct.pack(
                f"<HH{len(offsets)}H", len(items),
                sum(not item for item in items), *offsets)
            block = bytearray(body.ljust(at, b"\0") + page_map)
            struct.pack_into("<H", block, 0, at)
            ends.append(len(block))
            if number < len(self.items) - 1:
                block = block.ljust(BLOCK_MOST, b"\0")
            blocks.append(block)
        struct.pack_into("<BBI", blocks[0], 2, 0xEC, self.client, self.root)
        self.levels(blocks, ends)
        return b"".join(blocks)

    def levels(self, blocks, ends):
        for number, end in enumerate(ends):
            level = next((n for n, least in enumerate(LEVELS)
                          if BLOCK_MOST - end >= least), 15)
            holder = 0 if number < 8 else (number - 8) // 128 * 128 + 8
            at = 8 + number // 2 if not holder else 2 + (number - holder) // 2
            blocks[holder][at] |= level << 4 * (number % 2)


Sub = collections.namedtuple("Sub", "nid")  # a value that is a subnode
Thing = collections.namedtuple("Thing", "nid size")  # PtypObject


def make_pc(props):
    """Of [(tag, type, value)]: an int is inline, bytes are in the heap."""
    heap = HeapMaker(PC)
    heap.add(struct.pack("<BBBBI", BTH, 2, 6, 0, 0x40 if props else 0))
    if props:
        heap.add(bytes(8 * len(props)))
    records = b""
    for tag, kind, value in sorted(props):
        records += struct.pack("<HHI", tag, kind, make_hnid(heap, value))
    if props:
        heap.set(0x40, records)
    return heap.bytes()


def make_hnid(heap, value):
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, int):
        return value & 0xFFFFFFFF
    if isinstance(value, Sub):
        return value.nid
    if isinstance(value, Thing):
        return heap.add(struct.pack("<II", value.nid, value.size))
    return heap.add(value) if value else 0


def make_tc(columns, ends, rows, matrix_nid=0):
    """(the heap, the row matrix or b""). Columns: (tag, at, bit)."""
    heap = HeapMaker(TC, 0x40)
    heap.add(bytes(8))
    heap.add(bytes(22 + 8 * len(columns)))
    heap.bth(0x20, 4, [struct.pack("<II", row[0], number)
                       for number, row in enumerate(rows)])
    large = len(rows) * ends[3] > 3580
    matrix = heap.add(bytes(len(rows) * ends[3])) if rows and not large \
        else matrix_nid if rows else 0
    made = [make_row(heap, columns, ends, *row) for row in rows]
    heap.set(0x40, struct.pack("<BB4HIII", TC, len(columns), *ends, 0x20,
                               matrix, 0) + b"".join(
        struct.pack("<IHBB", tag, at, width(tag), bit)
        for tag, at, bit in sorted(columns)))
    if not large:
        if rows:
            heap.set(matrix, b"".join(made))
        return heap.bytes(), b""
    each = BLOCK_MOST // ends[3]
    blocks = [b"".join(made[at:at + each]) for at in
              range(0, len(made), each)]
    return heap.bytes(), b"".join(
        [one.ljust(BLOCK_MOST, b"\0") for one in blocks[:-1]] + blocks[-1:])


def width(tag):
    return CELL.get(tag & 0xFFFF, 4)


def make_row(heap, columns, ends, row_id, version, cells):
    row = bytearray(ends[3])
    cells = {**cells, 0x67F20003: row_id, 0x67F30003: version}
    for tag, at, bit in columns:
        if tag not in cells:
            continue
        value, size = cells[tag], width(tag)
        if tag & 0xFFFF in CELL and isinstance(value, bytes):
            row[at:at + size] = value
        else:
            number = value if tag & 0xFFFF in CELL else make_hnid(heap, value)
            row[at:at + size] = (number & (1 << 8 * size) - 1).to_bytes(
                size, "little")
        row[ends[2] + bit // 8] |= 0x80 >> bit % 8
    return bytes(row)


# --- Edits ----------------------------------------------------------------

class TableParts:
    """A table as its columns (tag, at, bit), ends and rows."""

    def __init__(self, columns, ends, rows, matrix_nid):
        self.columns, self.ends, self.rows = columns, ends, rows
        self.matrix_nid = matrix_nid

    def row(self, row_id):
        return next(row for row in self.rows if row[0] == row_id)[2]


class Edit:
    """Changes of a model. A path is a NID, then NIDs of subnodes within."""

    def __init__(self, model):
        self.model = model.copy()

    def pair(self, path):
        data, sub, _ = self.model.nodes[path[0]]
        for nid in path[1:]:
            data, sub = self.subs_of(sub)[nid]
        return data, sub

    def subs_of(self, sub):
        return self.model.sub_entries(sub)

    def set_pair(self, path, pair):
        if len(path) == 1:
            self.model.nodes[path[0]][:2] = pair
        else:
            data, sub = self.pair(path[:-1])
            entries = self.subs_of(sub)
            entries[path[-1]] = pair
            self.set_pair(path[:-1], (data, self.model.subs(entries)))
        self.model.drop_unused()

    def subs(self, path):
        return self.subs_of(self.pair(path)[1])

    def set_subs(self, path, entries):
        self.set_pair(path, (self.pair(path)[0], self.model.subs(entries)))

    def raw(self, path):
        """The data of a node: a bytearray for each block."""
        return [bytearray(self.model.blocks[leaf])
                for leaf in self.model.leaves(self.pair(path)[0])]

    def set_raw(self, path, blocks):
        self.set_pair(path, (self.model.data(b"".join(blocks)),
                             self.pair(path)[1]))
        self.fix(path)

    def heap(self, path):
        return HeapMaker.of(self.raw(path))

    def set_heap(self, path, heap):
        self.set_raw(path, [heap.bytes()])

    def props(self, path):
        """{tag: (kind, value)}, as make_pc takes them."""
        heap = self.heap(path)
        found = {}
        if not struct.unpack("<I", heap.get(0x20)[4:])[0]:
            return found
        for tag, kind, hnid in struct.iter_unpack("<HHI", heap.get(0x40)):
            if kind in INLINE:
                value = hnid
            elif kind == OBJECT:
                value = Thing(*struct.unpack("<II", heap.get(hnid)))
            elif hnid & 31:
                value = Sub(hnid)
            else:
                value = heap.get(hnid) if hnid else b""
            found[tag] = (kind, value)
        return found

    def set_props(self, path, props, fix=True):
        data = make_pc([(tag, *one) for tag, one in props.items()])
        self.set_pair(path, (self.model.data(data), self.pair(path)[1]))
        if fix:
            self.fix(path)

    def set_prop(self, path, tag, kind, value, fix=True):
        self.set_props(path, {**self.props(path), tag: (kind, value)}, fix)

    def fix(self, path):
        """The message that was changed has its size again."""
        nid = path[0]
        if nid & 31 != 4:
            return
        heap = self.heap((nid,))
        size = self.model.length(*self.pair((nid,)))
        records = bytearray(heap.get(0x40))
        for at in range(0, len(records) - 7, 8):
            if records[at:at + 4] == b"\x08\x0e\x03\0" and \
                    struct.unpack_from("<I", records, at + 4)[0] != size:
                struct.pack_into("<I", records, at + 4, size)
                heap.set(0x40, records)
                self.set_pair((nid,), (self.model.data(heap.bytes()),
                                       self.pair((nid,))[1]))
                self.set_cell(nid, 0x0E080003, size)

    def table(self, path):
        heap = self.heap(path)
        info = heap.get(0x40)
        ends = struct.unpack_from("<4H", info, 2)
        matrix_hnid, = struct.unpack_from("<I", info, 14)
        columns = [(tag, at, bit) for tag, at, _, bit
                   in struct.iter_unpack("<IHBB", info[22:])]
        index = sorted(self.index(heap), key=lambda pair: pair[1])
        matrix = b""
        if matrix_hnid & 31:
            leaves = self.model.leaves(self.subs(path)[matrix_hnid][0])
            each = BLOCK_MOST // ends[3] * ends[3]
            matrix = b"".join(self.model.blocks[leaf][:each]
                              for leaf in leaves)
        elif matrix_hnid:
            matrix = heap.get(matrix_hnid)
        rows = [self.row(heap, columns, ends, row_id,
                         matrix[n * ends[3]:(n + 1) * ends[3]])
                for row_id, n in index]
        return TableParts(columns, ends, rows,
                          matrix_hnid if matrix_hnid & 31 else 0)

    def index(self, heap):
        header = heap.get(0x20)
        levels, hids = header[3], [struct.unpack_from("<I", header, 4)[0]]
        while levels:
            hids = [hid for above in hids for _, hid
                    in struct.iter_unpack("<II", heap.get(above))]
            levels -= 1
        return [pair for hid in hids if hid
                for pair in struct.iter_unpack("<II", heap.get(hid))]

    def row(self, heap, columns, ends, row_id, row):
        cells = {}
        for tag, at, bit in columns:
            if not row[ends[2] + bit // 8] & 0x80 >> bit % 8:
                continue
            value = int.from_bytes(row[at:at + width(tag)], "little")
            if tag & 0xFFFF not in CELL:
                value = Sub(value) if value & 31 else \
                    heap.get(value) if value else b""
            cells[tag] = value
        return [row_id, cells.pop(0x67F30003), cells]

    def set_table(self, path, table):
        nid = table.matrix_nid
        subs = self.subs(path)
        subs.pop(nid, None)
        if len(table.rows) * table.ends[3] > 3580 and not nid:
            raise ValueError("the matrix grew out of the heap")
        heap, matrix = make_tc(table.columns, table.ends, table.rows, nid)
        if matrix:
            subs[nid] = (self.model.data(matrix), 0)
        self.set_pair(path, (self.model.data(heap), self.model.subs(subs)))
        self.fix(path)

    def set_cell(self, message, tag, value):
        """Of the row of a message, or of a folder."""
        parent = self.model.nodes[message][2]
        kind = {2: 0xD, 8: 0xF}.get(message & 31, 0xE)
        path = (parent & ~31 | kind,)
        table = self.table(path)
        if value is None:
            del table.row(message)[tag]
        else:
            table.row(message)[tag] = value
        self.set_table(path, table)
