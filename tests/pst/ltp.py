"""ltp.py - heaps, B-trees on them, properties, tables: V13 to V19, V34

A heap counts what refers to its items, and a node what refers to its
subnodes, so that at the end what nothing refers to is known.
"""

import collections
import struct

from ndb import type_of
from rules import Unreadable, shown

ITEM_MOST, HEAP_VALUE_MOST = 3580, 1024
BTH, PC, TC = 0xB5, 0xBC, 0x7C

# Free bytes at least, from level 0 on; less than the last is level 15.
LEVELS = (3584, 2560, 2048, 1792, 1536, 1280, 1024, 768, 512, 256, 128, 64,
          32, 16, 8)

# Property types: how many bytes a value has, and whether it is inline.
NULL, BOOLEAN, OBJECT, STRING8, STRING, BINARY = 1, 0xB, 0xD, 0x1E, 0x1F, 0x102
FIXED = {NULL: 0, 2: 2, 3: 4, 4: 4, 5: 8, 6: 8, 7: 8, 0xA: 4, BOOLEAN: 1,
         0x14: 8, 0x40: 8, 0x48: 16}
INLINE = {kind for kind, size in FIXED.items() if size <= 4}
VARIABLE = {STRING, BINARY, 0xFB, 0xFD, 0xFE}
MULTIPLE = {0x1000 | kind: size for kind, size in FIXED.items()
            if kind not in (NULL, 0xA, BOOLEAN)}
MULTIPLE_VARIABLE = {0x1000 | STRING, 0x1000 | BINARY}
KNOWN = set(FIXED) | VARIABLE | set(MULTIPLE) | MULTIPLE_VARIABLE | {OBJECT}
# In the row itself; all else is there by its HNID.
CELL = {2: 2, 3: 4, 4: 4, 0xA: 4, BOOLEAN: 1, 5: 8, 6: 8, 7: 8, 0x14: 8,
        0x40: 8}

ROW_ID, ROW_VERSION = 0x67F20003, 0x67F30003
# Empty strings that Outlook keeps as cells.
EMPTY_CELLS = {0x0037001F, 0x0042001F, 0x0070001F}


class Node:
    """A node or a subnode: its data, its subnodes, what refers to them."""

    def __init__(self, pst, where, data, sub):
        self.pst, self.report, self.where = pst, pst.report, where
        self.data, self.sub = data, sub
        self.used = collections.Counter()
        self.subs = {}
        try:
            self.subs = pst.subnodes(sub)
        except Unreadable as error:
            self.report.unreadable(error)

    def use(self, nid, rule, where):
        """(data, sub) of a subnode that something refers to."""
        self.used[nid] += 1
        if nid not in self.subs:
            raise Unreadable(rule, where, f"NID 0x{nid:X}, no such subnode",
                             "a subnode")
        return self.subs[nid]

    def child(self, nid, rule):
        data, sub = self.use(nid, rule, self.where)
        return Node(self.pst, f"{self.where}, subnode 0x{nid:X}", data, sub)

    def close(self):
        for nid in self.subs:
            if self.used[nid] != 1:
                self.report.add(
                    "V16", f"{self.where}, subnode 0x{nid:X}",
                    f"{self.used[nid]} references", "1",
                    "" if self.used[nid] else "unused subnode")


# --- V13, V14 -----------------------------------------------------------

def level_of(free):
    for level, least in enumerate(LEVELS):
        if free >= least:
            return level
    return 15


class Heap:
    def __init__(self, node, client):
        self.node, self.pst, self.report = node, node.pst, node.report
        self.where, self.bits = node.where, self.pst.hid_bits
        self.blocks = self.pst.blocks(node.data)
        self.used = collections.Counter()
        if not self.blocks or len(self.blocks[0]) < 12:
            raise Unreadable("V13", self.where, "no heap", "a heap")
        block = self.blocks[0]
        sig, kind, self.root = struct.unpack_from("<BBI", block, 2)
        if sig != 0xEC:
            raise Unreadable("V13", f"{self.where}, bSig", f"0x{sig:X}",
                             "0xEC")
        self.want("bClientSig", kind, client)
        self.offsets = [self.page_map(number)
                        for number in range(len(self.blocks))]
        self.check_levels()

    def want(self, what, found, wanted, clause=""):
        return self.report.want("V13", f"{self.where}, {what}", found,
                                wanted, clause)

    def page_map(self, number):
        """Where the items of a block begin, and where the last one ends."""
        block = self.blocks[number]
        what = f"heap block {number}"
        first = header_size(number)
        at = struct.unpack_from("<H", block)[0] if len(block) >= 2 else 0
        if at < first or at + 4 > len(block):
            self.report.add("V13", f"{self.where}, {what}, ibHnpm", at,
                            "a place in the block")
            return [0]
        count, zero = struct.unpack_from("<HH", block, at)
        end = at + 4 + 2 * (count + 1)
        if end > len(block):
            self.report.add("V13", f"{self.where}, {what}, cAlloc", count,
                            "as many as there is room for")
            return [0]
        offsets = struct.unpack_from(f"<{count + 1}H", block, at + 4)
        self.want(f"{what}, first offset", offsets[0], first)
        sizes = [b - a for a, b in zip(offsets, offsets[1:])]
        if min(sizes, default=0) < 0 or offsets[-1] > at:
            self.report.add("V13", f"{self.where}, {what}, rgibAlloc",
                            "falls, or ends behind the page map", "rising")
            return [0]
        self.want(f"{what}, ibHnpm", at, offsets[-1] + offsets[-1] % 2)
        self.want(f"{what}, cFree", zero, sizes.count(0))
        if 0 in sizes:
            self.report.add("V13", f"{self.where}, {what}",
                            f"{sizes.count(0)} items without bytes", "none",
                            "zero items")
        if number == len(self.blocks) - 1:
            self.want(f"{what}, end of its page map", end, len(block))
        elif any(block[end:]):
            self.report.add("V13", f"{self.where}, {what}, after its page "
                            "map", shown(block[end:]), "zeros")
        for index, size in enumerate(sizes):
            if size > ITEM_MOST:
                self.report.add("V14", f"{self.where}, HID "
                                f"0x{self.hid(number, index + 1):X}",
                                f"{size} bytes", f"at most {ITEM_MOST}")
        return offsets

    def hid(self, number, index):
        return (number << self.bits | index) << 5

    def ends(self, number):
        at, = struct.unpack_from("<H", self.blocks[number])
        count, = struct.unpack_from("<H", self.blocks[number], at)
        return at + 4 + 2 * (count + 1)

    def check_levels(self):
        """Half a byte for each block, the lower half first."""
        if not self.pst.levels_known:
            return
        for number, offsets in enumerate(self.offsets):
            if offsets == [0]:
                continue
            if number < 8:
                holder, place = 0, 8 * 2 + number
            else:
                holder = (number - 8) // 128 * 128 + 8
                place = 2 * 2 + number - holder
            byte = self.blocks[holder][place // 2]
            self.want(f"fill level of heap block {number}",
                      byte >> 4 if place % 2 else byte & 15,
                      level_of(self.pst.block_most - self.ends(number)))
        self.unused_levels()

    def unused_levels(self):
        """None for blocks that there are not."""
        count = len(self.blocks)
        levels = self.blocks[0][8:12]
        first = 0
        if count > 8:
            first = (count - 9) // 128 * 128 + 8
            levels = self.blocks[first][2:66]
        halves = [half for byte in levels for half in (byte & 15, byte >> 4)]
        for number, half in enumerate(halves[count - first:], count):
            if half:
                self.want(f"fill level of heap block {number}, which is not "
                          "there", half, 0)

    def item(self, hid, rule, where):
        number = hid >> 5 + self.bits
        index = hid >> 5 & (1 << self.bits) - 1
        if hid & 31 or not index or number >= len(self.blocks) or \
                index >= len(self.offsets[number]):
            raise Unreadable(rule, where, f"HID 0x{hid:X}, no such item",
                             "an item of the heap")
        self.used[hid] += 1
        if self.used[hid] == 2:
            self.report.add("V14", where, f"HID 0x{hid:X} is referenced "
                            "more than once", "once")
        offsets = self.offsets[number]
        return self.blocks[number][offsets[index - 1]:offsets[index]]

    def close(self):
        for number, offsets in enumerate(self.offsets):
            for index in range(1, len(offsets)):
                hid = self.hid(number, index)
                if hid not in self.used and \
                        offsets[index] > offsets[index - 1]:
                    self.report.add("V14", f"{self.where}, HID 0x{hid:X}",
                                    "nothing refers to it", "a reference",
                                    "unused")


def header_size(number):
    if number == 0:
        return 12
    return 66 if number >= 8 and (number - 8) % 128 == 0 else 2


# --- V15 ----------------------------------------------------------------

def read_bth(heap, hid, key_size, entry_size):
    """The records of a B-tree on a heap: (key, entry)."""
    where = f"{heap.where}, BTH 0x{hid:X}"
    header = heap.item(hid, "V15", where)
    if len(header) != 8:
        raise Unreadable("V15", where, f"{len(header)} bytes", "8")
    kind, key, entry, levels, root = struct.unpack("<BBBBI", header)
    for name, found, wanted in (("bType", kind, BTH), ("cbKey", key, key_size),
                                ("cbEnt", entry, entry_size)):
        if not heap.report.want("V15", f"{where}, {name}", found, wanted):
            return []
    if not root:
        heap.report.want("V15", f"{where}, bIdxLevels of an empty one",
                         levels, 0)
        return []
    if levels > 7:
        raise Unreadable("V15", f"{where}, bIdxLevels", levels, "at most 7")
    row = [(None, root)]
    while True:
        size = key_size + (4 if levels else entry_size)
        records = []
        for first, child in row:
            records += bth_item(heap, where, first, child, size, key_size)
        ascending(heap, where, [record[0] for record in records])
        if not levels:
            return records
        levels -= 1
        row = [(first, struct.unpack("<I", child)[0])
               for first, child in records]


def bth_item(heap, where, first, hid, size, key_size):
    item = heap.item(hid, "V15", where)
    if not item or len(item) % size:
        heap.report.add("V15", f"{where}, HID 0x{hid:X}",
                        f"{len(item)} bytes", f"whole records of {size}")
    records = [(bth_key(item[at:at + key_size]),
                item[at + key_size:at + size])
               for at in range(0, len(item) // size * size, size)]
    if first is not None and records:
        heap.report.want("V15", f"{where}, key of HID 0x{hid:X}", first,
                         records[0][0])
    return records


def bth_key(key):
    return int.from_bytes(key, "little") if len(key) < 16 else key


def ascending(heap, where, keys):
    for before, key in zip(keys, keys[1:]):
        if key <= before:
            heap.report.add("V15", where, f"key {shown(key)}",
                            f"more than {shown(before)}, before it")


# --- Values -------------------------------------------------------------

class Value:
    """A property or a cell. `bid`: of its block, when it is a subnode."""

    __slots__ = ("kind", "size", "raw", "nid", "bid", "pst", "object_size")

    def __init__(self, kind, raw=b"", nid=0, bid=0, pst=None):
        self.kind, self.raw, self.nid, self.bid = kind, raw, nid, bid
        self.pst = pst
        self.size = pst.length(bid) if bid else len(raw)
        self.object_size = None

    def bytes(self):
        return b"".join(self.pst.blocks(self.bid)) if self.bid else self.raw

    def number(self):
        return int.from_bytes(self.raw, "little", signed=True)

    def same(self, other):
        if self.kind != other.kind or self.size != other.size:
            return False
        return bool(self.bid) and self.bid == other.bid or \
            self.bytes() == other.bytes()

    def __str__(self):
        if self.kind in INLINE:
            return shown(self.number())
        return shown(self.bytes())


def read_value(heap, node, kind, hnid, where, rule):
    """A value that is not inline: in the heap, or a subnode."""
    if not hnid:
        return Value(kind)
    if hnid & 31:
        data, sub = node.use(hnid, rule, where)
        if sub and kind != OBJECT:
            heap.report.add(rule, where, f"subnode 0x{hnid:X} has subnodes",
                            "none")
        return Value(kind, nid=hnid, bid=data, pst=node.pst)
    raw = heap.item(hnid, rule, where)
    return Value(kind, raw)


def check_value(report, value, where, rule="V16"):
    """The size and the layout that its type asks for."""
    kind = value.kind
    if kind in FIXED:
        if value.size != FIXED[kind]:
            report.add(rule, where, f"{value.size} bytes",
                       f"{FIXED[kind]}, for its type")
    elif kind == STRING:
        check_string(report, value.size, tail(value), where)
    elif kind in MULTIPLE:
        if value.size % MULTIPLE[kind]:
            report.add(rule, where, f"{value.size} bytes",
                       f"values of {MULTIPLE[kind]} bytes")
    elif kind in MULTIPLE_VARIABLE and value.size:
        for number, part in enumerate(
                parts(report, value.bytes(), where, rule)):
            if kind == 0x1000 | STRING:
                check_string(report, len(part), part[-2:],
                             f"{where}, string {number}")


def tail(value):
    """The last two bytes, of as little as need be."""
    if not value.bid:
        return value.raw[-2:]
    ends = [value.pst.leaf(leaf) for leaf in value.pst.leaves(value.bid)[-2:]]
    return b"".join(ends)[-2:]


def check_string(report, size, end, where):
    if size % 2:
        report.add("V34", where, f"{size} bytes", "an even number")
    elif end == b"\0\0":
        report.add("V34", where, "a NUL at its end", "none", "NUL")


def parts(report, data, where, rule):
    """2.3.3.4.2: a count, an offset each, the values."""
    count = int.from_bytes(data[:4], "little")
    if len(data) < 4 or 4 + 4 * count > len(data):
        report.add(rule, where, f"{count} values in {len(data)} bytes",
                   "as many as there is room for")
        return []
    offsets = list(struct.unpack_from(f"<{count}I", data, 4)) + [len(data)]
    if offsets[0] != 4 + 4 * count and count or offsets != sorted(offsets):
        report.add(rule, where, "offsets that fall, or leave a gap",
                   "one after the other")
        return []
    return [data[a:b] for a, b in zip(offsets, offsets[1:])]


# --- V16 ----------------------------------------------------------------

def read_pc(node):
    """The properties of a node: id: Value. What is not whole is left out."""
    report, where = node.report, node.where
    heap = Heap(node, PC)
    report.want("V16", f"{where}, hidUserRoot", heap.root, 0x20)
    found = {}
    for tag, entry in read_bth(heap, heap.root, 2, 6):
        kind, = struct.unpack_from("<H", entry)
        name = f"{where}, property {tag:04X}:{kind:04X}"
        try:
            found[tag] = read_property(heap, node, kind, entry[2:], name)
        except Unreadable as error:
            report.unreadable(error)
    heap.close()
    return found


def read_property(heap, node, kind, field, where):
    report = node.report
    if kind not in KNOWN:
        report.add("V16", where, f"type 0x{kind:X}", "a type of a PST",
                   "string8" if kind & 0xFFF == STRING8 else "")
    if kind in INLINE:
        return Value(kind, field[:FIXED[kind]])
    value = read_value(heap, node, kind, int.from_bytes(field, "little"),
                       where, "V16")
    if kind == OBJECT:
        return read_object(node, value, where)
    if not value.bid and value.size > HEAP_VALUE_MOST:
        report.add("V16", where, f"{value.size} bytes in the heap",
                   f"a subnode, above {HEAP_VALUE_MOST}")
    check_value(report, value, where)
    return value


def read_object(node, value, where):
    """2.3.3.5: the heap has the NID and the size of what is a subnode."""
    if value.nid or value.size != 8:
        raise Unreadable("V16", where, f"{value.size} bytes",
                         "8 in the heap: NID and size")
    nid, size = struct.unpack("<II", value.raw)
    data, _ = node.use(nid, "V16", where)
    thing = Value(OBJECT, nid=nid, bid=data, pst=node.pst)
    thing.object_size = size
    if type_of(nid) == 9:
        node.report.want("V16", f"{where}, size of NID 0x{nid:X}", size,
                         thing.size)
    elif type_of(nid) != 4:
        node.report.add("V16", where, f"NID 0x{nid:X}",
                        "a message (type 4) or data (type 9)")
    return thing


# --- V17 to V19 ---------------------------------------------------------

Column = collections.namedtuple("Column", "tag at size bit")


class Table:
    def __init__(self, node, layout, extra=False):
        """`layout`: of forms.py; `extra`: columns of its own may follow."""
        self.node, self.report, self.where = node, node.report, node.where
        self.heap = Heap(node, TC)
        self.want("hidUserRoot", self.heap.root, 0x40)
        self.read_info(self.heap.item(self.heap.root, "V17", self.where))
        self.check_layout(layout, extra)
        self.index = read_bth(self.heap, self.index_hid, 4, 4)
        self.matrix = self.read_matrix()

    def want(self, what, found, wanted):
        return self.report.want("V17", f"{self.where}, {what}", found, wanted)

    def read_info(self, info):
        if len(info) < 22 or len(info) != 22 + 8 * info[1]:
            raise Unreadable("V17", f"{self.where}, TCINFO",
                             f"{len(info)} bytes", "22 and 8 a column")
        self.want("bType", info[0], TC)
        self.ends = struct.unpack_from("<4H", info, 2)
        self.index_hid, self.rows_hnid, old = struct.unpack_from("<3I", info,
                                                                 10)
        self.want("hidRowIndex", self.index_hid, 0x20)
        self.want("hidIndex", old, 0)
        self.columns = [Column(*one) for one in
                        struct.iter_unpack("<IHBB", info[22:])]
        tags = [column.tag for column in self.columns]
        if any(a >= b for a, b in zip(tags, tags[1:])):
            self.report.add("V17", f"{self.where}, columns",
                            "not sorted by tag", "sorted")

    def check_layout(self, layout, extra):
        has = {column.tag: column for column in self.columns}
        for tag, at, bit in layout.columns:
            if tag not in has:
                self.report.add("V17", self.where,
                                f"no column {tag:08X}", "one")
                continue
            self.want(f"iBit of column {tag:08X}", has[tag].bit, bit)
            if not extra or at < layout.ends[0]:
                self.want(f"ibData of column {tag:08X}", has[tag].at, at)
        if not extra:
            for tag in set(has) - {column[0] for column in layout.columns}:
                self.report.add("V17", self.where,
                                f"a column {tag:08X}", "none")
            self.want("rgib", self.ends, layout.ends)
        self.check_columns()

    def check_columns(self):
        """Bits and offsets are apart, groups end where rgib says."""
        count = len(self.columns)
        bits = sorted(column.bit for column in self.columns)
        if bits != list(range(count)):
            self.report.add("V17", f"{self.where}, iBit of the columns",
                            bits, f"0 to {count - 1}, each once")
        end = 0
        groups = {8: 0, 4: 0, 2: 0, 1: 0}
        for column in sorted(self.columns, key=lambda one: one.at):
            size = CELL.get(column.tag & 0xFFFF, 4)
            self.want(f"cbData of column {column.tag:08X}", column.size, size)
            if column.at < end:
                self.report.add("V17", f"{self.where}, column "
                                f"{column.tag:08X}", f"ibData {column.at}",
                                f"{end} or more, after the one before")
            end = column.at + column.size
            groups[size] = max(groups[size], end)
        four = max(groups[8], groups[4])
        two = max(four, groups[2])
        one = max(two, groups[1])
        self.want("rgib", self.ends, (four, two, one, one + (count + 7) // 8))

    def read_matrix(self):
        """What gives the bytes of a row by its number."""
        self.row_size = self.ends[3]
        count = len(self.index)
        if not self.rows_hnid:
            self.want("rows of the index, without a matrix", count, 0)
            return []
        if not 8 <= self.row_size <= self.node.pst.block_most:
            raise Unreadable("V17", f"{self.where}, rgib", self.ends,
                             "a row that fits a block")
        where = f"{self.where}, hnidRows"
        if self.rows_hnid & 31:
            data, _ = self.node.use(self.rows_hnid, "V17", where)
            blocks = self.node.pst.blocks(data)
            if sum(map(len, blocks)) <= ITEM_MOST:
                self.report.add("V17", where, "a subnode",
                                f"in the heap, up to {ITEM_MOST} bytes")
        else:
            blocks = [self.heap.item(self.rows_hnid, "V17", where)]
        each = self.node.pst.block_most // self.row_size
        for block in blocks[:-1]:
            if any(block[each * self.row_size:]):
                self.report.add("V17", where, "bytes after the last whole "
                                "row of a block", "zeros")
        rows = each * (len(blocks) - 1) + len(blocks[-1]) // self.row_size
        if len(blocks[-1]) % self.row_size:
            self.report.add("V17", where, f"{len(blocks[-1])} bytes",
                            f"whole rows of {self.row_size}")
        self.want("rows of the index", count, rows)
        self.per_block = each
        return blocks

    def rows(self):
        """(row id, {tag: Value}), in the order of the row ids."""
        numbers = set()
        for row_id, number in self.index:
            number = int.from_bytes(number, "little")
            where = f"{self.where}, row 0x{row_id:X}"
            if number in numbers:
                self.report.add("V17", where, f"row number {number} again",
                                "each once")
                continue
            numbers.add(number)
            row = self.row(number)
            if row is None:
                self.report.add("V17", where, f"row number {number}",
                                "a row of the matrix")
                continue
            try:
                yield row_id, self.cells(row_id, row, where)
            except Unreadable as error:
                self.report.unreadable(error)

    def row(self, number):
        if not self.matrix:
            return None
        block, place = divmod(number, self.per_block)
        at = place * self.row_size
        if block >= len(self.matrix) or \
                at + self.row_size > len(self.matrix[block]):
            return None
        return self.matrix[block][at:at + self.row_size]

    def cells(self, row_id, row, where):
        bitmap = row[self.ends[2]:]
        found = {}
        for column in self.columns:
            if bitmap[column.bit // 8:][:1] == b"" or \
                    not bitmap[column.bit // 8] & 0x80 >> column.bit % 8:
                continue
            name = f"{where}, cell {column.tag:08X}"
            found[column.tag] = self.cell(
                column, row[column.at:column.at + column.size], name)
        count = len(self.columns)
        beyond = int.from_bytes(bitmap, "big") & \
            (1 << max(0, 8 * len(bitmap) - count)) - 1
        if beyond:
            self.report.add("V17", f"{where}, bits above column {count - 1}",
                            f"0x{beyond:X}", "0")
        for tag in (ROW_ID, ROW_VERSION):
            if tag not in found:
                self.report.add("V17", where, f"no cell {tag:08X}", "one")
        if ROW_ID in found:
            self.report.want("V17", f"{where}, PidTagLtpRowId",
                             int.from_bytes(found[ROW_ID].raw, "little"),
                             row_id)
        return found

    def cell(self, column, field, where):
        kind = column.tag & 0xFFFF
        if kind in CELL:
            return Value(kind, field)
        hnid = int.from_bytes(field, "little")
        value = read_value(self.heap, self.node, kind, hnid, where, "V17")
        check_value(self.report, value, where, "V17")
        if kind == STRING and not value.size and \
                column.tag not in EMPTY_CELLS | self.empty:
            self.report.add("V19", where, "an empty string", "no cell")
        if not value.bid and value.size > HEAP_VALUE_MOST:
            self.report.add("V32", where, f"{value.size} bytes in the heap",
                            f"a subnode, above {HEAP_VALUE_MOST}")
        return value

    empty = frozenset()  # further cells that may be empty strings

    def close(self):
        self.heap.close()
        self.node.close()


class Versions:
    """V18: what was taken from the counter dwUnique."""

    def __init__(self, pst):
        self.report = pst.report
        self.least = pst.u32(40)
        self.seen = {}

    def take(self, number, where, clause=""):
        if number in self.seen:
            self.report.add("V18", where, shown(number),
                            f"not that of {self.seen[number]}", clause)
        self.seen[number] = where
        if not 0 < number < self.least:
            self.report.add("V18", where, shown(number),
                            f"1 to below dwUnique, {self.least}", clause)

    def row(self, cells, where):
        if ROW_VERSION in cells:
            self.take(int.from_bytes(cells[ROW_VERSION].raw, "little"),
                      f"{where}, PidTagLtpRowVer")
