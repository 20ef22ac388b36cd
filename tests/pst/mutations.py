"""mutations.py - faults of one kind each, and the rule that must find each

A mutation is of a model (model.py), which is sealed and laid out anew after
it, or of the file, sealed again where it was changed. What a file is
mutated in is looked for in it, so that any good PST will do that has a
message with two attachments, one of them a message, a large display name
list, a named property, an FAI message, and a table with many rows.
"""

import collections
import struct

import forms
import ndb
from model import Sub, Thing
from ndb import BBT, FIRST_AMAP, NBT, PAGE, REGION, SLOT
from rules import RULES

Mutation = collections.namedtuple("Mutation", "rule name stage apply")

ALL = []
I32, BOOL, TEXT, BINARY = 3, 0xB, 0x1F, 0x102


class NoPlace(Exception):
    """The file has nothing that this could be done to."""


def on(stage, rule, name):
    def keep(function):
        ALL.append(Mutation(rule, name, stage, function))
        return function
    return keep


def on_model(rule, name):
    return on("model", rule, name)


def on_file(rule, name):
    return on("file", rule, name)


def put(file, at, layout, value):
    struct.pack_into(layout, file.bytes, at, value)


def get(file, at, layout):
    return struct.unpack_from(layout, file.bytes, at)[0]


# --- V1, V2: the header ------------------------------

def header_byte(at, name):
    @on_file("V1", f"a wrong byte in {name}")
    def change(file):
        file.bytes[at] ^= 4
        file.seal_header()


for _at, _, _name, _ in ndb.HEADER_FIXED:
    if _at not in (0, 10, 513):  # those are met by the reader of the model
        header_byte(_at, _name)


@on_file("V1", "another encoding")
def no_encoding(file):
    file.bytes[513] = 0
    file.seal_header()


@on_file("V1", "a wrong dwCRCPartial")
def crc_partial(file):
    file.bytes[5] ^= 1


@on_file("V1", "a wrong dwCRCFull")
def crc_full(file):
    file.bytes[525] ^= 1


@on_file("V2", "a page more than whole regions")
def longer(file):
    file.bytes += bytes(PAGE)
    put(file, 184, "<Q", len(file.bytes))
    file.seal_header()


@on_file("V2", "a wrong ibFileEof")
def wrong_eof(file):
    put(file, 184, "<Q", len(file.bytes) - 1)
    file.seal_header()


@on_file("V2", "a wrong ibAMapLast")
def wrong_last(file):
    put(file, 192, "<Q", get(file, 192, "<Q") + REGION)
    file.seal_header()


@on_file("V2", "the file is cut")
def cut(file):
    del file.bytes[-100:]


# --- V3, V4, V5: the maps ------------------------------

def free_page(file):
    """A page in the free space at the end."""
    return len(file.bytes) - PAGE


def in_file(file, at):
    if at >= len(file.bytes):
        raise NoPlace("an FMap page: it is too small")


def map_page(name, offset, change):
    @on_file("V3", name)
    def apply(file):
        in_file(file, FIRST_AMAP + offset)
        change(file, FIRST_AMAP + offset)


def page_type(file, ib):
    file.bytes[ib + 496:ib + 498] = b"\x86\x86"


def page_again(file, ib):
    file.bytes[ib + 497] ^= 1


def page_sign(file, ib):
    put(file, ib + 498, "<H", ndb.signature(ib, ib + 4))


def page_sum(file, ib):
    file.bytes[ib + 500] ^= 1


def page_id(file, ib):
    put(file, ib + 504, "<Q", ib + 64)


for _name, _change in (("type", page_type), ("second type", page_again),
                       ("wSig", page_sign), ("CRC", page_sum),
                       ("id", page_id)):
    map_page(f"a wrong {_name} of the first AMap", 0, _change)
    map_page(f"a wrong {_name} of the PMap", PAGE, _change)
map_page("a wrong type of the first FMap", 128 * REGION + 2 * PAGE, page_type)


@on_file("V3", "an AMap too many")
def stray_map(file):
    ib = free_page(file)
    file.seal_page(ib, ndb.AMAP, ib, False)


@on_file("V3", "an FPMap where none is due")
def stray_fpmap(file):
    ib = free_page(file) - 4 * PAGE
    file.seal_page(ib, ndb.FPMAP, ib, False)


def free_map(name, at, page=None):
    @on_file("V4", name)
    def apply(file):
        in_file(file, at)
        file.bytes[at] ^= 1
        if page:
            file.reseal(page)
        file.seal_header()


free_map("rgbFM of the first region", 256)
free_map("rgbFM behind the end", 383)
free_map("rgbFP", 400)
free_map("a bit of the PMap", FIRST_AMAP + PAGE + 7, page=FIRST_AMAP + PAGE)
_FMAP = FIRST_AMAP + 128 * REGION + 2 * PAGE
free_map("the first byte of an FMap", _FMAP, _FMAP)
free_map("the last byte of an FMap", _FMAP + 495, _FMAP)


def allocation(name, find, change):
    @on_file("V5", name)
    def apply(file):
        place = find(file) - FIRST_AMAP
        region, slot = divmod(place // SLOT, ndb.SLOTS)
        ib = FIRST_AMAP + region * REGION
        file.bytes[ib + slot // 8] ^= 0x80 >> slot % 8
        file.reseal(ib)
        bits = [int.from_bytes(file.bytes[at:at + 496], "big") for at in range(
            FIRST_AMAP, len(file.bytes), REGION)]
        file.bytes[256:256 + len(bits)] = bytes(
            min(255, ndb.longest_run(one)) for one in bits)[:128]
        put(file, 200, "<Q", get(file, 200, "<Q") + change)
        file.seal_header()


def some_block(file, number=0):
    return file.places[sorted(file.places)[number]]


allocation("a free slot that is in use", lambda file: free_page(file), -SLOT)
allocation("the first block is free", some_block, SLOT)
allocation("the last block is free", lambda file: some_block(file, -1), SLOT)
allocation("a page of the NBT is free",
           lambda file: file.pages[NBT, 0][0], SLOT)
allocation("the root of the BBT is free",
           lambda file: get(file, 240, "<Q"), SLOT)


@on_file("V5", "a wrong cbAMapFree")
def wrong_free(file):
    put(file, 200, "<Q", get(file, 200, "<Q") + SLOT)
    file.seal_header()


def entry_of(file, bid):
    """Where the BBT entry of a block is: (page, offset)."""
    for ib in file.pages[BBT, 0]:
        for number in range(file.bytes[ib + 488]):
            if get(file, ib + 24 * number, "<Q") == bid:
                return ib, ib + 24 * number
    raise NoPlace(f"BID 0x{bid:X}")


@on_file("V5", "two blocks at one place")
def overlap(file):
    first, second = sorted(file.places)[:2]
    ib, at = entry_of(file, second)
    put(file, at + 8, "<Q", file.places[first])
    file.reseal(ib)


# --- V6: the density list ------------------------------

def density(name, change, seal=True):
    @on_file("V6", name)
    def apply(file):
        change(file, ndb.DLIST)
        if seal:
            file.reseal(ndb.DLIST)


def first_byte(file, ib):
    file.bytes[ib] = 1


def no_id(file, ib):
    put(file, ib + 504, "<Q", 0)


density("an entry", first_byte)
density("no id", no_id)
density("a wrong CRC", page_sum, False)
density("a wrong wSig", page_sign, False)
density("a wrong type", page_type, False)
ALL.pop()  # 0x86 is its type: nothing was changed
density("a wrong type", lambda file, ib: file.seal_page(ib, 0x84, ib), False)


# --- V7: the trees ------------------------------

def tree_page(name, ptype, level, number, change, seal=True):
    what = {NBT: "NBT", BBT: "BBT"}[ptype]

    @on_file("V7", f"{name}, page of level {level}, {what}")
    def apply(file):
        ib = file.pages[ptype, level][number]
        change(file, ib)
        if seal:
            file.reseal(ib)


def page_byte(at, change=1):
    def apply(file, ib):
        file.bytes[ib + at] += change
    return apply


def swap(size):
    def apply(file, ib):
        rows = file.bytes[ib:ib + 2 * size]
        file.bytes[ib:ib + 2 * size] = rows[size:] + rows[:size]
    return apply


def other_sign(file, ib):
    file.bytes[ib + 498] ^= 1


for _tree, _size in ((NBT, 32), (BBT, 24)):
    for _level in (0, 1):
        _entry = _size if not _level else 24
        tree_page("a wrong cEntMax", _tree, _level, 0, page_byte(489))
        tree_page("a wrong cbEnt", _tree, _level, 0, page_byte(490, 8))
        tree_page("keys that fall", _tree, _level, 0, swap(_entry))
        tree_page("padding that is not zero", _tree, _level, 0,
                  page_byte(492))
        tree_page("a wrong CRC", _tree, _level, 0, page_byte(500), False)
        tree_page("a wrong wSig", _tree, _level, 0, other_sign, False)
    tree_page("a wrong level", _tree, 0, 0, page_byte(491))
    tree_page("a page that is not full", _tree, 0, 0, page_byte(488, -1))
    tree_page("a page without entries", _tree, 0, 0,
              lambda file, ib: file.bytes.__setitem__(ib + 488, 0))
    tree_page("a key that is not its page's first", _tree, 1, 0,
              page_byte(24))


# --- V8, V9: blocks ------------------------------

def block(rule, name, change, seal=False):
    @on_file(rule, name)
    def apply(file):
        bid = next(one for one in sorted(file.places)
                   if not one & 2 and len(file.model.blocks[one]) % 64 == 34
                   or len(file.model.blocks[one]) % 64 < 40 and one > 200)
        ib, size = file.places[bid], len(file.model.blocks[bid])
        change(file, bid, ib, ib + ndb.extent(size))
        if seal:
            file.seal_block(bid)


def block_byte(at):
    def apply(file, bid, ib, end):
        file.bytes[(end if at < 0 else ib) + at] ^= 1
    return apply


block("V8", "a byte of data", block_byte(0))
block("V8", "a wrong CRC", block_byte(-10))
block("V8", "a wrong wSig", block_byte(-14))
block("V8", "a wrong BID in the trailer", block_byte(-8))
block("V8", "a wrong cb in the trailer", block_byte(-16))
block("V8", "padding that is not zero", block_byte(-17))


def block_entry(rule, name, offset, layout, value):
    @on_file(rule, name)
    def apply(file):
        ib, at = entry_of(file, sorted(file.places)[3])
        put(file, at + offset, layout, value(get(file, at + offset, layout)))
        file.reseal(ib)


block_entry("V8", "a block of no bytes", 16, "<H", lambda cb: 0)
block_entry("V8", "a block beyond 8176 bytes", 16, "<H", lambda cb: 8177)
block_entry("V8", "a block at no multiple of 64", 8, "<Q", lambda ib: ib + 8)
block_entry("V8", "a block behind the end", 8, "<Q", lambda ib: 1 << 40)
block_entry("V9", "cRef one more", 18, "<H", lambda refs: refs + 1)
block_entry("V9", "cRef one less", 18, "<H", lambda refs: refs - 1)


@on_model("V9", "a block that nothing refers to")
def orphan(edit):
    edit.model.block(b"orphan")


@on_model("V9", "a tree of blocks that nothing refers to")
def orphans(edit):
    edit.model.data(bytes(20000))


@on_model("V9", "a block that is not there")
def missing(edit):
    message = rich(edit)
    del edit.model.blocks[edit.model.leaves(edit.pair((message,))[0])[0]]


@on_model("V9", "a subnode's block that is not there")
def missing_sub(edit):
    path = attachments(edit)[0]
    del edit.model.blocks[edit.model.leaves(edit.pair(path)[0])[0]]


# --- What is where in the file ------------------------------

def messages(edit):
    return sorted(nid for nid in edit.model.nodes if nid & 31 == 4)


def found(edit, what, fits):
    for nid in messages(edit):
        if fits(nid):
            return nid
    raise NoPlace(what)


def rich(edit):
    """The message with attachments: the one with the most subnodes."""
    return max(messages(edit), key=lambda nid: len(edit.subs((nid,))))


def plain_message(edit):
    """One without attachments and without large values."""
    return found(edit, "a plain message", lambda nid: not any(
        sub & 31 in (5, 0x1F) for sub in edit.subs((nid,))))


def last_plain(edit):
    return max(nid for nid in messages(edit) if not any(
        sub & 31 in (5, 0x1F) for sub in edit.subs((nid,))))


def attachments(edit):
    message = rich(edit)
    return [(message, nid) for nid in sorted(edit.subs((message,)))
            if nid & 31 == 5]


def all_attachments(edit):
    for message in messages(edit):
        for nid in sorted(edit.subs((message,))):
            if nid & 31 == 5:
                yield message, nid


def an_fai(edit):
    for nid in sorted(edit.model.nodes):
        if nid & 31 == 8:
            return nid
    raise NoPlace("an FAI message")


def with_data(edit):
    """An attachment whose data is in blocks, and the subnode with it."""
    for path in all_attachments(edit):
        thing = edit.props(path).get(0x3701)
        if thing and isinstance(thing[1], Sub) and len(
                edit.model.leaves(edit.subs(path)[thing[1].nid][0])) > 2:
            return path, thing[1].nid
    raise NoPlace("an attachment of three blocks")


def with_thing(edit, kind):
    for path in all_attachments(edit):
        thing = edit.props(path).get(0x3701)
        if thing and isinstance(thing[1], Thing) and \
                thing[1].nid & 31 == kind:
            return path, thing[1]
    raise NoPlace(f"an object of type {kind}")


def contents_of(edit, nid):
    return edit.model.nodes[nid][2] & ~31 | 0xE


def many_rows(edit):
    """A table whose row matrix is a subnode."""
    for nid in sorted(edit.model.nodes):
        if nid & 31 == 0xE and edit.table((nid,)).matrix_nid:
            return nid
    raise NoPlace("a table with many rows")


def several_rows(edit):
    for nid in sorted(edit.model.nodes):
        if nid & 31 == 0xE and len(edit.table((nid,)).rows) > 1:
            return nid
    raise NoPlace("a table with two rows")


def folder_in(edit):
    """The first folder that is none of every store's."""
    return min(nid for nid in edit.model.nodes
               if nid & 31 == 2 and nid not in forms.FOLDERS)


# --- V10, V11: trees of blocks and of subnodes ------------------------------

def data_tree(rule, name, at, layout, value):
    @on_model(rule, name)
    def apply(edit):
        path, nid = with_data(edit)
        bid = edit.subs(path)[nid][0]
        root = bytearray(edit.model.blocks[bid])
        struct.pack_into(layout, root, at,
                         value(struct.unpack_from(layout, root, at)[0]))
        edit.model.blocks[bid] = bytes(root)


data_tree("V10", "cLevel 3", 1, "<B", lambda level: 3)
data_tree("V10", "cLevel 0", 1, "<B", lambda level: 0)
data_tree("V10", "one entry less", 2, "<H", lambda count: count - 1)
data_tree("V10", "a wrong lcbTotal", 4, "<I", lambda total: total + 1)
data_tree("V10", "an lcbTotal of 0", 4, "<I", lambda total: 0)
data_tree("V10", "the type of an SLBLOCK", 0, "<B", lambda kind: 2)


@on_model("V10", "a first leaf that is not full")
def short_leaf(edit):
    path, nid = with_data(edit)
    bid = edit.subs(path)[nid][0]
    leaves = edit.model.leaves(bid)
    edit.model.blocks[leaves[0]] = edit.model.blocks[leaves[0]][:8000]
    total = sum(len(edit.model.blocks[leaf]) for leaf in leaves)
    edit.model.blocks[bid] = edit.model.blocks[bid][:4] + struct.pack(
        "<I", total) + edit.model.blocks[bid][8:]


@on_model("V10", "an XBLOCK of one leaf")
def lone_leaf(edit):
    message = plain_message(edit)
    data, sub = edit.pair((message,))
    edit.set_pair((message,), (edit.model.x_block(
        1, [data], len(edit.model.blocks[data])), sub))


@on_model("V10", "a wrong total of an XXBLOCK")
def double_total(edit):
    for bid, data in edit.model.blocks.items():
        if bid & 2 and data[:2] == b"\1\2":
            edit.model.blocks[bid] = data[:4] + bytes(4) + data[8:]
            return
    raise NoPlace("an XXBLOCK")


@on_model("V10", "an XXBLOCK that an XBLOCK would do for")
def needless(edit):
    path, nid = with_data(edit)
    subs = edit.subs(path)
    bid, sub = subs[nid]
    subs[nid] = (edit.model.x_block(2, [bid], sum(
        len(edit.model.blocks[leaf]) for leaf in edit.model.leaves(bid))),
        sub)
    edit.set_subs(path, subs)


def subnode_tree(name, at, layout, value, level=0):
    @on_model("V11", name)
    def apply(edit):
        sub = edit.pair((rich(edit),))[1]
        root = edit.model.blocks[sub]
        if level and not root[1]:
            raise NoPlace("a message with a SIBLOCK")
        if root[1] and not level:
            sub = ndb.parse_internal(sub, root)[2][0][1]
        data = bytearray(edit.model.blocks[sub])
        struct.pack_into(layout, data, at,
                         value(struct.unpack_from(layout, data, at)[0]))
        edit.model.blocks[sub] = bytes(data)


subnode_tree("cLevel 2", 1, "<B", lambda level: 2)
subnode_tree("one entry less", 2, "<H", lambda count: count - 1)
subnode_tree("one entry more", 2, "<H", lambda count: count + 1)
subnode_tree("padding that is not zero", 4, "<I", lambda pad: 1)
subnode_tree("an upper half of a NID", 12, "<I", lambda high: 7)
subnode_tree("a NID out of order", 8, "<I", lambda nid: 0xFFFFFF1F)
subnode_tree("a SIBLOCK whose key is not the first NID", 8, "<I",
             lambda nid: nid + 32, level=1)
subnode_tree("a SIBLOCK of level 3", 1, "<B", lambda level: 3, level=1)


# --- V12: counters ------------------------------

def counter(name, at, layout, value):
    @on_file("V12", name)
    def apply(file):
        put(file, at, layout, value(get(file, at, layout)))
        file.seal_header()


for _kind in (0, 2, 3, 4, 5, 8, 0xD, 0x1F):
    counter(f"rgnid of type 0x{_kind:X} one more", 44 + 4 * _kind, "<I",
            lambda index: index + 1)
for _kind in (4, 5, 0xE):
    counter(f"rgnid of type 0x{_kind:X} one less", 44 + 4 * _kind, "<I",
            lambda index: index - 1)
counter("a bidNextB that is in use", 516, "<Q", lambda bid: 4)
counter("a bidNextP that is in use", 32, "<Q", lambda bid: 5)


@on_file("V12", "two pages of one id")
def page_twice(file):
    first, second = file.pages[NBT, 0][:2]
    bid = get(file, first + 504, "<Q")
    file.seal_page(second, NBT, bid)
    for ib in file.pages[NBT, 1]:
        for number in range(file.bytes[ib + 488]):
            at = ib + 24 * number
            if get(file, at + 16, "<Q") == second:
                put(file, at + 8, "<Q", bid)
        file.reseal(ib)


# --- V13, V14, V15: heaps ------------------------------

def heap_byte(rule, name, at, value, which=plain_message, block_number=0):
    @on_model(rule, name)
    def apply(edit):
        path = (which(edit),)
        blocks = edit.raw(path)
        blocks[block_number][at] = value(blocks[block_number][at])
        data = b"".join(blocks)
        edit.set_pair(path, (edit.model.data(data), edit.pair(path)[1]))


def hierarchy_of_root(edit):
    return forms.ROOT & ~31 | 0xD


heap_byte("V13", "no 0xEC", 2, lambda one: 0xED)
heap_byte("V13", "another client", 3, lambda one: 0x7C)
heap_byte("V13", "another client of a table", 3, lambda one: 0xBC,
          hierarchy_of_root)
heap_byte("V13", "a page map elsewhere", 0, lambda one: one ^ 2)
heap_byte("V13", "a wrong fill level", 8, lambda one: one ^ 1)
heap_byte("V13", "a fill level of a block that is not there", 8,
          lambda one: one | 0x30)


def heap_tail(name, change):
    @on_model("V13", name)
    def apply(edit):
        path = (plain_message(edit),)
        block, = edit.raw(path)
        at, = struct.unpack_from("<H", block)
        change(block, at)
        edit.set_pair(path, (edit.model.data(block), edit.pair(path)[1]))


heap_tail("cFree 1", lambda block, at: block.__setitem__(at + 2, 1))
heap_tail("an offset that falls",
          lambda block, at: block.__setitem__(slice(at + 6, at + 8),
                                              b"\xf0\x1f"))
heap_tail("bytes behind the page map", lambda block, at: block.extend(b"12"))
heap_tail("a wrong first offset",
          lambda block, at: block.__setitem__(at + 4, 10))


@on_model("V13", "an item without bytes")
def zero_item(edit):
    path = (plain_message(edit),)
    heap = edit.heap(path)
    heap.add(b"")
    edit.set_heap(path, heap)


@on_model("V14", "an item that nothing refers to")
def unused_item(edit):
    path = (plain_message(edit),)
    heap = edit.heap(path)
    heap.add(b"unused")
    edit.set_heap(path, heap)


@on_model("V14", "an item of a table that nothing refers to")
def unused_in_table(edit):
    path = (hierarchy_of_root(edit),)
    heap = edit.heap(path)
    heap.add(b"unused")
    edit.set_heap(path, heap)


@on_model("V14", "an item that two properties refer to")
def item_twice(edit):
    path = (plain_message(edit),)
    heap = edit.heap(path)
    records = bytearray(heap.get(0x40))
    hids = [at for at in range(0, len(records), 8) if struct.unpack_from(
        "<H", records, at + 2)[0] == TEXT and records[at + 4:at + 8] != b"\0"]
    records[hids[1] + 4:hids[1] + 8] = records[hids[0] + 4:hids[0] + 8]
    heap.set(0x40, records)
    edit.set_heap(path, heap)


@on_model("V14", "an item of 3582 bytes")
def large_item(edit):
    edit.set_prop((plain_message(edit),), 0x1000, TEXT, b"x\0" * 1791)


@on_model("V14", "an item of 4000 bytes in a table")
def large_cell(edit):
    nid = plain_message(edit)
    edit.set_cell(nid, 0x0E04001F, b"x\0" * 2000)


def bth_header(name, at, value, which=plain_message):
    @on_model("V15", name)
    def apply(edit):
        path = (which(edit),)
        heap = edit.heap(path)
        header = bytearray(heap.get(0x20))
        header[at] = value(header[at])
        heap.set(0x20, header)
        edit.set_pair(path, (edit.model.data(heap.bytes()),
                             edit.pair(path)[1]))


bth_header("another type", 0, lambda one: 0xB4)
bth_header("another cbKey", 1, lambda one: 4)
bth_header("another cbEnt", 2, lambda one: 4)
bth_header("a level that is not there", 3, lambda one: one + 1)
bth_header("a root that is not there", 5, lambda one: 0x70)
bth_header("another cbEnt of a table", 2, lambda one: 2, hierarchy_of_root)


@on_model("V15", "records out of order")
def bth_order(edit):
    path = (plain_message(edit),)
    heap = edit.heap(path)
    records = heap.get(0x40)
    heap.set(0x40, records[8:16] + records[:8] + records[16:])
    edit.set_pair(path, (edit.model.data(heap.bytes()), edit.pair(path)[1]))


@on_model("V15", "a part of a record")
def bth_part(edit):
    path = (plain_message(edit),)
    heap = edit.heap(path)
    heap.set(0x40, heap.get(0x40) + b"123")
    edit.set_heap(path, heap)


# --- V16: property contexts ------------------------------

@on_model("V16", "another root than 0x20")
def other_root(edit):
    path = (plain_message(edit),)
    heap = edit.heap(path)
    heap.root = heap.add(heap.get(0x20))
    edit.set_heap(path, heap)


def value(rule, name, tag, kind, data, which=plain_message, sub=None):
    @on_model(rule, name)
    def apply(edit):
        path = (which(edit),)
        if sub is not None:
            subs = edit.subs(path)
            subs[data.nid] = (edit.model.data(sub), 0)
            edit.set_subs(path, subs)
        edit.set_prop(path, tag, kind, data)


value("V16", "an unknown type", 0x6800, 0x0099, b"1234")
value("V16", "an 8-bit string", 0x6800, 0x001E, b"abc")
value("V16", "a type 0", 0x6800, 0, b"abc")
value("V16", "a time of 7 bytes", 0x6800, 0x40, bytes(7))
value("V16", "a time of no bytes", 0x6800, 0x40, b"")
value("V16", "a GUID of 15 bytes", 0x6800, 0x48, bytes(15))
value("V16", "two and a half numbers", 0x6800, 0x1003, bytes(10))
value("V16", "strings that are not all there", 0x6800, 0x101F,
      struct.pack("<III", 2, 12, 99))
value("V16", "more values than bytes", 0x6800, 0x1102,
      struct.pack("<II", 1000, 8))
value("V16", "1026 bytes in the heap", 0x6800, TEXT, b"x\0" * 513)
value("V16", "a subnode that is not there", 0x6800, BINARY, Sub(0xFFFFDF))


@on_model("V16", "a subnode that nothing refers to")
def unused_sub(edit):
    path = (plain_message(edit),)
    subs = edit.subs(path)
    subs[0x801F] = (edit.model.data(b"unused"), 0)
    edit.set_subs(path, subs)
    edit.fix(path)


@on_model("V16", "a subnode of two properties")
def sub_twice(edit):
    path, nid = with_data(edit)
    edit.set_prop(path, 0x6800, BINARY, Sub(nid))


@on_model("V16", "a wrong size of a message within")
def thing_size(edit):
    path, thing = with_thing(edit, 4)
    edit.set_prop(path, 0x3701, 0xD, Thing(thing.nid, thing.size + 1))


@on_model("V16", "a wrong size of OLE data")
def ole_size(edit):
    path, thing = with_thing(edit, 9)
    edit.set_prop(path, 0x3701, 0xD, Thing(thing.nid, thing.size + 1))


# --- V17 to V19: tables ------------------------------

def info(name, at, layout, change, which=lambda edit: contents_of(
        edit, plain_message(edit))):
    """A change in TCINFO or in the columns after it."""
    @on_model("V17", name)
    def apply(edit):
        path = (which(edit),)
        heap = edit.heap(path)
        data = bytearray(heap.get(0x40))
        struct.pack_into(layout, data, at,
                         change(struct.unpack_from(layout, data, at)[0]))
        heap.set(0x40, data)
        edit.set_heap(path, heap)


info("a wrong rgib of 4 bytes", 2, "<H", lambda end: end - 4)
info("a wrong rgib of 1 byte", 6, "<H", lambda end: end + 1)
info("a row that is longer", 8, "<H", lambda end: end + 1)
info("another hidIndex", 18, "<I", lambda hid: 0x60)
info("a wrong tag of a column", 22, "<I", lambda tag: tag + 0x10000)
info("a wrong ibData", 26, "<H", lambda at: at + 4)
info("a wrong cbData", 28, "<B", lambda size: size * 2)
info("a wrong iBit", 29, "<B", lambda bit: bit + 1)
info("a wrong column of a template", 29, "<B", lambda bit: bit + 1,
     lambda edit: 0x6D7)
info("rows that are not there", 14, "<I", lambda hnid: 0)


@on_model("V17", "columns out of order")
def column_order(edit):
    path = (contents_of(edit, plain_message(edit)),)
    heap = edit.heap(path)
    data = heap.get(0x40)
    heap.set(0x40, data[:22] + data[30:38] + data[22:30] + data[38:])
    edit.set_heap(path, heap)


def matrix_byte(name, change):
    @on_model("V17", name)
    def apply(edit):
        nid = many_rows(edit)
        subs = edit.subs((nid,))
        sub = edit.table((nid,)).matrix_nid
        data = bytearray(b"".join(
            edit.model.blocks[leaf]
            for leaf in edit.model.leaves(subs[sub][0])))
        if len(data) <= ndb.BLOCK_MOST:
            raise NoPlace("a table with rows in two blocks")
        change(data)
        subs[sub] = (edit.model.data(data), 0)
        edit.set_subs((nid,), subs)


matrix_byte("a PidTagLtpRowId that is not the row's",
            lambda data: data.__setitem__(1, data[1] ^ 0x80))
matrix_byte("a row that is not whole", lambda data: data.pop())
matrix_byte("a row too many", lambda data: data.extend(bytes(126)))
matrix_byte("a bit of no column",
            lambda data: data.__setitem__(125, data[125] | 1))
matrix_byte("bytes after the last whole row of a block",
            lambda data: data.__setitem__(8175, 1))


@on_model("V17", "a row number twice")
def number_twice(edit):
    path = (several_rows(edit),)
    heap = edit.heap(path)
    hid, = struct.unpack_from("<I", heap.get(0x20), 4)
    index = bytearray(heap.get(hid))
    index[12:16] = index[4:8]
    heap.set(hid, index)
    edit.set_heap(path, heap)


def version(name, change):
    @on_model("V18", name)
    def apply(edit):
        path = (several_rows(edit),)
        table = edit.table(path)
        change(edit, table.rows)
        edit.set_table(path, table)


version("two rows of one version",
        lambda edit, rows: rows[-1].__setitem__(1, rows[0][1]))
version("a version of 0", lambda edit, rows: rows[0].__setitem__(1, 0))
version("a version above dwUnique", lambda edit, rows: rows[0].__setitem__(
    1, struct.unpack_from("<I", edit.model.header, 40)[0]))


@on_model("V18", "the version of a row of another table")
def other_version(edit):
    receive = edit.table((forms.RECEIVE_TABLE,)).rows[0][1]
    path = (contents_of(edit, plain_message(edit)),)
    table = edit.table(path)
    table.rows[0][1] = receive
    edit.set_table(path, table)


@on_model("V18", "the id of a recipient is a version")
def recipient_id(edit):
    path = (rich(edit), 0x692)
    table = edit.table(path)
    table.rows[-1][0] = edit.model.header[40] + 1000000
    edit.set_table(path, table)


def empty_cell(name, tag):
    @on_model("V19", name)
    def apply(edit):
        edit.set_cell(plain_message(edit), tag, b"")


empty_cell("an empty PidTagDisplayCc", 0x0E03001F)
empty_cell("an empty PidTagDisplayTo", 0x0E04001F)
empty_cell("an empty message class", 0x001A001F)


@on_model("V19", "an empty container class")
def empty_class(edit):
    edit.set_cell(folder_in(edit), 0x3613001F, b"")


@on_model("V19", "an empty address of a recipient")
def empty_address(edit):
    path = (rich(edit), 0x692)
    table = edit.table(path)
    table.rows[0][2][0x3003001F] = b""
    edit.set_table(path, table)


# --- V20: the empty store ------------------------------

def node_missing(rule, nid):
    @on_model(rule, f"no node 0x{nid:X}")
    def apply(edit):
        del edit.model.nodes[nid]
        edit.model.drop_unused()


for _nid in (*forms.QUEUES, *forms.BYTES, *forms.TABLES, forms.SPAM_CRITERIA):
    node_missing("V20", _nid)


def wrong_value(rule, name, nid, tag, kind, data):
    @on_model(rule, name)
    def apply(edit):
        edit.set_prop((nid,), tag, kind, data)


wrong_value("V20", "another 66FA of the store", 0x21, 0x66FA, I32, 0xE0012)
wrong_value("V20", "a password of the store", 0x21, 0x67FF, I32, 1)
wrong_value("V20", "a property more of the store", 0x21, 0x3416, I32, 1)
wrong_value("V20", "another replica id", 0x21, 0x0E34, BINARY, bytes(24))
wrong_value("V20", "criteria of the search folder", forms.SPAM_CRITERIA,
            0x660B, I32, 1)
wrong_value("V20", "another name of the search root", forms.SEARCH_ROOT,
            0x3001, TEXT, "Finder".encode("utf-16-le"))


@on_model("V20", "a node that no store has")
def another_node(edit):
    edit.model.nodes[0xF01] = [edit.model.data(bytes(40)), 0, 0]


@on_model("V20", "another search activity")
def activity(edit):
    edit.set_pair((forms.ACTIVITY,), (edit.model.data(b"\x23\x22\0\0\0"), 0))


@on_model("V20", "a table with a parent")
def table_parent(edit):
    edit.model.nodes[0x60E][2] = forms.ROOT


@on_model("V20", "an empty table that is not the template's")
def own_empty(edit):
    nid = forms.VIEWS & ~31 | 0xE
    data = edit.model.blocks[edit.model.nodes[nid][0]]
    edit.model.nodes[nid][0] = edit.model.data(data)


# --- V21, V22: folders ------------------------------

for _kind in (0xD, 0xE, 0xF):
    node_missing("V21", forms.VIEWS & ~31 | _kind)
node_missing("V21", forms.SPAM_CONTENTS)


@on_model("V21", "no row with the parent")
def no_folder_row(edit):
    nid = folder_in(edit)
    path = (edit.model.nodes[nid][2] & ~31 | 0xD,)
    table = edit.table(path)
    table.rows = [row for row in table.rows if row[0] != nid]
    edit.set_table(path, table)


@on_model("V21", "a row of no folder")
def ghost_folder(edit):
    path = (edit.model.nodes[folder_in(edit)][2] & ~31 | 0xD,)
    table = edit.table(path)
    table.rows.append([0x7FFFE2, 900000, {}])
    edit.set_table(path, table)


@on_model("V21", "another nidParent")
def other_parent(edit):
    edit.model.nodes[folder_in(edit)][2] = forms.ROOT


@on_model("V21", "a nidParent of no folder")
def no_parent(edit):
    edit.model.nodes[folder_in(edit)][2] = 0x7FFFE2


@on_model("V21", "a folder within itself")
def circle(edit):
    nid = folder_in(edit)
    edit.model.nodes[nid][2] = nid


@on_model("V21", "a row that is not as the folder")
def folder_row(edit):
    edit.set_cell(folder_in(edit), 0x3001001F, b"O\0t\0h\0e\0r\0")


@on_model("V21", "a cell more than the folder has")
def folder_cell(edit):
    edit.set_cell(folder_in(edit), 0x0E380003, 0)


@on_model("V21", "a property of the old server")
def folder_property(edit):
    edit.set_prop((folder_in(edit),), 0x65E0, BINARY, bytes(22))


def count(name, tag, kind, change):
    @on_model("V22", name)
    def apply(edit):
        nid = folder_in(edit)
        props = edit.props((nid,))
        number = change(props[tag][1])
        edit.set_prop((nid,), tag, kind, number)
        edit.set_cell(nid, tag << 16 | kind, number)


count("a message more", 0x3602, I32, lambda number: number + 1)
count("an unread message more", 0x3603, I32, lambda number: number + 1)
count("Subfolders the other way", 0x360A, BOOL, lambda number: 1 - number)


@on_model("V22", "no PidTagContentCount")
def no_count(edit):
    nid = folder_in(edit)
    props = edit.props((nid,))
    del props[0x3602]
    edit.set_props((nid,), props)
    edit.set_cell(nid, 0x36020003, None)


# --- V23, V24: rows of messages ------------------------------

def contents(rule, name, change):
    @on_model(rule, name)
    def apply(edit):
        nid = plain_message(edit)
        path = (contents_of(edit, nid),)
        table = edit.table(path)
        change(edit, nid, table)
        edit.set_table(path, table)


def without_row(edit, nid, table):
    table.rows = [row for row in table.rows if row[0] != nid]


def ghost_row(edit, nid, table):
    table.rows.append([0xFFFFE4, 900001, {0x0E170003: 0}])


contents("V23", "no row of a message", without_row)
contents("V23", "a row of no message", ghost_row)


@on_model("V23", "a message of another folder")
def message_parent(edit):
    edit.model.nodes[plain_message(edit)][2] = forms.VIEWS


@on_model("V23", "a message in two tables")
def two_tables(edit):
    nid = plain_message(edit)
    row = next(row for row in edit.table((contents_of(edit, nid),)).rows
               if row[0] == nid)
    path = (many_rows(edit),)
    if path == (contents_of(edit, nid),):
        path = (contents_of(edit, rich(edit)),)
    table = edit.table(path)
    table.rows.append([nid, 900002, row[2]])
    table.rows.sort()
    edit.set_table(path, table)


@on_model("V23", "no row of an FAI message")
def no_fai_row(edit):
    nid = an_fai(edit)
    path = (edit.model.nodes[nid][2] & ~31 | 0xF,)
    table = edit.table(path)
    table.rows = [row for row in table.rows if row[0] != nid]
    edit.set_table(path, table)


def cell(name, tag, change):
    @on_model("V24", name)
    def apply(edit):
        nid = last_plain(edit)
        row = edit.table((contents_of(edit, nid),)).row(nid)
        edit.set_cell(nid, tag, change(row.get(tag)))


for _tag in (0x0E070003, 0x00170003, 0x0E080003, 0x30080040):
    cell(f"another number in {_tag:08X}", _tag,
         lambda number: (number or 0) + 2)
for _tag in (0x0037001F, 0x001A001F):
    cell(f"another text in {_tag:08X}", _tag, lambda old: b"o\0t\0h\0")
    cell(f"no cell {_tag:08X}", _tag, lambda old: None)
cell("a cell that the message has no property for", 0x0E380003, lambda old: 0)
cell("no PidTagMessageStatus", 0x0E170003, lambda old: None)
cell("another PidTagMessageStatus", 0x0E170003, lambda old: 8)
cell("another conversation id", 0x30130102, lambda old: bytes(16))
cell("no conversation id, or one of nothing", 0x30130102,
     lambda old: bytes(15) if old is None else None)


# --- V25 to V28: sizes, attachments, recipients ------------------------------

def message_size(name, which, change):
    @on_model("V25", name)
    def apply(edit):
        nid = which(edit)
        number = edit.props((nid,))[0x0E08][1] + change
        edit.set_prop((nid,), 0x0E08, I32, number, fix=False)
        edit.set_cell(nid, 0x0E080003, number)


message_size("a byte more", plain_message, 1)
message_size("40 bytes less", plain_message, -40)
message_size("a byte more, with attachments", rich, 1)


@on_model("V25", "a byte more of a message within")
def inner_size(edit):
    path, thing = with_thing(edit, 4)
    edit.set_prop(path + (thing.nid,), 0x0E08, I32, thing.size + 1,
                  fix=False)


def attach_size(name, find, change):
    @on_model("V26", name)
    def apply(edit):
        path = find(edit)
        number = edit.props(path)[0x0E20][1] + change
        edit.set_prop(path, 0x0E20, I32, number)
        attachment_cell(edit, path, 0x0E200003, number)


def attachment_cell(edit, path, tag, number):
    table = edit.table((path[0], 0x671))
    table.row(path[1])[tag] = number
    edit.set_table((path[0], 0x671), table)


attach_size("a byte more", lambda edit: attachments(edit)[0], 1)
attach_size("a byte less of a message", lambda edit: with_thing(edit, 4)[0],
            -1)
attach_size("4 bytes less of one in blocks", lambda edit: with_data(edit)[0],
            -4)


@on_model("V27", "no row of an attachment")
def attachment_row(edit):
    path = attachments(edit)[0]
    table = edit.table((path[0], 0x671))
    table.rows = [row for row in table.rows if row[0] != path[1]]
    edit.set_table((path[0], 0x671), table)


@on_model("V27", "a row of no attachment")
def attachment_gone(edit):
    path = attachments(edit)[0]
    subs = edit.subs((path[0],))
    del subs[path[1]]
    edit.set_subs((path[0],), subs)
    edit.fix((path[0],))


@on_model("V27", "a cell that is not as the attachment")
def attachment_other(edit):
    attachment_cell(edit, attachments(edit)[0], 0x37050003, 7)


def attachment_prop(name, tag, number):
    @on_model("V27", name)
    def apply(edit):
        path = attachments(edit)[0]
        props = edit.props(path)
        if number is None:
            del props[tag]
        else:
            props[tag] = (I32, number)
        edit.set_props(path, props)


attachment_prop("no rendering position", 0x370B, None)
attachment_prop("no method", 0x3705, None)
attachment_prop("an attachment number", 0x0E21, 0)


@on_model("V27", "no attachment table")
def attachment_table(edit):
    nid = rich(edit)
    subs = edit.subs((nid,))
    del subs[0x671]
    edit.set_subs((nid,), subs)
    edit.fix((nid,))


@on_model("V28", "no recipient table")
def recipient_table(edit):
    nid = plain_message(edit)
    subs = edit.subs((nid,))
    del subs[0x692]
    edit.set_subs((nid,), subs)
    edit.fix((nid,))


def recipient_cell(tag):
    @on_model("V28", f"no cell {tag:08X} of a recipient")
    def apply(edit):
        path = (rich(edit), 0x692)
        table = edit.table(path)
        del table.rows[0][2][tag]
        edit.set_table(path, table)


for _tag in forms.RECIPIENT_CELLS:
    recipient_cell(_tag)


# --- V29 to V34 ------------------------------

def without(tag):
    @on_model("V29", f"no property {tag:04X}")
    def apply(edit):
        nid = plain_message(edit)
        props = edit.props((nid,))
        kind = props.pop(tag)[0]
        edit.set_props((nid,), props)
        column = tag << 16 | kind
        if column in [one.tag for one in forms.CONTENTS.columns]:
            edit.set_cell(nid, column, None)


for _tag in forms.REQUIRED:
    without(_tag)
for _tag in (0x67F4, 0x65E0, 0x0E0A, 0x3414, 0x0FFF, 0x6619 + 1):
    value("V29", f"a property {_tag:04X} of the old store", _tag, BINARY,
          b"old")
value("V29", "an empty PidTagDisplayCc", 0x0E03, TEXT, b"")


def name_map(name, change):
    @on_model("V30", name)
    def apply(edit):
        props = edit.props((forms.NAMES,))
        change(props)
        edit.set_props((forms.NAMES,), props)


def bucket(props):
    return min(tag for tag in props if tag >= 0x1000)


def changed(tag, at, byte):
    def apply(props):
        where = bucket(props) if tag is None else tag
        kind, data = props[where]
        if isinstance(data, Sub):
            raise NoPlace("a stream of names in the heap")
        data = bytearray(data)
        data[at] ^= byte
        props[where] = (kind, bytes(data))
    return apply


name_map("a bucket that is empty", lambda props: props.pop(bucket(props)))
name_map("another key in a bucket", changed(None, 0, 1))
name_map("a name of another GUID", changed(3, 4, 0x40))
name_map("a name that is not there", lambda props: props.update(
    {3: (BINARY, props[3][1][:-8])}))
name_map("a string of another length", changed(4, 0, 2))
name_map("a GUID that is not whole", lambda props: props.update(
    {2: (BINARY, props[2][1] + b"1")}))
name_map("250 buckets", lambda props: props.update({1: (I32, 250)}))
value("V30", "a named property without a name", 0xFF00, I32, 1)


def entry_id(name, tag, change):
    @on_model("V31", name)
    def apply(edit):
        props = edit.props((forms.STORE,))
        kind, data = props[tag]
        edit.set_prop((forms.STORE,), tag, kind, change(data))


entry_id("another UID", 0x35E0, lambda data: data[:4] + bytes(16) + data[20:])
entry_id("another folder", 0x35E3, lambda data: data[:20] + b"\xe2\xff\xff\0")
entry_id("flags of an entry id", 0x35E7, lambda data: b"\1" + data[1:])
entry_id("a UID of 15 bytes", 0x0FF9, lambda data: data[:15])
entry_id("a bit of 35DF less", 0x35DF, lambda bits: bits & ~8)


def shared(edit):
    """(message, subnode NID of the row's cell, NID in the table)."""
    for table in sorted(edit.model.nodes):
        if table & 31 != 0xE:
            continue
        for nid, _, cells in edit.table((table,)).rows:
            if isinstance(cells.get(0x0E04001F), Sub):
                return nid, (table,), cells[0x0E04001F].nid
    raise NoPlace("a row with a large cell")


@on_model("V32", "a copy of a large value")
def own_copy(edit):
    _, path, held = shared(edit)
    subs = edit.subs(path)
    data = b"".join(edit.model.blocks[leaf] for leaf
                    in edit.model.leaves(subs[held][0]))
    subs[held] = (edit.model.data(data), 0)
    edit.set_subs(path, subs)


@on_model("V32", "a large value in the heap of the table")
def large_in_heap(edit):
    nid, path, held = shared(edit)
    subs = edit.subs(path)
    data = b"".join(edit.model.blocks[leaf] for leaf
                    in edit.model.leaves(subs.pop(held)[0]))
    edit.set_subs(path, subs)
    edit.set_cell(nid, 0x0E04001F, data[:3000])


@on_model("V32", "a large value of a folder in the heap")
def large_folder_cell(edit):
    edit.set_cell(folder_in(edit), 0x3613001F, b"x\0" * 600)


def flags(name, which, change):
    @on_model("V33", name)
    def apply(edit):
        nid = which(edit)
        number = change(edit.props((nid,))[0x0E07][1])
        edit.set_prop((nid,), 0x0E07, I32, number)
        edit.set_cell(nid, 0x0E070003, number)


flags("attachments that are not there", plain_message, lambda n: n | 0x10)
flags("a message that is associated", plain_message, lambda n: n | 0x40)
flags("a message to be sent", plain_message, lambda n: n | 4)
flags("a message to be sent again", plain_message, lambda n: n | 0x80)
flags("an FAI message that is not associated",
      an_fai, lambda n: n & ~0x40)

value("V34", "a NUL at the end", 0x6800, TEXT, b"a\0\0\0")
value("V34", "a string of 3 bytes", 0x6800, TEXT, b"a\0b")
value("V34", "a NUL at the end of one of two strings", 0x6800, 0x101F,
      struct.pack("<III", 2, 12, 14) + b"a\0" + b"b\0\0\0")
value("V34", "a large string with a NUL at its end", 0x6800, TEXT,
      Sub(0x7FFFFF), sub=b"x\0" * 600 + b"\0\0")


@on_model("V34", "a NUL at the end of a recipient's name")
def recipient_name(edit):
    path = (rich(edit), 0x692)
    table = edit.table(path)
    table.rows[0][2][0x3001001F] += b"\0\0"
    edit.set_table(path, table)


def counted():
    """How many there are of each rule."""
    found = collections.Counter(one.rule for one in ALL)
    return {rule: found[rule] for rule in RULES}
