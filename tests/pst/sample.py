"""sample.py - a small PST with something of everything, of no other's code

For the tests of the verifier alone: each mutation of it must be found, and in
it itself there is nothing to find.
"""

import hashlib
import struct

import forms
from model import Model, Sub, Thing, make_pc, make_tc, new_header
from ndb import BLOCK_MOST, crc
from messaging import conversation, ATTACHMENT_TABLE, RECIPIENT_TABLE
from names import BUCKETS

UID = hashlib.md5(b"store").digest()
I16, I32, BOOL, TEXT, BINARY, TIME = 2, 3, 0xB, 0x1F, 0x102, 0x40
WHEN = struct.pack("<Q", 0x01D0000000000000)
OWN_GUID = hashlib.md5(b"names").digest()
INBOX, NESTED = 0x80A2, 0x80C2
KEYWORDS, FLAG, NUMBER = 0x8000, 0x8001, 0x8002


def text(value):
    return value.encode("utf-16-le")


class Sample:
    def __init__(self, large=False):
        self.model = Model()
        self.large = large
        self.version = 0
        self.tops = {}
        self.empty = {}  # template NID: its block
        self.templates()
        self.store()
        self.name_map()
        self.folders()
        self.model.header = new_header(self.tops, self.version + 1)

    def take(self):
        self.version += 1
        return self.version

    def next(self, kind, floor):
        """A NID of this type, its index counted up."""
        index = self.tops[kind] = max(self.tops.get(kind, 0), floor) + 1
        return index << 5 | kind

    def node(self, nid, data=0, sub=0, parent=0):
        self.model.nodes[nid] = [data, sub, parent]
        kind, index = nid & 31, nid >> 5
        self.tops[kind] = max(self.tops.get(kind, 0), index)

    def templates(self):
        for nid, layout in forms.TABLES.items():
            columns = [(one.tag, one.at, one.bit) for one in layout.columns]
            rows = []
            if nid == forms.RECEIVE_TABLE:
                rows = [(1, self.take(), {0x66050003: forms.ROOT,
                                          0x001A001F: b""})]
            self.empty[nid] = self.model.data(
                make_tc(columns, layout.ends, rows)[0])
            self.node(nid, self.empty[nid])
        for nid in forms.QUEUES:
            self.node(nid)
        for nid, data in forms.BYTES.items():
            self.node(nid, self.model.data(data))

    def store(self):
        entry = [(tag, BINARY, bytes(4) + UID + struct.pack("<I", nid))
                 for _, tag, nid in forms.ENTRY_IDS]
        self.node(forms.STORE, self.model.data(make_pc(entry + [
            (0x0E34, BINARY, struct.pack("<I16sI", 1, UID, 1)),
            (0x0E38, I32, 0), (0x0FF9, BINARY, UID),
            (0x3001, TEXT, text("Sample")), (0x35DF, I32, 0xC9),
            (0x6633, BOOL, True), (0x66FA, I32, 0xE0011),
            (0x67FF, I32, 0)])))

    def name_map(self):
        keywords, own = text("Keywords"), text("x-own")
        strings = struct.pack("<I", len(keywords)) + keywords
        second = len(strings)
        strings += struct.pack("<I", len(own)) + own
        strings += bytes(-len(strings) % 4)
        entries = [(0, 2 << 1 | 1, 0), (0x8530, 3 << 1, 1),
                   (second, 4 << 1 | 1, 2)]
        buckets = {}
        for key, kind, index in entries:
            if kind & 1:
                key = crc(keywords if not key else own)
            buckets.setdefault((key ^ kind) % BUCKETS, []).append(
                struct.pack("<IHH", key, kind, index))
        self.node(forms.NAMES, self.model.data(make_pc([
            (1, I32, BUCKETS), (2, BINARY, OWN_GUID + UID),
            (3, BINARY, b"".join(struct.pack("<IHH", *one)
                                 for one in entries)),
            (4, BINARY, strings)] + [
            (0x1000 + number, BINARY, b"".join(found))
            for number, found in buckets.items()])))

    # --- Folders --------------------------------------------------------

    def folders(self):
        messages = [self.message(INBOX, number) for number in range(6)]
        messages.append(self.rich(INBOX))
        many = [self.message(NESTED, number) for number in range(70)]
        view = self.associated(INBOX)
        tree = [
            (NESTED, INBOX, "Nested", [], many, []),
            (INBOX, forms.TOP, "Inbox", [NESTED], messages, [view]),
            (forms.DELETED, forms.TOP, "Deleted Items", [], [], []),
            (forms.TOP, forms.ROOT, "Top of Outlook data file",
             [forms.DELETED, INBOX], [], []),
            (forms.SEARCH_ROOT, forms.ROOT, "Search Root", [], [], []),
            (forms.VIEWS, forms.ROOT, "IPM_COMMON_VIEWS", [], [], []),
            (forms.SPAM, forms.ROOT, "SPAM Search Folder 2", [], [], []),
            (forms.ROOT, forms.ROOT, "", forms.ROOT_ROWS, [], []),
        ]
        self.cells = {}
        for nid, parent, name, children, rows, views in tree:
            self.folder(nid, parent, name, children, rows, views)

    def folder(self, nid, parent, name, children, messages, views):
        unread = sum(not cells[0x0E070003] & 1 for _, cells, _ in messages)
        props = {0x3602: (I32, len(messages)), 0x3603: (I32, unread),
                 0x360A: (BOOL, bool(children)), 0x3001: (TEXT, text(name))}
        if nid == INBOX:
            props[0x3613] = (TEXT, text("IPF.Note"))
        self.node(nid, self.model.data(make_pc(
            [(tag, kind, value) for tag, (kind, value) in props.items()])),
            0, parent)
        self.cells[nid] = {tag << 16 | kind: value for tag, (kind, value)
                           in props.items() if value != b""}
        base = nid & ~31
        if nid == forms.SPAM:
            self.node(forms.SPAM_CRITERIA, self.model.data(make_pc(
                [(0x660B, I32, 0)])))
            self.node(base | 0x10, self.empty[0x610])
            return
        self.table(base | 0xD, 0x60D, [
            (child, self.cells[child], {}) for child in sorted(children)])
        self.table(base | 0xE, 0x60E, messages)
        self.table(base | 0xF, 0x60F, views)

    def table(self, nid, template, rows):
        """Rows: (nid, cells, subnodes that its cells are)."""
        if not rows:
            self.node(nid, self.empty[template])
            return
        subs = {}
        for _, _, more in rows:
            subs.update(more)
        self.node(nid, *self.make_table(
            forms.TABLES[template],
            [(row, self.take(), cells) for row, cells, _ in rows], subs))

    def make_table(self, layout, rows, subs=None):
        """(data, sub)"""
        subs = dict(subs or {})
        columns = [(one.tag, one.at, one.bit) for one in layout.columns]
        nid = 0
        if len(rows) * layout.ends[3] > 3580:
            nid = self.next(0x1F, 0x400)
        heap, matrix = make_tc(columns, layout.ends, rows, nid)
        if matrix:
            subs[nid] = (self.model.data(matrix), 0)
        return self.model.data(heap), self.model.subs(subs)

    # --- Messages -------------------------------------------------------

    def finish(self, props, subs):
        """Large values become subnodes, the size is known; (data, sub)."""
        for tag, (kind, value) in props.items():
            if isinstance(value, bytes) and len(value) > 1024:
                nid = self.next(0x1F, 0x400)
                subs[nid] = (self.model.data(value), 0)
                props[tag] = (kind, Sub(nid))
        sub = self.model.subs(subs)

        def built():
            return make_pc([(tag, *one) for tag, one in props.items()])
        if 0x0E08 in props:
            props[0x0E08] = (I32, len(built()) + sum(
                self.model.length(*pair) for pair in subs.values()))
        return self.model.data(built()), sub

    def basics(self, number, flags=1):
        return {
            0x001A: (TEXT, text("IPM.Note")), 0x0E07: (I32, flags),
            0x0E08: (I32, 0), 0x3007: (TIME, WHEN), 0x3008: (TIME, WHEN),
            0x300B: (BINARY, hashlib.md5(b"%d" % number).digest()),
            0x0037: (TEXT, text(f"\x01\x05Re: number {number}")),
            0x0070: (TEXT, text(f"number {number}")),
            0x0042: (TEXT, text("A. Writer")),
            0x0E04: (TEXT, text("B. Reader")),
            0x0E06: (TIME, WHEN), 0x0039: (TIME, WHEN), 0x0017: (I32, 1),
            0x0036: (I32, 0), 0x0057: (BOOL, True),
            0x1000: (TEXT, text("Text. " * (number % 9 + 1))),
            0x3FFD: (I16, 7),
        }

    def message(self, folder, number):
        props = self.basics(number, number % 2)
        if number % 3 == 1:  # by its index
            props[0x0071] = (BINARY, bytes(6) + UID + b"more!")
            props[0x3016] = (BOOL, True)
        if number % 3 == 2:  # of its own, and a status
            props[0x3013] = (BINARY, OWN_GUID)
            props[0x0E17] = (I32, 4)
            props[0x1000] = (TEXT, text("Long. " * 400))
        return self.listed(folder, 4, props, {
            RECIPIENT_TABLE: self.people(number % 3)})

    def rich(self, folder):
        props = self.basics(100, 0x11)
        props[0x0E04] = (TEXT, text("Somebody; " * 200))
        props[KEYWORDS] = (0x1000 | TEXT, several("blue", "red"))
        props[FLAG] = (I32, 1)
        props[NUMBER] = (5, struct.pack("<d", 1.5))
        props[0x6805] = (0x1003, struct.pack("<3I", 1, 2, 3))
        props[0x1013] = (BINARY, bytes(range(256)) * 100)
        subs = {RECIPIENT_TABLE: self.people(3)}
        things = [self.file(b"text"), self.file(bytes(20000)),
                  self.within(), self.ole()]
        things += [self.file(b"%d" % n) for n in range(460)]
        if self.large:
            things.append(self.file(bytes(34 << 20)))
        rows = []
        for nid, cells, pair in things:
            subs[nid] = pair
            rows.append((nid, self.take(), cells))
        subs[ATTACHMENT_TABLE] = self.make_table(forms.ATTACHMENTS,
                                                 sorted(rows))
        return self.listed(folder, 4, props, subs)

    def associated(self, folder):
        props = self.basics(200, 0x41)
        props[0x3001] = (TEXT, text("a view"))
        props[0x6805] = (0x1003, struct.pack("<2I", 1, 2))
        return self.listed(folder, 8, props, {})

    def listed(self, folder, kind, props, subs):
        """The node, and (nid, cells, subnodes) for its row."""
        nid = self.next(kind, 0x8000 if kind == 8 else 0x10000)
        values = dict(props)
        self.node(nid, *self.finish(props, subs), folder)
        layout = forms.CONTENTS if kind == 4 else forms.ASSOCIATED
        cells, more = {}, {}
        for column in layout.columns:
            own = props.get(column.tag >> 16)
            if own and own[0] == column.tag & 0xFFFF:
                cells[column.tag] = own[1]
                if isinstance(own[1], Sub):
                    large = self.next(0x1F, 0x400)
                    more[large] = (subs[own[1].nid][0], 0)
                    cells[column.tag] = Sub(large)
        cells[0x0E170003] = props.get(0x0E17, (I32, 0))[1]
        if kind == 4:
            cells[0x30130102] = conversation(
                {tag: Plain(*one) for tag, one in values.items()})
        return nid, cells, more

    def people(self, count):
        rows = []
        for number in range(count):
            row = self.take()
            rows.append((row, self.take(), {
                0x0C150003: 1, 0x0E0F000B: False, 0x0FFE0003: 6,
                0x3001001F: text(f"Person {number}"), 0x39000003: 0,
                0x3A40000B: True, 0x3002001F: text("SMTP"),
                0x3003001F: text(f"p{number}@example.org")}))
        return self.make_table(forms.RECIPIENTS, rows)

    # --- Attachments ----------------------------------------------------

    def attachment(self, props, subs, size):
        """(nid, cells, (data, sub)) of one with `size` bytes of data."""
        nid = self.next(5, 0x400)
        props.update({0x370B: (I32, 0xFFFFFFFF),
                      0x3704: (TEXT, text("file.txt")), 0x0E20: (I32, 0)})
        kinds = {I32: 4}
        props[0x0E20] = (I32, size + sum(
            kinds[kind] if kind in kinds else len(value)
            for tag, (kind, value) in props.items() if tag != 0x3701))
        pair = self.finish(props, subs)
        tags = [column.tag for column in forms.ATTACHMENTS.columns]
        return nid, {tag: props[tag >> 16][1] for tag in tags
                     if tag >> 16 in props}, pair

    def file(self, data):
        return self.attachment({0x3701: (BINARY, data), 0x3705: (I32, 1)},
                               {}, len(data))

    def within(self):
        props = self.basics(300, 1)
        subs = {RECIPIENT_TABLE: self.people(1)}
        subs[ATTACHMENT_TABLE], subs2 = None, {}
        del subs[ATTACHMENT_TABLE]
        nid = self.next(4, 0x10000)
        pair = self.finish(props, subs)
        size = props[0x0E08][1]
        subs2[nid] = pair
        return self.attachment({0x3701: (0xD, Thing(nid, size)),
                                0x3705: (I32, 5)}, subs2, size)

    def ole(self):
        nid = self.next(9, 0x400)
        data = b"OLE" * 1000
        return self.attachment(
            {0x3701: (0xD, Thing(nid, len(data))), 0x3705: (I32, 6)},
            {nid: (self.model.data(data), 0)}, len(data))


class Plain:
    """A value as `conversation` asks for it."""

    def __init__(self, kind, value):
        self.kind, self.value = kind, value
        self.size = len(value) if isinstance(value, bytes) else 4

    def bytes(self):
        return self.value

    def number(self):
        return int(self.value)


def several(*strings):
    found = [text(one) for one in strings]
    at = 4 + 4 * len(found)
    offsets = []
    for one in found:
        offsets.append(at)
        at += len(one)
    return struct.pack(f"<{len(found) + 1}I", len(found), *offsets) + \
        b"".join(found)


def make(large=False):
    return Sample(large).model


if __name__ == "__main__":
    import sys
    with open(sys.argv[1], "wb") as out:
        out.write(make("--large" in sys.argv).lay().bytes)
