#!/usr/bin/env python3
"""same.py - are just these mails in an account, each once, byte for byte?

    same.py HOST:PORT USER PASSWORD DIR [MAILBOX...]

DIR has them as .eml files. With names, only those mailboxes are looked at.
"""
import collections
import hashlib
import imaplib
import re
import sys
from pathlib import Path


def names(imap):
    for line in imap.list()[1]:
        yield re.search(rb'"([^"]*)"$|(\S+)$', line)[0].decode()


def main(where, user, password, top, *boxes):
    host, _, port = where.rpartition(":")
    imap = imaplib.IMAP4(host, int(port))
    imap.login(user, password)
    got = collections.Counter()
    for box in boxes or names(imap):
        box = box if box.startswith('"') else f'"{box}"'
        if imap.select(box, readonly=True)[1] != [b"0"]:
            for part in imap.fetch("1:*", "(BODY.PEEK[])")[1]:
                if isinstance(part, tuple):
                    got[hashlib.sha256(part[1]).hexdigest()] += 1
    want = collections.Counter(hashlib.sha256(p.read_bytes()).hexdigest()
                               for p in Path(top).rglob("*.eml"))
    print(f"{sum(want.values())} mails, {sum((want - got).values())} missing, "
          f"{sum((got - want).values())} too many")
    return got != want or not want


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
