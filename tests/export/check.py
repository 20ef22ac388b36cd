#!/usr/bin/python3
"""check.py - is in an export what is in the tree, and nothing else?

    check.py mbox|thunderbird|maildir|index|vdir|bundle EXPORT TREE

TREE is an export of the layout `tree`: of mails made with -o items=eml, of
index, vdir and bundle without. What others read of EXPORT (Python's mailbox,
csv and json, icalendar, vobject) is held against it. Prints what was compared;
exits 1 on any fault, and when nothing was compared, but for vdir.
"""

import collections
import csv
import glob
import hashlib
import json
import mailbox
import os
import re
import sys

import icalendar
import vobject

Counter = collections.Counter
faults = 0
compared = 0


def fault(*words):
    global faults
    faults += 1
    print("FAIL", *words)


def same(what, got, want):
    global compared
    compared += sum(want.values()) if isinstance(want, Counter) else 1
    if got != want:
        fault(what, "has", repr(got)[:300], "and not", repr(want)[:300])


def lines(path):
    with open(path, encoding="utf-8", newline="\n") as f:
        return [json.loads(line) for line in f]


def read(path):
    with open(path, "rb") as f:
        return f.read()


def folders(tree):
    """Each folder, with the paths of the items in it."""
    for entry in lines(os.path.join(tree, ".ostexport/manifest.jsonl"))[1:-1]:
        if entry["kind"] == "folder" and "error" not in entry:
            path = os.path.join(tree, entry["path"])
            yield entry["path"], [
                os.path.join(path, name) for name in sorted(os.listdir(path))
                if os.path.isfile(os.path.join(path, name))]


def digest(data):
    return hashlib.sha256(data).hexdigest()


# --- mail -------------------------------------------------------------------


def mails_of(path, mozilla):
    """The mails of an mbox, as they were before they were quoted."""
    box = mailbox.mbox(path, create=False)
    for key in box.keys():
        data = re.sub(rb"(?m)^>(>*From )", rb"\1", box.get_bytes(key))
        first = box.get_bytes(key, from_=True).split(b"\n", 1)[0]
        if not re.fullmatch(rb"From \S+ [A-Z][a-z]{2} [A-Z][a-z]{2} [ 0-9]\d "
                            rb"\d\d:\d\d:\d\d \d{4}", first):
            fault(path, "begins a mail with", first)
        if mozilla:
            head, data = data.split(b"X-Mozilla-Keys:", 1)
            if not re.fullmatch(rb"X-Mozilla-Status: [0-9a-f]{4}\n"
                                rb"X-Mozilla-Status2: [0-9a-f]{8}\n", head):
                fault(path, "has", head)
            data = data.split(b"\n", 1)[1]
        yield digest(data)
    box.close()


def check_mbox(export, tree, mozilla=False):
    seen = set()
    for folder, items in folders(tree):
        name = folder.replace("/", ".sbd/") if mozilla else folder + ".mbox"
        path = os.path.join(export, name)
        seen.add(path)
        want = Counter(digest(read(item).replace(b"\r\n", b"\n"))
                       for item in items)
        if not os.path.isfile(path):
            fault("no", path)
            continue
        same(path, Counter(mails_of(path, mozilla)), want)
    for top, _, names in os.walk(export):
        for name in names:
            path = os.path.join(top, name)
            if ".ostexport" not in top and path not in seen:
                fault("what is", path)


def check_maildir(export, tree):
    """All mails are there, with the flags that the index has."""
    flags = {"draft": "D", "flagged": "F", "forwarded": "P", "answered": "R",
             "read": "S", "deleted": "T"}
    want, got = Counter(), Counter()
    for _, items in folders(tree):
        for item in items:
            want[digest(read(item)), int(os.stat(item).st_mtime)] += 1
    for path in glob.glob(export + "/cur/*") + glob.glob(export + "/.*/cur/*"):
        got[digest(read(path)), int(os.stat(path).st_mtime)] += 1
        size = int(re.search(r",S=(\d+):2,", path)[1])
        same(path, size, os.stat(path).st_size)
    same("the Maildir", got, want)
    for row in lines(os.path.join(export, "index.jsonl")):
        if row["error"]:
            continue
        letters = row["path"].split(":2,")[1]
        same(row["path"], "".join(c for c in letters if c.isupper()),
             "".join(sorted(flags[f] for f in row["flags"].split())))
        names = keywords(os.path.join(export, os.path.dirname(row["path"])))
        have = sorted(names[ord(c) - ord("a")]
                      for c in letters if c.islower())
        if row["categories"].isascii() and len(names) < 26:
            same(row["path"], have, sorted(set(
                re.sub(r'[ (){%*"\\\]]', "_", c).replace("&", "&-")
                for c in row["categories"].split(", ") if c)))
    for box in glob.glob(export + "/.*/cur"):
        for name in ("new", "tmp", "maildirfolder"):
            if not os.path.exists(os.path.join(os.path.dirname(box), name)):
                fault(box, "has no", name)


def keywords(cur):
    path = os.path.join(os.path.dirname(cur), "dovecot-keywords")
    if not os.path.exists(path):
        return []
    with open(path, encoding="ascii") as f:
        pairs = [line.rstrip("\n").split(" ", 1) for line in f]
    same(path, [int(n) for n, _ in pairs], list(range(len(pairs))))
    return [name for _, name in pairs]


# --- a table -----------------------------------------------------------------


def check_index(export, tree):
    rows = lines(os.path.join(export, "index.jsonl"))
    with open(os.path.join(export, "index.csv"), encoding="utf-8",
              newline="") as f:
        table = list(csv.DictReader(f))
    same("index.csv", len(table), len(rows))
    for row, cells in zip(rows, table):
        for key, value in row.items():
            if key == "attachments":
                value = "; ".join(a["name"] for a in value)
            same(key, cells[key], str(value))
    entries = [e for e in
               lines(os.path.join(tree, ".ostexport/manifest.jsonl"))]
    want = Counter((e["path"], e["nid"], e["size"], e.get("sha256", ""))
                   for e in entries if e["kind"] == "item")
    same("the index", Counter((r["path"], r["nid"], r["size"], r["sha256"])
                              for r in rows), want)
    beside = Counter((e["nid"], e["sha256"]) for e in entries
                     if e["kind"] == "attachment" and "sha256" in e
                     and e["path"].count(".attachments/") == 1)
    same("attachments", Counter((r["nid"], a["sha256"]) for r in rows
                                for a in r["attachments"] if "sha256" in a),
         beside)


# --- calendars and contacts -----------------------------------------------------


def agent_is_right(path, data):
    text = re.sub(rb"\r?\n[ \t]", b"", data)
    for line in text.splitlines():
        if re.match(rb"(?i)(ATTENDEE|ORGANIZER)[;:]", line) and \
                b";SCHEDULE-AGENT=CLIENT" not in line.split(b":", 1)[0]:
            fault(path, "would invite", line)
    for line in data.split(b"\r\n"):
        if len(line) > 75:
            fault(path, "has a line of", len(line))


def without_agent(data):
    return data.replace(b"\r\n ;SCHEDULE-AGENT=CLIENT\r\n ", b"")


def check_vdir(export, tree):
    own = re.compile(r"GAL Contacts|Recipient Cache|\{.{36}\}", re.I)
    for folder, items in folders(tree):
        want = Counter(digest(read(i)) for i in items
                       if i.endswith((".ics", ".vcf")))
        name = folder.replace("/", " - ").encode()[:200]
        path = os.path.join(export, name.decode(errors="ignore"))
        if own.fullmatch(os.path.basename(folder)) or not want:
            if os.path.exists(path):
                fault(path, "is there")
            continue
        files = [f for f in glob.glob(glob.escape(path) + "/*")
                 if f.endswith((".ics", ".vcf"))]
        for f in files:
            if f.endswith(".ics"):
                agent_is_right(f, read(f))
                icalendar.Calendar.from_ical(read(f))
            else:
                vobject.readOne(read(f).decode())
        same(path, Counter(digest(without_agent(read(f))) for f in files),
             want)
        same(path + "/displayname", read(path + "/displayname").decode(),
             os.path.basename(folder))


def check_bundle(export, tree):
    for folder, items in folders(tree):
        base = os.path.join(export, folder)
        cards = [i for i in items if i.endswith(".vcf")]
        if cards:
            same(base, Counter(re.findall(rb"BEGIN:VCARD.*?END:VCARD\r\n",
                                          read(base + ".vcf"), re.S)),
                 Counter(read(i) for i in cards))
        events = [i for i in items if i.endswith(".ics")]
        if events:
            check_calendar(base + ".ics", events)
        mails = [i for i in items if i.endswith(".eml")]
        if mails:
            same(base, Counter(mails_of(base + ".mbox", False)),
                 Counter(digest(read(i).replace(b"\r\n", b"\n"))
                         for i in mails))


def check_calendar(path, events):
    data = read(path)
    agent_is_right(path, data)
    calendars = icalendar.Calendar.from_ical(data, multiple=True)
    got = Counter()
    for calendar in calendars:
        zones = [str(z["TZID"]) for z in calendar.walk("VTIMEZONE")]
        same(path, len(zones), len(set(zones)))
        used = set(re.findall(rb"TZID=\"?([^\":;]*)",
                              re.sub(rb"\r\n ", b"", calendar.to_ical())))
        for zone in used:
            if zone.decode() not in zones:
                fault(path, "has no zone", zone)
        for part in calendar.subcomponents:
            if part.name != "VTIMEZONE":
                got[str(part["UID"]), part.name,
                    part.get("RECURRENCE-ID") is not None] += 1
    want = Counter()
    for event in events:
        for part in icalendar.Calendar.from_ical(read(event)).subcomponents:
            if part.name != "VTIMEZONE":
                want[str(part["UID"]), part.name,
                     part.get("RECURRENCE-ID") is not None] += 1
    same(path, got, want)


CHECKS = {
    "mbox": check_mbox,
    "thunderbird": lambda export, tree: check_mbox(export, tree, True),
    "maildir": check_maildir,
    "index": check_index,
    "vdir": check_vdir,
    "bundle": check_bundle,
}

if __name__ == "__main__":
    if len(sys.argv) != 4 or sys.argv[1] not in CHECKS:
        sys.exit(__doc__)
    CHECKS[sys.argv[1]](sys.argv[2], sys.argv[3])
    print(compared, "compared,", faults, "faults")
    # A store may have neither events nor contacts.
    sys.exit(faults > 0 or (compared == 0 and sys.argv[1] != "vdir"))
