"""messaging.py - the store, its folders and messages: V20 to V33"""

import hashlib

import forms
import names
from ltp import (BOOLEAN, OBJECT, ROW_ID, ROW_VERSION, FIXED, Node, Table,
                 Versions, read_pc)
from ndb import index_of, type_of
from rules import Unreadable, shown

FOLDER, SEARCH_FOLDER, MESSAGE, ATTACHMENT, ASSOCIATED = 2, 3, 4, 5, 8
ATTACHMENT_TABLE, RECIPIENT_TABLE = 0x671, 0x692
MOST = 2 ** 31 - 1  # what PidTagMessageSize and PidTagAttachSize can say
DEEPEST = 64  # of messages within messages; the writer stops long before
SUBMITTED, READ, HAS_ATTACHMENT, IS_ASSOCIATED, RESEND = 4, 1, 0x10, 0x40, 0x80

TABLES_OF = {FOLDER: (0xD, 0xE, 0xF), SEARCH_FOLDER: (6, 7, 0x10)}
ROWS_OF = {0xE: (MESSAGE, forms.CONTENTS), 0xF: (ASSOCIATED, forms.ASSOCIATED)}


def beside(nid, kind):
    return nid & ~31 | kind


class Store:
    def __init__(self, pst):
        self.pst, self.report = pst, pst.report
        self.versions = Versions(pst)
        self.named = {}  # id of 0x8000 and above: where it was first used
        self.folders = {}  # nid: its properties
        self.children = {}  # nid: rows of its hierarchy table
        self.seen = set()  # messages that a row names
        self.sized = {}  # bid of a data tree: bytes

    def node(self, nid):
        entry = self.pst.nbt[nid]
        return Node(self.pst, f"NID 0x{nid:X}", entry.data, entry.sub)

    def properties(self, node):
        found = read_pc(node)
        for tag in found:
            if tag >= 0x8000:
                self.named.setdefault(tag, node.where)
        return found

    def attempt(self, step, *args):
        """What cannot be decoded is a finding, not the end of the rest."""
        try:
            return step(*args)
        except Unreadable as error:
            self.report.unreadable(error)
            return None

    def check(self):
        for nid in sorted(self.pst.nbt):
            if type_of(nid) in (FOLDER, SEARCH_FOLDER):
                self.folders[nid] = self.attempt(self.folder_pc, nid)
        self.attempt(self.store_pc)
        self.special()
        for nid in self.folders:
            if type_of(nid) == FOLDER:
                self.folder(nid)
        self.unlisted()
        self.attempt(names.check, self.node(forms.NAMES), self.named,
                     self.report) if forms.NAMES in self.pst.nbt else None

    # --- V20, V31 ------------------------------------------------------

    def wanted(self, found, facts, where, rule="V20"):
        """Exactly these properties, with these values."""
        for tag, (kind, value) in facts.items():
            has = found.get(tag)
            if has is None:
                self.report.add(rule, where, f"no property {tag:04X}", "one")
            elif has.kind != kind:
                self.report.add(rule, f"{where}, property {tag:04X}",
                                f"type 0x{has.kind:X}", f"type 0x{kind:X}")
            elif value is not None:
                self.report.want(rule, f"{where}, property {tag:04X}",
                                 plain(has), value,
                                 "wording" if kind == forms.TEXT else "")
        for tag in set(found) - set(facts):
            self.report.add(rule, where, f"a property {tag:04X}", "none",
                            "beside")

    def special(self):
        """V20: what an empty store has, and nothing beside."""
        nbt = self.pst.nbt
        due = {forms.STORE, forms.NAMES, forms.SPAM_CRITERIA,
               forms.SPAM_CONTENTS, *forms.TABLES, *forms.QUEUES,
               *forms.BYTES, *forms.FOLDERS}
        for nid in sorted(due - set(nbt)):
            self.report.add("V20", f"NID 0x{nid:X}", "no such node", "one")
        for nid in nbt:
            kind = type_of(nid)
            ordinary = kind in (FOLDER, 0xD, 0xE, 0xF, MESSAGE, ASSOCIATED) \
                and not nid < 0x700
            if nid not in due and not ordinary and \
                    beside(nid, FOLDER) != forms.ROOT:
                self.report.add("V20", f"NID 0x{nid:X}", "a node", "none",
                                "beside")
            if kind not in (FOLDER, SEARCH_FOLDER, MESSAGE, ASSOCIATED):
                self.report.want("V20", f"NID 0x{nid:X}, nidParent",
                                 nbt[nid].parent, 0)
        for nid in due & set(nbt):
            self.attempt(self.special_node, nid)

    def special_node(self, nid):
        where, entry = f"NID 0x{nid:X}", self.pst.nbt[nid]
        if nid in forms.QUEUES:
            self.report.want("V20", f"{where}, bidData", entry.data, 0)
        if nid in forms.QUEUES or nid in forms.BYTES:
            self.report.want("V20", f"{where}, bidSub", entry.sub, 0)
        if nid in forms.BYTES:
            self.report.want("V20", where, b"".join(
                self.pst.blocks(entry.data)), forms.BYTES[nid])
        if nid in forms.TABLES:
            self.special_table(nid)
        if nid == forms.SPAM_CONTENTS:
            self.shares(nid, 0x610)
        if nid == forms.SPAM_CRITERIA:
            self.wanted(self.properties(self.node(nid)), forms.CRITERIA_PC,
                        where)
        if nid in forms.FOLDERS:
            parent, facts = forms.FOLDERS[nid]
            self.report.want("V20", f"{where}, nidParent", entry.parent,
                             parent)
            if facts is not None and self.folders[nid] is not None:
                self.wanted(self.folders[nid], facts, where)

    def shares(self, nid, template):
        """Of a table without rows: the template's own block."""
        entry, model = self.pst.nbt[nid], self.pst.nbt.get(template)
        if model and entry.data != model.data or entry.sub:
            if model and not entry.sub and self.is_next_copy(
                    entry.data, model.data):
                return
            self.report.add("V20", f"NID 0x{nid:X}",
                            f"BIDs 0x{entry.data:X}, 0x{entry.sub:X}",
                            f"that of 0x{template:X}, 0x{model.data:X}, and "
                            "no subnodes" if model else "a template")

    def is_next_copy(self, bid, first):
        """A count of references has 16 bits: past 60,000 another begins."""
        return self.pst.bbt.get(first, (0, 0, 0))[2] > 60000 and \
            self.pst.blocks(bid) == self.pst.blocks(first)

    def special_table(self, nid):
        node = self.node(nid)
        table = Table(node, forms.TABLES[nid])
        self.report.want("V20", f"{node.where}, bidSub", node.sub, 0)
        if nid == forms.RECEIVE_TABLE:
            self.receive_row(table)
        else:
            self.report.want("V20", f"{node.where}, rows", len(table.index),
                             0)
        table.close()

    def receive_row(self, table):
        table.empty = frozenset({0x001A001F})
        rows = dict(table.rows())
        for row_id, cells in rows.items():
            self.versions.row(cells, f"{table.where}, row {row_id}")
        self.report.want("V20", f"{table.where}, row ids", list(rows), [1])
        cells = rows.get(1, {})
        self.report.want("V20", f"{table.where}, row 1, cells",
                         sorted(f"{tag:08X}" for tag in cells),
                         ["001A001F", "66050003", "67F20003", "67F30003"])
        if 0x66050003 in cells:
            self.report.want("V20", f"{table.where}, row 1, cell 6605",
                             cells[0x66050003].number(), forms.ROOT)
        if 0x001A001F in cells:
            self.report.want("V20", f"{table.where}, row 1, cell 001A",
                             cells[0x001A001F].size, 0)

    def store_pc(self):
        if forms.STORE not in self.pst.nbt:
            return
        node = self.node(forms.STORE)
        found = self.properties(node)
        self.wanted(found, forms.STORE_PC, node.where)
        node.close()
        replica = found.get(0x0E34)
        if replica:
            raw = replica.bytes()
            self.report.want("V20", f"{node.where}, property 0E34",
                             (len(raw), raw[:4], raw[20:]),
                             (24, b"\1\0\0\0", b"\1\0\0\0"))
        uid = found[0x0FF9].bytes() if 0x0FF9 in found else b""
        self.report.want("V31", f"{node.where}, bytes of the UID, 0FF9",
                         len(uid), 16)
        mask = found[0x35DF].number() if 0x35DF in found else 0
        for bit, tag, nid in forms.ENTRY_IDS:
            where = f"{node.where}, property {tag:04X}"
            if bool(mask & bit) != (tag in found):
                self.report.add("V31", where, f"35DF is 0x{mask:X}",
                                f"bit 0x{bit:X} set, and this there")
            if tag in found:
                self.report.want("V31", where, found[tag].bytes(),
                                 bytes(4) + uid + nid.to_bytes(4, "little"))
                if nid not in self.pst.nbt:
                    self.report.add("V31", where, f"NID 0x{nid:X}",
                                    "a folder that is there")

    # --- V21, V22 ------------------------------------------------------

    def folder_pc(self, nid):
        node = self.node(nid)
        found = self.properties(node)
        node.close()
        for tag in set(found) - forms.FOLDER_IDS:
            self.report.add("V21", node.where, f"a property {tag:04X}",
                            "none", "beside")
        return found

    def folder(self, nid):
        where = f"NID 0x{nid:X}"
        for kind in TABLES_OF[FOLDER]:
            if beside(nid, kind) not in self.pst.nbt:
                self.report.add("V21", where,
                                f"no node 0x{beside(nid, kind):X}", "one")
        self.parents(nid)
        rows = self.attempt(self.hierarchy, nid) or 0
        contents = self.attempt(self.listed, nid, 0xE) or (0, 0)
        self.attempt(self.listed, nid, 0xF)
        found = self.folders[nid]
        if found is None:
            return
        for tag, kind, true in ((0x3602, 3, contents[0]),
                                (0x3603, 3, contents[1]),
                                (0x360A, BOOLEAN, bool(rows))):
            name = f"{where}, property {tag:04X}"
            if tag not in found or found[tag].kind != kind:
                self.report.add("V22", name, "not there, or of another type",
                                shown(true))
            else:
                self.report.want("V22", name, plain(found[tag]), true)

    def parents(self, nid):
        """Up to the root, without a circle."""
        where, seen, at = f"NID 0x{nid:X}, nidParent", set(), nid
        parent = self.pst.nbt[nid].parent
        if type_of(parent) != FOLDER or parent not in self.pst.nbt:
            self.report.add("V21", where, f"0x{parent:X}",
                            "a folder that is there")
            return
        while at != forms.ROOT and at in self.pst.nbt:
            if at in seen:
                self.report.add("V21", where, "a circle", "a way to the root")
                return
            seen.add(at)
            at = self.pst.nbt[at].parent

    def table(self, nid, layout):
        if nid not in self.pst.nbt:
            return None
        return Table(self.node(nid), layout)

    def hierarchy(self, nid):
        """The rows of the folders within; returns how many."""
        table = self.table(beside(nid, 0xD), forms.HIERARCHY)
        if table is None:
            return 0
        if nid == forms.ROOT:
            self.report.want("V20", f"{table.where}, rows",
                             [f"0x{row:X}" for row, _ in table.index],
                             [f"0x{row:X}" for row in forms.ROOT_ROWS])
        for child, cells in table.rows():
            where = f"{table.where}, row 0x{child:X}"
            self.versions.row(cells, where)
            self.children.setdefault(child, []).append(nid)
            if child not in self.folders:
                self.report.add("V21", where, "no such folder", "a folder")
                continue
            self.report.want("V21", f"{where}, nidParent of it",
                             self.pst.nbt[child].parent, nid)
            if self.folders[child] is not None:
                self.compare("V21", table, cells, self.folders[child], where)
        self.empty_is_shared(table, beside(nid, 0xD), 0x60D)
        table.close()
        return len(table.index)

    def empty_is_shared(self, table, nid, template):
        if not table.index:
            self.shares(nid, template)

    def compare(self, rule, table, cells, found, where, computed=None):
        """Each cell is set exactly when the property is, and is as it."""
        for column in table.columns:
            tag = column.tag
            if tag in (ROW_ID, ROW_VERSION) or tag in (computed or ()):
                continue
            has = found.get(tag >> 16)
            if has is not None and has.kind != tag & 0xFFFF:
                has = None
            if has is not None and has.kind == 0x1F and not has.size and \
                    tag >> 16 not in (0x0037, 0x0042, 0x0070):
                has = None
            self.compare_cell(rule, cells.get(tag), has,
                              f"{where}, cell {tag:08X}")

    def compare_cell(self, rule, cell, has, where):
        clause = "0E08" if "0E080003" in where else ""
        if cell is None and has is not None:
            self.report.add(rule, where, "no cell", has, clause)
        elif has is None and cell is not None:
            self.report.add(rule, where, cell, "no cell, for there is no "
                            "such property", clause)
        elif cell is not None and not cell.same(has):
            self.report.add(rule, where, cell, has, clause)
        elif cell is not None and cell.bid and cell.bid != has.bid:
            self.report.add("V32", where, f"BID 0x{cell.bid:X}, a copy",
                            f"0x{has.bid:X}, the message's own")

    # --- V23 and on: messages ------------------------------------------

    def listed(self, nid, kind):
        """A contents or FAI table; returns (rows, unread)."""
        message, layout = ROWS_OF[kind]
        table = self.table(beside(nid, kind), layout)
        if table is None:
            return 0, 0
        unread = 0
        for row_id, cells in table.rows():
            where = f"{table.where}, row 0x{row_id:X}"
            self.versions.row(cells, where)
            flags = cells.get(0x0E070003)
            unread += not (flags is not None and flags.number() & READ)
            if type_of(row_id) != message or row_id not in self.pst.nbt:
                self.report.add("V23", where, "no such message", "a message")
                continue
            self.report.want("V23", f"{where}, nidParent of it",
                             self.pst.nbt[row_id].parent, nid)
            if row_id in self.seen:
                self.report.add("V23", where, "a second row", "one row")
                continue
            self.seen.add(row_id)
            found = self.attempt(self.message, self.node(row_id), kind == 0xF)
            if found:
                self.row_of(table, cells, found, where)
        self.empty_is_shared(table, beside(nid, kind),
                             0x60E if kind == 0xE else 0x60F)
        table.close()
        return len(table.index), unread

    def row_of(self, table, cells, found, where):
        """V24"""
        computed = {0x0E170003, 0x30130102}
        self.compare("V24", table, cells, found, where, computed)
        status = cells.get(0x0E170003)
        has = found.get(0x0E17)
        self.report.want("V24", f"{where}, cell 0E170003",
                         status.number() if status else None,
                         has.number() if has else 0)
        if any(column.tag == 0x30130102 for column in table.columns):
            cell = cells.get(0x30130102)
            self.report.want("V24", f"{where}, cell 30130102",
                             cell.bytes() if cell else None,
                             conversation(found))

    def unlisted(self):
        for nid in self.folders:
            if nid != forms.ROOT and len(self.children.get(nid, [])) != 1:
                self.report.add("V21", f"NID 0x{nid:X}",
                                f"{len(self.children.get(nid, []))} rows in "
                                "hierarchy tables", "1")
            if type_of(nid) == SEARCH_FOLDER:
                for kind in TABLES_OF[SEARCH_FOLDER]:
                    if beside(nid, kind) not in self.pst.nbt:
                        self.report.add("V21", f"NID 0x{nid:X}", "no node "
                                        f"0x{beside(nid, kind):X}", "one")
        for nid in self.pst.nbt:
            kind = type_of(nid)
            if kind in (MESSAGE, ASSOCIATED) and nid not in self.seen:
                self.report.add("V23", f"NID 0x{nid:X}", "no row names it",
                                "a row of its folder")
                self.attempt(self.message, self.node(nid), kind == ASSOCIATED)
            if kind in (0xD, 0xE, 0xF) and nid not in forms.TABLES and \
                    beside(nid, FOLDER) not in self.folders:
                self.report.add("V21", f"NID 0x{nid:X}", "a table of no "
                                f"folder 0x{beside(nid, FOLDER):X}", "none")

    def message(self, node, associated=False, depth=0):
        """A message and all within; returns its properties."""
        if depth > DEEPEST:
            raise Unreadable("V16", node.where, f"{depth} messages deep",
                             f"at most {DEEPEST}")
        found = self.properties(node)
        attachments = self.attachments(node, depth)
        self.recipients(node, associated)
        self.rules_of_content(node.where, found, depth)
        self.flags(node.where, found, associated, attachments)
        size = found.get(0x0E08)
        if size is not None and size.kind == 3:
            self.report.want("V25", f"{node.where}, property 0E08",
                             size.number(),
                             min(MOST, self.data_bytes(node.data, node.sub)))
        node.close()
        return found

    def data_bytes(self, data, sub, depth=0):
        """Of all data blocks, at every depth."""
        if depth > 2 * DEEPEST:
            raise Unreadable("V11", f"BID 0x{sub:X}", "subnodes without end",
                             f"at most {2 * DEEPEST} levels")
        if data not in self.sized:
            self.sized[data] = self.pst.length(data)
        return self.sized[data] + sum(
            self.data_bytes(*pair, depth + 1)
            for pair in self.pst.subnodes(sub).values())

    def rules_of_content(self, where, found, depth):
        """V29"""
        for tag in forms.REQUIRED if not depth else forms.REQUIRED[:3]:
            if tag not in found:
                self.report.add("V29", where, f"no property {tag:04X}", "one")
        left = [tag for tag in found if tag in forms.LEFT_OUT]
        left += [tag for tag in forms.NOT_EMPTY
                 if tag in found and not found[tag].size]
        if 0x0E17 in found and not found[0x0E17].number():
            left.append(0x0E17)
        if 0x3013 in found:
            rest = {tag: value for tag, value in found.items()
                    if tag != 0x3013}
            if conversation(rest) == found[0x3013].bytes():
                left.append(0x3013)
        for tag in left:
            self.report.add("V29", where, f"property {tag:04X}, "
                            f"{found[tag]}", "left out", "left out")

    def flags(self, where, found, associated, attachments):
        """V33"""
        if 0x0E07 not in found or found[0x0E07].kind != 3:
            return
        flags = found[0x0E07].number()
        for bits, wrong, clause in (
                (HAS_ATTACHMENT, flags & HAS_ATTACHMENT and not attachments,
                 ""),
                (IS_ASSOCIATED, bool(flags & IS_ASSOCIATED) != associated,
                 ""),
                (SUBMITTED | RESEND, flags & (SUBMITTED | RESEND),
                 "to be sent")):
            if wrong:
                self.report.add("V33", f"{where}, property 0E07",
                                f"0x{flags:X}", f"not bit 0x{bits:X}"
                                if flags & bits else f"bit 0x{bits:X}",
                                clause)

    # --- V26 to V28 ----------------------------------------------------

    def attachments(self, node, depth):
        """Returns how many there are."""
        present = {nid for nid in node.subs if type_of(nid) == ATTACHMENT}
        where = f"{node.where}, attachment table"
        if ATTACHMENT_TABLE not in node.subs:
            for nid in present:
                self.attachment(node, nid, depth)
            if present:
                self.report.add("V27", where, "not there", "one")
            return len(present)
        table = self.attempt(self.attachment_table, node)
        rows = dict(table.rows()) if table else {}
        if not present:
            self.report.add("V27", where, "there, without attachments",
                            "none")
        for nid in sorted(present | set(rows)):
            cells = rows.get(nid)
            if cells is None:
                self.report.add("V27", where, f"no row of 0x{nid:X}", "one")
            else:
                self.versions.row(cells, f"{where}, row 0x{nid:X}")
            found = self.attempt(self.attachment, node, nid, depth)
            if cells is not None and found is not None:
                self.compare("V27", table, cells, found,
                             f"{where}, row 0x{nid:X}")
        if table:
            table.close()
        return len(present)

    def attachment_table(self, node):
        return Table(node.child(ATTACHMENT_TABLE, "V27"), forms.ATTACHMENTS)

    def attachment(self, node, nid, depth):
        child = node.child(nid, "V27")
        found = self.properties(child)
        for tag in (0x370B, 0x3705, 0x0E20):
            if tag not in found or found[tag].kind != 3:
                self.report.add("V27", child.where,
                                f"no property {tag:04X}:0003", "one")
        if 0x0E21 in found:
            self.report.add("V27", child.where, "a property 0E21", "none",
                            "left out")
        if 0x0E20 in found:
            self.report.want("V26", f"{child.where}, property 0E20",
                             found[0x0E20].number(), attach_size(found))
        thing = found.get(0x3701)
        if thing is not None and thing.kind == OBJECT and \
                type_of(thing.nid) == MESSAGE:
            self.embedded(child, thing, depth)
        child.close()
        return found

    def embedded(self, child, thing, depth):
        data, sub = child.subs[thing.nid]
        inner = Node(self.pst, f"{child.where}, message 0x{thing.nid:X}",
                     data, sub)
        found = self.attempt(lambda: self.message(inner, depth=depth + 1))
        if found and 0x0E08 in found:
            self.report.want("V16", f"{child.where}, size of 0x"
                             f"{thing.nid:X}", thing.object_size,
                             found[0x0E08].number())

    def recipients(self, node, associated):
        where = f"{node.where}, recipient table"
        if RECIPIENT_TABLE not in node.subs:
            if not associated:
                self.report.add("V28", where, "not there", "one", "absent")
            return
        table = self.attempt(lambda: Table(node.child(RECIPIENT_TABLE, "V28"),
                                           forms.RECIPIENTS, extra=True))
        if table is None:
            return
        for column in table.columns:
            if column.tag >= 0x80000000:
                self.named.setdefault(column.tag >> 16, table.where)
        for row_id, cells in table.rows():
            row = f"{where}, row 0x{row_id:X}"
            self.versions.take(row_id, row, "recipient ids")
            self.versions.row(cells, row)
            for tag in forms.RECIPIENT_CELLS:
                if tag not in cells:
                    self.report.add("V28", row, f"no cell {tag:08X}", "one",
                                    "cells")
        table.close()


def plain(value):
    """A property as forms.py says it."""
    if value.kind == BOOLEAN:
        return bool(value.number())
    if value.kind == forms.TEXT:
        return value.bytes().decode("utf-16-le", "replace")
    if value.kind in FIXED:
        return value.number()
    return value.bytes()


def attach_size(found):
    """V26: all values; an object by its size, and a truth value by one."""
    total = 0
    for value in found.values():
        total += value.object_size if value.object_size is not None \
            else value.size
    return min(MOST, total)


def upper(unit):
    """One UTF-16 unit by itself, as Windows does it."""
    changed = chr(unit).upper()
    if len(changed) != 1:
        changed = chr(unit).title()
    return ord(changed) if len(changed) == 1 and ord(changed) < 0x10000 \
        else unit


def conversation(found):
    """PidTagConversationId of the row, or None."""
    own = found.get(0x3013)
    if own is not None and own.kind == 0x102 and own.size == 16:
        return own.bytes()
    index, tracking = found.get(0x0071), found.get(0x3016)
    if tracking is not None and tracking.kind == BOOLEAN and \
            tracking.number() and index is not None and index.size >= 22:
        return index.bytes()[6:22]
    topic = found.get(0x0070)
    if topic is None or topic.kind != forms.TEXT or not topic.size:
        return None
    text = topic.bytes()[:2 * 255]
    units = [int.from_bytes(text[at:at + 2], "little")
             for at in range(0, len(text) // 2 * 2, 2)]
    return hashlib.md5(b"".join(upper(unit).to_bytes(2, "little")
                                for unit in units)).digest()


def check(pst):
    Store(pst).check()
