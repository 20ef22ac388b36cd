"""excuses.py - why other readers find less than we do, difference by difference

Each rule is for one kind of difference of one reader, holds only for objects
that `holds` says are hit by the fault it names, and must explain exactly as
many as stated for each store. There is no rule for anything that another
reader finds and we do not.
"""

OST = "pstextractortest@outlook.com.ost"
PDF = "pstextractortestpdf@outlook.com.ost"
PST = "enron.pst"


class Rule:
    def __init__(self, reader, what, reason, holds, times):
        self.reader = reader
        self.what = what
        self.reason = reason
        self.holds = holds  # a function of an Item or a Folder
        self.times = times  # how many, by store

    def explains(self, reader, what, thing):
        return (reader, what) == (self.reader, self.what) and self.holds(thing)


# pst-extractor 1.12.0 takes a table's rows to lie in blocks of 8176 bytes
# (PSTTable7C). The pages of an Outlook 2013 store allow for larger ones, as
# the rows of its calendar have, of 340 bytes each: 24 are before the first
# 8176 bytes end, and from there on it reads amid rows and gives up.
EXTRACTOR_ROWS = 24

RULES = [
    Rule("readpst", "lacks folder",
         "readpst makes no folder when there is nothing to put in it",
         lambda folder: folder.items == 0,
         {PST: 3, OST: 45, PDF: 43}),
    Rule("readpst", "lacks attachment",
         "readpst writes an .ics of an appointment, without its attachments",
         lambda item: item.kind == "IPM.Appointment",
         {OST: 8}),
    Rule("pffexport", "lacks attachment",
         "pffexport writes no attachments of meeting requests and responses",
         lambda item: item.kind.startswith("IPM.Schedule.Meeting."),
         {OST: 9}),
    Rule("pst-extractor", "lacks item",
         "pst-extractor loses rows after the first 8176 bytes of a table",
         lambda item: item.row >= EXTRACTOR_ROWS,
         {OST: 136, PDF: 136}),
]
