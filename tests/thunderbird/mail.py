#!/usr/bin/python3
"""mail.py - has Thunderbird all mails, dates and cards that we export for it?

    mail.py OSTFORGE OSTEXPORT

Of forged stores and those in $OST_REAL_STORES, the export for Thunderbird is
put where its Local Folders are, and a headless Thunderbird with a profile of
its own reads it (mail.sys.mjs). In its own database must be:
  - every folder with mails, and in it every mail of the export's index, once,
    with its subject, tags if it has any, and whether it was read, answered,
    forwarded or flagged;
  - of each .ics and .vcf of a bundle, which it imports, every item.
Prints the counts, and each fault; exits 1 on any, and when there was nothing.
"""

import collections
import glob
import json
import os
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.dont_write_bytecode = True
import check  # noqa: E402

# nsMsgMessageFlags
FLAGS = {"read": 0x1, "answered": 0x2, "flagged": 0x4, "forwarded": 0x1000}
# A profile in which somebody has used Thunderbird: it has Local Folders.
PROFILE = """user_pref("mail.accountmanager.accounts", "account1");
user_pref("mail.accountmanager.localfoldersserver", "server1");
user_pref("mail.account.account1.server", "server1");
user_pref("mail.server.server1.type", "none");
user_pref("mail.server.server1.userName", "nobody");
user_pref("mail.server.server1.hostname", "Local Folders");
user_pref("mail.server.server1.name", "Local Folders");
user_pref("mail.server.server1.directory-rel", "[ProfD]Mail/Local Folders");
"""
BIDI = re.compile("[\u202a-\u202e\u2066-\u2069]")
FORGED = (
    ["--sample"],
    ["--messages", "60", "--folders", "4", "--internet", "--attachments", "2000"],
)


def export(ostexport, form, store, to):
    got = subprocess.run([ostexport, "-f", form, store, to], check=False,
                         stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    if got.returncode not in (0, 40):
        sys.exit(f"mail.py: {store}: {got.stderr.decode()}")


def plain(subject):
    """Without what it keeps apart (Re:) or leaves out: bidi marks, blanks."""
    subject = BIDI.sub("", " ".join(subject.split()))
    return re.sub("^(re: ?)*", "", subject, flags=re.IGNORECASE)


def mail_faults(row, mail):
    """What Thunderbird has otherwise than the index."""
    flags = set(row["flags"].split())
    for name, bit in FLAGS.items():
        if (name in flags) != bool(mail["flags"] & bit):
            yield f"{name}: {mail['flags']:#x}, not {row['flags']}"
    if bool(row["categories"]) != bool(mail["keys"]):
        yield f"tags {mail['keys']}, not {row['categories']}"
    want, have = plain(row["subject"]), plain(mail["subject"])
    if have != want and not (len(have) > 256 and want.startswith(have)):
        yield f"subject {have!r}, not {want!r}"


def folder_faults(rows, mails):
    """The same for a folder: each mail is there once."""
    left = collections.defaultdict(list)
    for mail in mails:
        left[mail["id"]].append(mail)
    for row in rows:
        of_id = left[row["message_id"].strip("<>")]
        if not of_id:
            yield f"{row['nid']}: is not there: {row['subject']!r}"
            continue
        faults = [list(mail_faults(row, mail)) for mail in of_id]
        best = min(range(len(of_id)), key=lambda n: len(faults[n]))
        yield from (f"{row['nid']}: {fault}" for fault in faults[best])
        del of_id[best]
    for mail in (mail for mails in left.values() for mail in mails):
        yield f"nobody sent {mail['id']}: {mail['subject']!r}"


def items_in(name):
    """How many there are in a calendar, series once, or an address book."""
    with open(name, encoding="utf-8") as file:
        lines = [line.rstrip("\r\n") for line in file]
    if name.endswith(".vcf"):
        return lines.count("BEGIN:VCARD")
    begin = lines.count("BEGIN:VEVENT") + lines.count("BEGIN:VTODO")
    return begin - sum(line.startswith("RECURRENCE-ID") for line in lines)


def check_store(ostexport, store, work, counts):
    local = os.path.join(work, "profile", "Mail", "Local Folders")
    bundle = os.path.join(work, "bundle")
    os.makedirs(local)
    with open(f"{work}/profile/prefs.js", "w", encoding="ascii") as file:
        file.write(PROFILE)
    export(ostexport, "thunderbird", store, local)
    export(ostexport, "index", store, os.path.join(work, "index"))
    export(ostexport, "bundle", store, bundle)
    names = sorted(glob.glob(f"{glob.escape(bundle)}/**/*.ics", recursive=True)
                   + glob.glob(f"{glob.escape(bundle)}/**/*.vcf",
                               recursive=True))
    with open(os.path.join(work, "index", "index.jsonl"), encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    got = check.read_all(work, names, "mail.sys.mjs")
    if "fault" in got:
        yield got["fault"]
    wanted = collections.defaultdict(list)
    for row in rows:
        if not row["error"]:
            wanted[row["folder"]].append(row)
    for folder in sorted(wanted.keys() | got["folders"].keys()):
        mails = got["folders"].get(folder, [])
        counts["folders"] += folder in wanted
        counts["mails"] += len(mails)
        for fault in folder_faults(wanted[folder], mails):
            yield f"{folder}: {fault}"
    for name in names:
        counts["items"] += got["items"].get(name, 0)
        if got["items"].get(name) != items_in(name):
            yield f"{name}: {got['items'].get(name)}, not {items_in(name)}"


def main(ostforge, ostexport):
    counts = collections.Counter(folders=0, mails=0, items=0)
    faults = 0
    with tempfile.TemporaryDirectory() as work:
        stores = sorted(glob.glob(os.path.join(
            os.environ["OST_REAL_STORES"], "*.[op]st")))
        for n, options in enumerate(FORGED):
            stores.append(f"{work}/forged{n}.pst")
            subprocess.run([ostforge, *options, "-o", stores[-1]], check=True)
        for n, store in enumerate(stores):
            own = f"{work}/{n}"
            os.mkdir(own)
            for fault in check_store(ostexport, store, own, counts):
                faults += 1
                print(f"{os.path.basename(store)}: {fault}", file=sys.stderr)
    print(f"{counts['folders']} folders, {counts['mails']} mails, "
          f"{counts['items']} events, tasks and cards, {faults} faults")
    return 1 if faults or not all(counts.values()) else 0


if __name__ == "__main__":
    if len(sys.argv) != 3:
        print(__doc__)
        sys.exit(1)
    sys.exit(main(*sys.argv[1:]))
