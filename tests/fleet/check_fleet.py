#!/usr/bin/env python3
"""Does each of some mailboxes have each mail of the stores of its user once?

    check_fleet.py HOST:PORT TRUTH
    check_fleet.py --dav DIR TRUTH USER...

TRUTH has, as USER.NUMBER, what ostforge wrote into a store of USER. Flags and
dates follow from a mail's number: see forge_company.c and forge_bulk.c.

With --dav the same is asked of calendars, tasks and contacts, and of the
directory where Radicale keeps them; no other users may have any.
"""
import collections
import email
import email.header
import email.policy
import imaplib
import json
import pathlib
import re
import sys
import time

PLACES = {"Inbox": "INBOX|Shared data/.*", "Posteingang": "INBOX|Posteingang",
          "Sent Items": "Sent Items|Sent"}
FLAGS = [(), ("\\Seen",), ("\\Answered", "\\Seen"), ("\\Flagged", "\\Seen")]
IS_MAIL = (None, "IPM.Note")
IS_DAV = ("IPM.Appointment", "IPM.Contact", "IPM.Task")


def expected(line):
    """(subject, flags, seconds) of a mail, by what is in its subject."""
    subject = line["subject"]
    number = re.search(r", number (\d+)$", subject)
    if number:
        n = int(number[1]) - 1
        return subject, FLAGS[n % 4], 1709280000 + n * 3600 + 3
    n = int(subject.split()[0]) - 1
    return subject, None, 1577836800 + n * 600 + 3


def truth_of(paths):
    """What the user's stores have together; a mail that two caches of one
    mailbox have is one."""
    all_mail = {}
    for path in paths:
        lines = [json.loads(text) for text in open(path, encoding="utf-8")]
        fates = lines.pop()["fates"] if "fates" in lines[-1] else {}
        lost = {int(nid, 16) for nid, fate in fates.items()
                if fate != "shown"}
        for line in lines:
            if line["class"] not in IS_MAIL or line["associated"] \
                    or line["nid"] in lost:
                continue
            key = expected(line)
            all_mail[key[0], key[2]] = (key[1], line["folder"])
    return all_mail


def on_server(server):
    """Each message in the account: (mailbox, subject, flags, seconds)."""
    for answer in server.list()[1]:
        name = re.search(rb'" "?([^"]+)"?$', answer)[1].decode()
        if server.select(f'"{name}"', readonly=True)[0] != "OK":
            continue
        if server.search(None, "ALL")[1] == [b""]:
            continue
        _, found = server.fetch(
            "1:*", "(FLAGS INTERNALDATE BODY.PEEK[HEADER.FIELDS (SUBJECT)])")
        for part in found:
            if not isinstance(part, tuple):
                continue
            flags = tuple(sorted(
                f.decode() for f in imaplib.ParseFlags(part[0])
                if f not in (b"\\Recent", b"NonJunk")))
            at = int(time.mktime(imaplib.Internaldate2tuple(part[0])))
            subject = email.message_from_bytes(
                part[1], policy=email.policy.default)["Subject"] or ""
            yield name, str(subject), flags, at


def check(server, user, all_mail):
    faults, seen = [], set()
    for name, subject, flags, at in on_server(server):
        key = subject, at
        if key not in all_mail:
            faults.append(f"{user}: {name}: nobody sent {key}")
            continue
        if key in seen:
            faults.append(f"{user}: {name}: twice: {key}")
        seen.add(key)
        want, folder = all_mail[key]
        if want is not None and flags != want:
            faults.append(f"{user}: {subject}: {flags}, not {want}")
        if not re.fullmatch(PLACES.get(folder, ".*"), name):
            faults.append(f"{user}: {subject}: in {name}, not {folder}")
    faults += [f"{user}: missing: {key}" for key in all_mail.keys() - seen]
    return faults


def users_of(truth):
    users = {}
    for path in sorted(pathlib.Path(truth).iterdir()):
        users.setdefault(path.name.split(".")[0], []).append(path)
    return users


def dav_truth(paths):
    """Two caches of one mailbox have the same."""
    lines = [json.loads(text) for path in paths
             for text in open(path, encoding="utf-8")]
    return {line["subject"] for line in lines
            if line.get("class") in IS_DAV and not line["associated"]}


def dav(top, truth, wanted):
    """A collection's items are files; each has a UID that no other has."""
    got, uids, faults = collections.defaultdict(list), set(), []
    for path in pathlib.Path(top, "collection-root").glob("*/*/*.[iv]c[sf]"):
        text = path.read_text(encoding="utf-8").replace("\r\n", "\n")
        text = text.replace("\n ", "")
        uids.add(re.search(r"^UID:(.*)$", text, re.M)[1])
        got[path.parts[-3].split("@")[0]].append(
            re.search(r"^(?:SUMMARY|FN)[^:]*:(.*)$", text, re.M)[1])
    want = {user: sorted(dav_truth(paths))
            for user, paths in users_of(truth).items() if user in wanted}
    got = {user: sorted(found) for user, found in got.items()}
    if got != want:
        faults.append(f"got  {got}\nwant {want}")
    count = sum(map(len, got.values()))
    if len(uids) != count:
        faults.append(f"{len(uids)} UIDs of {count} items")
    print(f"{count} items of {len(got)} people")
    print("\n".join(faults))
    return 0 if count >= 3 * len(wanted) > 0 and not faults else 1


def main():
    if sys.argv[1] == "--dav":
        return dav(sys.argv[2], sys.argv[3], sys.argv[4:])
    place, truth = sys.argv[1:]
    host, port = place.split(":")
    users = users_of(truth)
    faults, count = [], 0
    for user, paths in users.items():
        server = imaplib.IMAP4(host, int(port))
        server.login(f"{user}@corp.example", "secret")
        all_mail = truth_of(paths)
        count += len(all_mail)
        faults += check(server, user, all_mail)
        server.logout()
    print(f"{count} mails of {len(users)} people")
    print("\n".join(faults[:40]))
    return 0 if count > 100 and not faults else 1


if __name__ == "__main__":
    sys.exit(main())
