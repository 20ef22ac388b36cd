"""forms.py - what an empty store has: table layouts, nodes, properties

Facts of files that Outlook wrote; where those and [MS-PST] differ, the files
are followed.
"""

import collections

Layout = collections.namedtuple("Layout", "columns ends")
Column = collections.namedtuple("Column", "tag at bit")


def layout(ends, text):
    """Columns in the order of their bits, each TAG:TYPE@OFFSET."""
    columns = []
    for bit, one in enumerate(text.split()):
        tag, at = one.split("@")
        columns.append(Column(int(tag.replace(":", ""), 16), int(at), bit))
    return Layout(columns, ends)


HIERARCHY = layout((52, 52, 53, 55), """
    67F2:0003@0 67F3:0003@4 3001:001F@8 3602:0003@12 3603:0003@16
    360A:000B@52 0E30:0102@20 0E33:0014@24 0E34:0102@32 0E38:0003@36
    3613:001F@40 6635:0003@44 6636:0003@48""")
CONTENTS = layout((120, 120, 122, 126), """
    67F2:0003@0 67F3:0003@4 0E17:0003@8 001A:001F@12 0E07:0003@16
    0017:0003@20 0042:001F@24 0037:001F@28 0E06:0040@32 0039:0040@40
    0E08:0003@48 0E04:001F@52 0E03:001F@56 0057:000B@120 0058:000B@121
    0036:0003@60 1097:0003@64 0070:001F@68 0071:0102@72 3013:0102@76
    65C6:0003@80 3008:0040@84 0E30:0102@92 0E33:0014@96 0E34:0102@104
    0E3D:0102@108 0E3C:0102@112 0E38:0003@116""")
ASSOCIATED = layout((56, 56, 57, 59), """
    67F2:0003@0 67F3:0003@4 0E17:0003@8 001A:001F@12 0E07:0003@16
    3001:001F@20 7003:0003@24 7004:0102@28 7005:0102@32 7006:001F@36
    7007:0003@40 6800:001F@44 6803:000B@56 6805:1003@48 682F:001F@52""")
SEARCH = layout((72, 72, 75, 78), """
    67F2:0003@0 67F3:0003@4 67F1:0003@8 0E05:001F@12 0E17:0003@16
    001A:001F@20 0E07:0003@24 0017:0003@28 0042:001F@32 0037:001F@36
    0E06:0040@40 0E08:0003@48 0E04:001F@52 0E03:001F@56 0057:000B@72
    0058:000B@73 0036:0003@60 0E2A:000B@74 3008:0040@64""")
RECIPIENTS = layout((48, 48, 50, 52), """
    67F2:0003@0 67F3:0003@4 0E0F:000B@48 3002:001F@8 3003:001F@12
    0FFF:0102@16 3001:001F@20 0C15:0003@24 300B:0102@28 0FF9:0102@32
    0FFE:0003@36 3900:0003@40 3A40:000B@49 39FF:001F@44""")
ATTACHMENTS = layout((24, 24, 24, 25), """
    67F2:0003@0 67F3:0003@4 370B:0003@8 0E20:0003@12 3705:0003@16
    3704:001F@20""")
CHANGES = layout((24, 24, 24, 25), """
    67F2:0003@0 67F3:0003@4 0E33:0014@8 0E37:0102@16 0E38:0003@20""")
REPLICATION = layout((40, 40, 40, 42), """
    67F2:0003@0 67F3:0003@4 0E3E:0102@8 0E31:0102@12 0E30:0102@16
    0E38:0003@20 0E34:0102@24 0E33:0014@28 001A:001F@36""")
TRACKING = layout((24, 24, 24, 25), """
    67F2:0003@0 67F3:0003@4 3007:0040@8 0E33:0014@16""")
RECEIVE = layout((16, 16, 16, 17), """
    67F2:0003@0 67F3:0003@4 6605:0003@8 001A:001F@12""")
OUTGOING = layout((24, 24, 24, 25), """
    67F2:0003@0 67F3:0003@4 0E14:0003@8 0E10:0003@12 0039:0040@16""")

STORE, NAMES, ROOT, ID_MAP, ACTIVITY = 0x21, 0x61, 0x122, 0xC01, 0x201
SPAM, SPAM_QUEUE, SPAM_CRITERIA, SPAM_CONTENTS = 0x2223, 0x2226, 0x2227, 0x2230
TOP, SEARCH_ROOT, DELETED, VIEWS = 0x8022, 0x8042, 0x8062, 0x8082
RECEIVE_TABLE = 0x62B

# Tables of the store: never with a row, but for the receive folder table.
TABLES = {0x60D: HIERARCHY, 0x60E: CONTENTS, 0x60F: ASSOCIATED,
          0x610: SEARCH, RECEIVE_TABLE: RECEIVE, 0x64C: OUTGOING,
          0x671: ATTACHMENTS, 0x692: RECIPIENTS, 0x6B6: CHANGES,
          0x6D7: REPLICATION, 0x6F8: TRACKING}
# Search and change queues, empty: both BIDs are 0.
QUEUES = (0x1E1, 0x261, 0xE41, 0xEC1, 0xF21, SPAM_QUEUE)
# Nodes whose bytes are all there is to say.
BYTES = {
    ACTIVITY: SPAM.to_bytes(4, "little"),
    ID_MAP: bytes.fromhex("1800EC9C2000000000000000 40000000"
                          "B510040000000000 0200 0000 0C00 1000 1800"),
}
# Folders of every store: parent, and the properties they have.
I32, BOOL, TEXT, BINARY = 3, 0xB, 0x1F, 0x102
COUNTS = {0x3602: (I32, 0), 0x3603: (I32, 0)}


def folder(name, subfolders):
    return {0x3001: (TEXT, name), 0x360A: (BOOL, subfolders), **COUNTS}


FOLDERS = {
    ROOT: (ROOT, folder("", True)),
    SPAM: (ROOT, folder("SPAM Search Folder 2", False)),
    TOP: (ROOT, {**folder("Top of Outlook data file", None),
                 0x3602: (I32, None), 0x3603: (I32, None)}),
    SEARCH_ROOT: (ROOT, folder("Search Root", False)),
    DELETED: (TOP, None),  # as any folder, for it may hold what it held
    VIEWS: (ROOT, folder("IPM_COMMON_VIEWS", False)),
}
ROOT_ROWS = [SPAM, TOP, SEARCH_ROOT, VIEWS]
# The store itself; None: anything of this type, judged elsewhere.
STORE_PC = {
    0x0E34: (BINARY, None), 0x0E38: (I32, 0), 0x0FF9: (BINARY, None),
    0x3001: (TEXT, None), 0x35DF: (I32, 0xC9), 0x35E0: (BINARY, None),
    0x35E3: (BINARY, None), 0x35E6: (BINARY, None), 0x35E7: (BINARY, None),
    0x6633: (BOOL, True), 0x66FA: (I32, 0xE0011), 0x67FF: (I32, 0),
}
# Bit of 35DF, entry id, folder.
ENTRY_IDS = [(0x1, 0x35E0, TOP), (0x8, 0x35E3, DELETED),
             (0x40, 0x35E6, VIEWS), (0x80, 0x35E7, SEARCH_ROOT)]
CRITERIA_PC = {0x660B: (I32, 0)}

# What a folder may have: all else is about a server, a profile, a machine.
FOLDER_IDS = {0x3001, 0x3004, 0x3007, 0x3008, 0x3602, 0x3603, 0x360A, 0x3613,
              0x36DA, 0x36DE, 0x10F4}
# What a message has, and what was of the old store.
REQUIRED = (0x001A, 0x0E07, 0x0E08, 0x3007, 0x3008, 0x300B)
LEFT_OUT = {
    0x67E2, *range(0x67F0, 0x6800), 0x6743, *range(0x6748, 0x674F),
    0x6614, 0x6617, 0x661A, 0x661B, 0x661C, 0x661F, 0x6620, 0x6638, 0x6639,
    0x65E0, 0x65E1, 0x6612, 0x6622, 0x6623, 0x6628,
    0x0E30, 0x0E31, 0x0E33, 0x0E34, 0x0E37, 0x0E38, 0x0E3C, 0x0E3D, 0x0E3E,
    0x0FF4, *range(0x0FF7, 0x0FFC), 0x0FFE, 0x0FFF, 0x0E09, 0x0E12, 0x0E13,
    0x0E1B, 0x340D, 0x3414, 0x3415, 0x3416, 0x0E0A, 0x0E0B,
}
# Never there when empty: to whom it was shown.
NOT_EMPTY = (0x0E02, 0x0E03, 0x0E04)
RECIPIENT_CELLS = (0x0C150003, 0x0E0F000B, 0x0FFE0003, 0x3001001F,
                   0x39000003, 0x3A40000B)
