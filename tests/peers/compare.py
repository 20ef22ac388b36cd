#!/usr/bin/env python3
"""compare.py - is everything that other readers find in a store in our mount?

    compare.py STORE DIR MAILBOX

STORE is the name of the store, for the counts in excuses.py; MAILBOX the NID
of the folder that is its mailbox. DIR holds what peers.sh made:

    whole/            the store mounted with -o root=store,search_folders
    pffexport.export/ what pffexport wrote (.orphans and .recovered, too)
    readpst/          what readpst wrote
    extractor.jsonl   what pst-extractor found (extractor.js)

Compares folders; items by folder, subject and NID or time; and the SHA-256 of
attachments by item, of which each must be as two of the others have it.
Prints a table of counts and every difference, below the rule that explains
it; exits 1 when there is one without a rule, or not as many as a rule states.
"""

import collections
import datetime
import email
import email.policy
import email.utils
import hashlib
import json
import os
import re
import sys

from excuses import RULES

Counter = collections.Counter
SEARCH_FOLDER = 3  # the type of a NID, its low five bits


def plain(name):
    """A name as it would be if each reader made names safe in the same way."""
    return "".join(c for c in name.casefold() if c.isalnum())


def squeeze(text):
    return " ".join((text or "").replace("\0", "").split())


def sha256(data):
    return hashlib.sha256(data).hexdigest()


class Item:
    """A message, an appointment, a contact ..., as one reader sees it."""

    def __init__(self, folder, subject, when, name):
        self.folder = folder  # a tuple of plain names
        self.subject = squeeze(subject)
        self.when = when  # what tells it from another of that subject
        self.name = name  # for people
        self.attachments = Counter()  # of SHA-256
        self.names = {}  # of SHA-256: the attachment's name

    def attach(self, name, digest):
        self.attachments[digest] += 1
        self.names[digest] = name

    def key(self):
        return self.folder, self.subject, self.when


class Folder:
    def __init__(self, path):
        self.name = "/".join(path) or "/"
        self.items = 0  # in it and below it; known of ours


class Reader:
    def __init__(self, name):
        self.name = name
        self.folders = {}  # by plain path
        self.items = []

    def add_folder(self, path):
        key = tuple(map(plain, path))
        self.folders[key] = Folder(path)
        return key


# --- ours ---------------------------------------------------------------


def attribute(path, name):
    try:
        return os.getxattr(path, name).decode()
    except OSError:
        return ""


def leaves(mail):
    """SHA-256 of every part."""
    return Counter(sha256(part.get_payload(decode=True) or b"")
                   for part in mail.walk() if not part.is_multipart())


def read_ours(top):
    """All folders and items of a mount, items in the order listed."""
    ours = Reader("ostfs")
    for root, dirs, files in os.walk(top):
        if root.endswith(".attachments"):
            continue
        nid = int(attribute(root, "user.ost.nid"), 16)
        where = os.path.relpath(root, top)
        folder = ours.add_folder([] if where == "." else where.split(os.sep))
        if nid & 31 == SEARCH_FOLDER:
            continue  # its items are those of other folders
        for row, file in enumerate(files):
            ours.items.append(read_our_item(folder, root, file))
            ours.items[-1].row = row
    for item in ours.items:
        for depth in range(len(item.folder) + 1):
            ours.folders[item.folder[:depth]].items += 1
    return ours


def read_our_item(folder, root, file):
    path = os.path.join(root, file)
    item = Item(folder, attribute(path, "user.ost.subject"), None, file)
    item.nid = int(attribute(path, "user.ost.nid"), 16)
    item.kind = attribute(path, "user.ost.class")
    item.mtime = os.stat(path).st_mtime_ns
    item.start = attribute(path, "user.ost.date")
    item.path = path
    stem, suffix = os.path.splitext(path)
    for below, _, names in os.walk(stem + ".attachments"):
        for name in names:
            with open(os.path.join(below, name), "rb") as data:
                item.attach(name, sha256(data.read()))
    item.date = None
    item.inside = item.attachments  # of an .ics or .vcf: not looked at
    if suffix == ".eml":
        with open(path, "rb") as data:
            mail = email.message_from_binary_file(data)
        item.date = seconds(mail["date"])
        item.inside = leaves(mail)
    return item


def seconds(date):
    """A Date field, in seconds since 1970."""
    try:
        return int(email.utils.parsedate_to_datetime(str(date)).timestamp())
    except ValueError:
        return None


# --- pffexport ----------------------------------------------------------


def pff_fields(path):
    fields = {}
    with open(path, encoding="utf-8", errors="replace") as file:
        for line in file:
            name, colon, value = line.rstrip("\n").partition(":\t")
            if colon:
                fields.setdefault(name, value.strip("\t"))
    return fields


def pff_time(text):
    """'Aug 12, 2021 20:31:56.190649400 UTC' in nanoseconds since 1970."""
    whole, _, rest = text.partition(".")
    when = datetime.datetime.strptime(whole, "%b %d, %Y %H:%M:%S")
    since = when.replace(tzinfo=datetime.timezone.utc).timestamp()
    return int(since) * 10**9 + int(rest.split()[0])


# The sheet of facts about an item, and which of its times our mtime is.
PFF_TIMES = ["Delivery time", "Client submit time", "Creation time"]
PFF_SHEETS = {
    "OutlookHeaders.txt": PFF_TIMES,
    "Meeting.txt": PFF_TIMES,
    "Appointment.txt": PFF_TIMES,
}


def read_pffexport(base):
    reader = Reader("pffexport")
    read_pff_items(reader, base + ".export")
    found = Reader("")  # the folders are made up, an item is not
    for suffix in ".orphans", ".recovered":
        read_pff_items(found, base + suffix)
    reader.items += found.items
    return reader


def read_pff_items(reader, top):
    for root, dirs, files in os.walk(top):
        dirs.sort()
        where = os.path.relpath(root, top)
        path = [] if where == "." else where.split(os.sep)
        sheets = [f for f in PFF_SHEETS if f in files]
        if not sheets:
            reader.add_folder(path)
            continue
        dirs.clear()
        fields = pff_fields(os.path.join(root, sheets[0]))
        times = [fields[t] for t in PFF_SHEETS[sheets[0]] if fields.get(t)]
        item = Item(tuple(map(plain, path[:-1])), fields.get("Subject"),
                    pff_time(times[0]) if times else None, where)
        for below, _, names in os.walk(os.path.join(root, "Attachments")):
            for name in names:
                with open(os.path.join(below, name), "rb") as data:
                    item.attach(name, sha256(data.read()))
        reader.items.append(item)


# --- readpst ------------------------------------------------------------

# What readpst makes of a meeting, under a name it draws at random.
READPST_OWN = re.compile(r"i\d+\.ics")


def ics_fields(path):
    with open(path, encoding="utf-8") as file:
        text = re.sub(r"\r?\n[ \t]", "", file.read())
    fields = {}
    for line in text.splitlines():
        name, _, value = line.partition(":")
        value = re.sub(r"\\(.)", lambda m: {"n": "\n"}.get(m[1], m[1]), value)
        fields.setdefault(name.split(";")[0], value)
    return fields


def read_readpst_mail(folder, path, where):
    with open(path, "rb") as file:
        mail = email.message_from_binary_file(file,
                                              policy=email.policy.default)
    item = Item(folder, mail["subject"], ("date", seconds(mail["date"])),
                where)
    for part in mail.walk():
        name = part.get_filename()
        if part.is_multipart() or name is None or READPST_OWN.fullmatch(name):
            continue
        item.attach(name, sha256(part.get_payload(decode=True)))
    return item


def read_readpst(top, mailbox):
    """The folder that readpst makes for a store is its mailbox."""
    reader = Reader("readpst")
    for depth in range(len(mailbox) + 1):
        reader.add_folder(mailbox[:depth])
    for root, dirs, files in os.walk(top):
        where = os.path.relpath(root, top)
        if where == ".":
            continue
        path = mailbox + where.split(os.sep)[1:]
        folder = reader.add_folder(path)
        for file in files:
            name = os.path.join(where, file)
            if file.endswith(".vcf"):
                continue
            if file.endswith(".eml"):
                item = read_readpst_mail(folder, os.path.join(root, file),
                                         name)
            else:
                fields = ics_fields(os.path.join(root, file))
                start = datetime.datetime.strptime(fields["DTSTART"],
                                                   "%Y%m%dT%H%M%SZ")
                item = Item(folder, fields.get("SUMMARY"),
                            ("start", start.isoformat() + "Z"), name)
            reader.items.append(item)
    return reader


# --- pst-extractor ------------------------------------------------------


def read_extractor(path):
    reader = Reader("pst-extractor")
    with open(path, encoding="utf-8") as file:
        lines = [json.loads(line) for line in file]
    for line in lines:
        if "error" in line:
            raise ValueError(f"pst-extractor: {line}")
        if line["kind"] == "folder":
            folder = reader.add_folder(line["path"][1:])
        elif line["kind"] == "item":
            name = f"{line['nid']:x}"
            item = Item(folder, line["subject"], line["nid"], name)
            reader.items.append(item)
        elif line["kind"] == "attachment":
            item.attach(line["name"], line["sha256"])
    return reader


# --- the comparison -----------------------------------------------------

# How an item of ours is named by each reader.
KEYS = {
    "pffexport": lambda i: [i.mtime],
    "readpst": lambda i: [("date", i.date), ("start", i.start)],
    "pst-extractor": lambda i: [i.nid],
}


class Differences:
    """Each difference, below the rule that explains it, or none."""

    def __init__(self):
        self.explained = collections.defaultdict(list)
        self.unexplained = []

    def add(self, reader, what, thing, name):
        """`reader` differs in `what`, an Item or Folder of ours, or None."""
        for rule in RULES:
            if thing and rule.explains(reader, what, thing):
                self.explained[rule].append(name)
                return
        self.unexplained.append(f"{reader} {what}: {name}")

    def finish(self, store):
        bad = len(self.unexplained)
        for rule in RULES:
            names = self.explained[rule]
            times = rule.times.get(store, 0)
            if len(names) != times:
                bad += 1
                print(f"FAIL not {times} but {len(names)} times:")
            if names:
                print(f"{rule.reader} {rule.what}: {rule.reason}:")
                print("\n".join(f"     {name}" for name in names))
        for line in self.unexplained:
            print(f"FAIL {line}")
        return 1 if bad else 0


def pair(ours, reader, differences):
    """Pairs of the same item, ours and the reader's."""
    at = collections.defaultdict(list)
    for item in ours.items:
        for when in KEYS[reader.name](item):
            at[item.folder, item.subject, when].append(item)
    left = {id(item): item for item in ours.items}
    pairs = []
    for item in reader.items:
        twins = [t for t in at[item.key()] if id(t) in left]
        if not twins:
            differences.add(reader.name, "item not in ours", None,
                            f"{item.name} {item.subject!r}")
            continue
        # Of several alike, the one with the same attachments.
        twins.sort(key=lambda t: t.attachments != item.attachments)
        del left[id(twins[0])]
        pairs.append((twins[0], item))
    for item in left.values():
        differences.add(reader.name, "lacks item", item, item.name)
    return pairs


def compare_folders(ours, reader, differences):
    for key in sorted(reader.folders.keys() - ours.folders.keys()):
        differences.add(reader.name, "folder not in ours", None,
                        reader.folders[key].name)
    for key in sorted(ours.folders.keys() - reader.folders.keys()):
        differences.add(reader.name, "lacks folder", ours.folders[key],
                        ours.folders[key].name)


def compare_attachments(reader, pairs, agree, differences):
    same = 0
    for our, their in pairs:
        both = our.attachments & their.attachments
        same += both.total()
        for digest, count in both.items():
            agree[id(our)][digest] += count
        for digest in (their.attachments - our.attachments).elements():
            differences.add(reader.name, "attachment not in ours", our,
                            f"{our.nid:x} {their.names[digest]}")
        for digest in (our.attachments - their.attachments).elements():
            differences.add(reader.name, "lacks attachment", our,
                            f"{our.nid:x} {our.names[digest]}")
    return same


def compare(ours, readers, differences):
    agree = {id(item): Counter() for item in ours.items}
    rows = []
    for reader in readers:
        compare_folders(ours, reader, differences)
        pairs = pair(ours, reader, differences)
        same = compare_attachments(reader, pairs, agree, differences)
        total = sum(i.attachments.total() for i in reader.items)
        rows.append((reader.name, len(reader.folders), len(reader.items),
                     len(pairs), total, same))
    return agree, rows


def compare_within(ours, agree, differences):
    """Two others confirm each attachment; each is in the mail as well."""
    for item in ours.items:
        name = f"{item.nid:x} "
        for digest, count in item.attachments.items():
            if agree[id(item)][digest] < 2 * count:
                differences.add("ostfs", "attachment less than two confirm",
                                item,
                                name + item.names[digest])
        for digest in item.attachments - item.inside:
            differences.add("ostfs", "attachment not in the mail", item,
                            name + item.names[digest])


def print_table(ours, rows):
    total = sum(i.attachments.total() for i in ours.items)
    print("reader         folders  items  in ours  attachments  in ours")
    for row in [("ostfs", len(ours.folders), len(ours.items), "", total, ""),
                *rows]:
        print("{:14} {:7} {:6} {:>8} {:12} {:>8}".format(*row))


def folder_path(nid, whole):
    for root, _, _ in os.walk(whole):
        if attribute(root, "user.ost.nid") == nid:
            return os.path.relpath(root, whole).split(os.sep)
    raise LookupError(f"no folder {nid} in {whole}")


def main(store, made, mailbox):
    whole = os.path.join(made, "whole")
    ours = read_ours(whole)
    readers = [
        read_pffexport(os.path.join(made, "pffexport")),
        read_readpst(os.path.join(made, "readpst"),
                     folder_path(mailbox, whole)),
        read_extractor(os.path.join(made, "extractor.jsonl")),
    ]
    differences = Differences()
    agree, rows = compare(ours, readers, differences)
    compare_within(ours, agree, differences)
    print_table(ours, rows)
    return differences.finish(store)


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
