#!/usr/bin/env python3
"""same_files.py - is every file beside a mail in it too, byte for byte?

    same_files.py DIR

For each X.eml below DIR, each file in X.attachments must be a part of it, told
by its SHA-256; but for attached messages, the headers of which Python folds
anew. Prints the counts, and each fault; exits 1 on any, and when there was no
file at all.
"""

import collections
import email
import hashlib
import os
import sys


def parts(entity):
    """The attached parts, but not what is in an attached message."""
    if entity.get_content_maintype() == "multipart":
        for part in entity.get_payload():
            yield from parts(part)
    elif not entity.is_multipart() and entity.get_filename() is not None:
        yield entity.get_payload(decode=True)


def digest(data):
    return hashlib.sha256(data).hexdigest()


def beside(folder):
    for entry in sorted(os.scandir(folder), key=lambda e: e.name):
        if entry.is_file() and not entry.name.endswith(".eml"):
            with open(entry.path, "rb") as file:
                yield entry.name, file.read()


def check(mail, files):
    with open(mail, "rb") as file:
        message = email.message_from_bytes(file.read())
    inside = collections.Counter(map(digest, parts(message)))
    for name, data in files:
        if inside[digest(data)] == 0:
            yield f"{name} is not in it"
        inside[digest(data)] -= 1


def main(args):
    mails = files = faults = 0
    for root, dirs, names in os.walk(args[0]):
        dirs.sort()
        for name in sorted(names):
            folder = os.path.join(root, name[:-4] + ".attachments")
            if not name.endswith(".eml") or not os.path.isdir(folder):
                continue
            attached = list(beside(folder))
            mails += 1
            files += len(attached)
            for fault in check(os.path.join(root, name), attached):
                faults += 1
                print(f"{name}: {fault}", file=sys.stderr)
    print(f"{files} files beside {mails} mails, {faults} faults")
    return 1 if faults or not files else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
