#!/usr/bin/env python3
"""table.py - how much of what is in a store do three readers keep?

    table.py count OSTCAT STORE DIR MAILBOX
    table.py print COUNTS... [-- COUNTS...]

`count' prints, as JSON, the counts for a store; DIR holds what the readers
made of it, as for peers/compare.py, of which this uses the pairing of items.
`print' adds up such files and prints the rows of the table in EVIDENCE.md;
after -- are the stores to take what the first ones have none of from.

Each row counts what the properties of the store say there is, and of that
what is in the files of a reader, told by truth.py and kept.py. For each
reader its best is counted: attachments are looked for inside mails and
beside them, facts in mails as well as in pffexport's sheets.
"""

import itertools
import json
import multiprocessing.pool
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "peers"))

import compare  # noqa: E402
import kept as files  # noqa: E402
import truth  # noqa: E402

READERS = ("ostfs", "readpst", "pffexport")


# --- the rows: of an item, how many there are, and how many were kept -----


def mails(item, kept):
    return item.is_mail, kept.kind == "eml"


def clean_mails(item, kept):
    return item.is_mail, kept.kind == "eml" and not kept.defects


def subjects(item, kept):
    wanted = files.squeezed(item.subject)
    return (bool(wanted) and (item.is_mail or item.kind == "IPM.Appointment"),
            kept.subject == wanted)


def dates(item, kept):
    return item.is_mail and item.when is not None, kept.when == item.when


def file_times(item, kept):
    """To the minute: delivery comes after submission."""
    if not item.is_mail or item.when is None or kept.mtime is None:
        return item.is_mail and item.when is not None, False
    return True, abs(kept.mtime - item.when) < 60


def senders(item, kept):
    return item.is_mail and bool(item.sender), bool(item.sender & kept.sender)


def recipients(item, kept):
    wanted = item.recipients if item.is_mail else set()
    return len(wanted), len(wanted & kept.recipients)


def plain_recipients(item, kept):
    return (0, 0) if item.fields else recipients(item, kept)


def identity(tag, name):
    def row(item, kept):
        wanted = "".join(item.props.texts(tag)) if item.is_mail else ""
        return bool(wanted), files.squeezed(wanted) == kept.ids.get(name)
    return row


def transport(item, kept):
    wanted = item.fields if item.is_mail else []
    return len(wanted), sum(field in kept.fields for field in wanted)


def pages(item, kept):
    wanted = item.is_mail and item.html
    texts = (text if isinstance(text, str) else item.decoded(text)
             for text in kept.html)
    return bool(wanted), wanted and files.shown(wanted) in map(
        files.shown, texts)


def rich_text(item, kept):
    """A word of the RTF that is in the text; the shell has none."""
    wanted = item.is_mail and item.rtf_only and item.rtf_word
    return bool(wanted), wanted and wanted in kept.text


def rich_page(item, kept):
    """The same word in HTML, which the shell has not either."""
    wanted = item.is_mail and item.rtf_only and item.rtf_word
    return bool(wanted), wanted and any(
        wanted in (text if isinstance(text, str) else item.decoded(text))
        for text in kept.html)


def inline(item, kept):
    return len(item.inline), len(item.inline & kept.inline)


def attachments(item, kept):
    return (item.attachments.total(),
            (item.attachments & kept.attachments).total())


def embedded(item, kept):
    return len(item.embedded), sum(s in kept.embedded for s in item.embedded)


def read_state(item, kept):
    return item.is_mail, {"read"} & item.states == {"read"} & kept.states


def other_states(item, kept):
    wanted = item.states - {"read"} if item.is_mail else set()
    return len(wanted), len(wanted & kept.states)


def categories(item, kept):
    return len(item.categories), sum(c in kept.categories
                                     for c in item.categories)


def meetings(item, kept):
    return item.kind.startswith("IPM.Schedule.Meeting."), kept.calendar


def appointments(item, kept):
    return item.kind == "IPM.Appointment", kept.kind == "ics"


def whole_days(item, kept):
    day = item.kind == "IPM.Appointment" and item.day()
    return bool(day), kept.day == day


def series(item, kept):
    rule = item.kind == "IPM.Appointment" and item.rule()
    return bool(rule), bool(rule) and kept.rule is not None and (
        {k: kept.rule.get(k) for k in ("FREQ", "COUNT")} ==
        {k: rule.get(k) for k in ("FREQ", "COUNT")})


def zones(item, kept):
    return (item.kind == "IPM.Appointment" and item.in_a_zone(), kept.zoned)


def files_of(prefix):
    """By their number: who writes any writes all."""
    return lambda item, kept: (item.kind.startswith(prefix), False)


ROWS = [
    ("mails, as files that mail programs open", mails),
    ("... in which a parser finds no fault", clean_mails),
    ("subjects of mails and appointments", subjects),
    ("dates of mails", dates),
    ("... as the time of the file", file_times),
    ("addresses of authors, where the store has them", senders),
    ("addresses of recipients, where the store has them", recipients),
    ("... in mails without transport headers", plain_recipients),
    ("Message-IDs", identity(0x1035, "message-id")),
    ("In-Reply-To", identity(0x1042, "in-reply-to")),
    ("References", identity(0x1039, "references")),
    ("fields of transport headers, byte for byte", transport),
    ("HTML bodies", pages),
    ("bodies in RTF only, as text", rich_text),
    ("... as HTML", rich_page),
    ("pictures that the HTML shows, beside it", inline),
    ("attachments, byte for byte", attachments),
    ("mails attached to mails, readable", embedded),
    ("read or unread", read_state),
    ("answered, forwarded, flagged", other_states),
    ("categories", categories),
    ("meeting mail with its calendar part", meetings),
    ("appointments, as .ics", appointments),
    ("... all-day ones, on their day", whole_days),
    ("... series, with their rule", series),
    ("... series, in their time zone", zones),
    ("contacts, as .vcf", files_of("IPM.Contact")),
    ("tasks, as .ics", files_of("IPM.Task")),
    ("notes, as text", files_of("IPM.StickyNote")),
]

# Of those that are counted by their number, the folder and the suffix.
NUMBERED = {
    "contacts, as .vcf": ("Contacts", ".vcf"),
    "tasks, as .ics": ("Tasks", ".ics"),
    "notes, as text": ("Notes", ".txt"),
}


# --- counting -------------------------------------------------------------


def find_rtf_word(item, path):
    """From the RTF as pffexport writes it; the longest word outside marks."""
    text = files.read(os.path.join(path, "Message.rtf"))
    text = re.sub(r"(?s)\{\\(\*|fonttbl|colortbl|stylesheet|info).*?\}+", " ",
                  text)
    text = re.sub(r"\\'[0-9a-f]{2}|\\[a-z]+-?\d* ?|[{}]", " ", text)
    found = re.findall(r"(?<!\S)[A-Za-z]{4,}(?!\S)", text)
    item.rtf_word = max(found, key=len, default="")


def number_of(reader, top, folder, suffix):
    """Of files; pffexport makes a directory of an item."""
    found = {root if reader == "pffexport" else os.path.join(root, name)
             for root, _, names in os.walk(top)
             if folder in root.split(os.sep)
             for name in names if name.endswith(suffix)}
    return len(found)


def count(ostcat, store, made, mailbox):
    whole = os.path.join(made, "whole")
    ours = compare.read_ours(whole)
    sheets = compare.read_pffexport(os.path.join(made, "pffexport"))
    theirs = compare.read_readpst(os.path.join(made, "readpst"),
                                  compare.folder_path(mailbox, whole))
    with multiprocessing.pool.ThreadPool(2) as pool:
        items = dict(zip(map(id, ours.items), pool.map(
            lambda i: truth.Truth(ostcat, store, i.nid), ours.items)))
    ignored = compare.Differences()
    kept = {"ostfs": {}, "readpst": {}, "pffexport": {}}
    for item in ours.items:
        kept["ostfs"][id(item)] = files.from_file(item.path, item.attachments)
    for item, other in compare.pair(ours, theirs, ignored):
        kept["readpst"][id(item)] = files.from_file(
            os.path.join(made, "readpst", other.name), other.attachments)
    for item in items.values():
        item.rtf_word = ""
    for item, other in compare.pair(ours, sheets, ignored):
        path = os.path.join(made, "pffexport.export", other.name)
        find_rtf_word(items[id(item)], path)
        kept["pffexport"][id(item)] = files.from_file(path, other.attachments)
    return count_rows(items, kept, {
        "ostfs": whole, "readpst": os.path.join(made, "readpst"),
        "pffexport": os.path.join(made, "pffexport.export")})


def count_rows(items, kept, tops):
    counts = {}
    nothing = files.Kept(None)
    for name, row in ROWS:
        total = sum(int(row(item, nothing)[0]) for item in items.values())
        got = {}
        for reader in READERS:
            got[reader] = 0
            for key, item in items.items():
                there, had = row(item, kept[reader].get(key) or nothing)
                got[reader] += int(had) if there else 0
            if name in NUMBERED:
                got[reader] = number_of(reader, tops[reader],
                                        *NUMBERED[name])
        counts[name] = [total, *(got[reader] for reader in READERS)]
    return counts


def sums(counted):
    total = {name: [0] * (1 + len(READERS)) for name, _ in ROWS}
    for path in counted:
        with open(path, encoding="utf-8") as file:
            for name, counts in json.load(file).items():
                total[name] = [a + b for a, b in zip(total[name], counts)]
    return total


def print_table(counted):
    real = list(itertools.takewhile(lambda path: path != "--", counted))
    found, forged = sums(real), sums(counted[len(real) + 1:])
    for name, _ in ROWS:
        row, mark = (found, "") if found[name][0] else (forged, "*")
        print(f"| {name}{mark} |", " | ".join(map(str, row[name])), "|")


def main(what, *args):
    if what == "count":
        json.dump(count(*args), sys.stdout, indent=1)
    else:
        print_table(args)


if __name__ == "__main__":
    if len(sys.argv) < 3 or sys.argv[1] not in ("count", "print"):
        sys.exit(__doc__)
    main(*sys.argv[1:])
