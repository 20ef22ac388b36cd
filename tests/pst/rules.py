"""rules.py - the rules that a PST is judged by, and what was found"""

RULES = {
    "V1": "the header's fields and both CRCs",
    "V2": "the file's length is whole regions; ibFileEof, ibAMapLast",
    "V3": "each map page at its place, sealed, and none elsewhere",
    "V4": "PMap and FPMap all ones; FMap and rgbFM as the AMaps' free runs",
    "V5": "AMap bits are what pages and blocks take; no overlap; cbAMapFree",
    "V6": "the density list: empty, sealed, at 0x4200",
    "V7": "B-tree pages: trailer, place, counts, levels, keys, packed",
    "V8": "blocks: place, padding, trailer, signature, CRC, size",
    "V9": "cRef is the references and one; no orphan, none missing",
    "V10": "XBLOCK, XXBLOCK: level, count, totals, full leaves",
    "V11": "SLBLOCK, SIBLOCK: level, count, order, first keys",
    "V12": "NIDs unique; bidNextB, bidNextP, rgnid above what is in use",
    "V13": "heap: signature, headers, page map, fill levels",
    "V14": "heap items: at most 3580 bytes, each referenced once",
    "V15": "B-tree on a heap: header, order, first keys, levels",
    "V16": "property context: root, types, sizes, subnodes used once",
    "V17": "table context: columns, layout, row index, whole rows",
    "V18": "PidTagLtpRowVer unique in the file and below dwUnique",
    "V19": "no cell with an empty string, but where Outlook has them",
    "V20": "every node of an empty store, with its values, and no other",
    "V21": "folders: four nodes, one row with the parent, row as the folder",
    "V22": "PidTagContentCount, ContentUnreadCount, Subfolders are true",
    "V23": "each message in one row, of its parent; each row has its message",
    "V24": "contents row as the message, cell by cell; 0E17, 3013",
    "V25": "PidTagMessageSize is the sum of the message's data blocks",
    "V26": "PidTagAttachSize is the sum of the attachment's values",
    "V27": "attachment table as the attachments; 370B, 3705, 0E20 there",
    "V28": "recipient table there, with the cells it needs",
    "V29": "messages have what each must have, and nothing of the old store",
    "V30": "name map: streams, buckets, every named property that is used",
    "V31": "entry ids of the store: UID, existing folders, 35DF",
    "V32": "large cells are the message's own block",
    "V33": "message flags: attachments, associated, nothing to be sent",
    "V34": "strings: whole UTF-16 units, no NUL at the end",
}

# What the files that Outlook itself wrote do not keep: (rule, clause, why). A
# clause is the name that a finding carries; "" is the whole rule.
OUTLOOK = [
    ("V1", "reserved", "Outlook has bytes of its own at 16-23 and 528-530"),
    ("V4", "", "Outlook lets the FMap and rgbFM go stale"),
    ("V5", "pages set aside",
     "older Outlooks set space aside for pages: exactly cbPMapFree"),
    ("V6", "entries", "a density list that is in use has entries"),
    ("V7", "packed", "a tree that was changed has pages that are not full"),
    ("V8", "padding", "what is between data and trailer is not cleared"),
    ("V9", "orphan", "testPST.pst has two blocks that nothing refers to"),
    ("V10", "needless", "a value that shrank may keep its XBLOCK"),
    ("V12", "above", "counters stay where deleted items were"),
    ("V13", "zero items", "Outlook frees items and keeps their places"),
    ("V14", "unused", "items that nothing refers to are left from changes"),
    ("V16", "unused subnode",
     "Outlook_1.pst has a subnode that nothing refers to"),
    ("V16", "string8", "some properties are 8-bit strings even in Unicode"),
    ("V18", "recipient ids", "only counted for row versions, in their files"),
    ("V20", "beside", "Outlook has an index of messages and search state"),
    ("V20", "wording", "folder names are in the user's language"),
    ("V21", "beside", "folders hold view state, sync keys, entry ids"),
    ("V24", "0E08", "submessage.pst has one size that differs from its row"),
    ("V25", "", "items of older Outlooks have other sizes (20 of 26)"),
    ("V28", "absent", "Outlook makes no recipient table for a contact"),
    ("V28", "cells", "two recipients of a real OST lack 0E0F and 3A40"),
    ("V29", "left out", "that is of the old store; this is its own"),
    ("V30", "padding", "what is between two names is not cleared"),
    ("V33", "to be sent", "a draft or an outbox may be there"),
    ("V34", "NUL", "some senders' programs leave one, and it is kept"),
]


def excused(rule, clause):
    return any(row[0] == rule and row[1] in ("", clause) for row in OUTLOOK)


class Unreadable(Exception):
    """There is nothing to decode; says by which rule, where, and why."""

    def __init__(self, rule, where, found, wanted):
        super().__init__(f"{where}: {found}")
        self.finding = (rule, where, found, wanted)


class Report:
    def __init__(self, outlook=False):
        self.outlook = outlook
        self.findings = {}  # in the order they were made; a set would not

    def add(self, rule, where, found, wanted, clause=""):
        if not (self.outlook and excused(rule, clause)):
            self.findings[rule, where, str(found), str(wanted)] = None

    def unreadable(self, error):
        self.add(*error.finding)

    def want(self, rule, where, found, wanted, clause=""):
        """One fact; returns whether it holds."""
        if found == wanted:
            return True
        self.add(rule, where, shown(found), shown(wanted), clause)
        return False

    def of(self, rules):
        return [f for f in self.findings if f[0] in rules]


def shown(value):
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, int):
        return f"{value} (0x{value:X})" if value > 9 else str(value)
    if isinstance(value, (bytes, bytearray, memoryview)):
        value = bytes(value)
        more = f" ... ({len(value)} bytes)" if len(value) > 40 else ""
        return value[:40].hex(" ") + more or "nothing"
    return str(value)
