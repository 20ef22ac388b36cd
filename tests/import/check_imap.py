#!/usr/bin/env python3
"""check_imap.py - is on an IMAP server what is in a mount, and nothing else?

    check_imap.py HOST:PORT USER PASSWORD DIR [--states | --manifest FILE]

DIR is a store mounted with -o items=eml. Every folder with mails must be a mailbox, and
every mail in it a message there, once, byte for byte. What the server says of
each, having parsed it, is compared with

    FLAGS          the attributes user.ost.flags and .categories; with --states
                   what the mail itself says of them (ostforge --states)
    INTERNALDATE   the file's mtime
    ENVELOPE       the header, read by Python's email
    BODYSTRUCTURE  the parts, read by Python's email
    BODY[n]        decoded, the files beside the mail; with --manifest FILE
                   subject, text and attachments, as ostforge wrote them

Prints the counts, and each fault; exits 1 on any fault, and when there was no
mail at all.
"""

import base64
import collections
import datetime
import email
import email.header
import email.message
import email.utils
import hashlib
import imaplib
import json
import os
import quopri
import re
import sys
import zlib

Counter = collections.Counter
FLAGS = {"read": "\\Seen", "draft": "\\Draft", "answered": "\\Answered",
         "flagged": "\\Flagged", "deleted": "\\Deleted",
         "forwarded": "$Forwarded"}
# Of a keyword, as Dovecot has it.
KEYWORD_MOST = 50
# Its words for the host of what is no address, and what is one.
NO_HOSTS = ("MISSING_DOMAIN", "SYNTAX_ERROR")
ADDRESS = r"""[^\s<>"]+@[^\s<>"]+"""


# --- what a server answers ------------------------------------------------


def tokens(answer):
    for chunk in answer:
        text, literal = chunk if isinstance(chunk, tuple) else (chunk, None)
        if literal is not None:
            text = text[:text.rindex(b"{")]
        yield from re.findall(rb'[()]|"(?:[^"\\]|\\.)*"'
                              rb'|BODY\[[^\]]*\]|[^\s()"]+', text)
        if literal is not None:
            yield b'"' + re.sub(rb'(["\\])', rb"\\\1", literal) + b'"'


def tree(words):
    """Nested lists of str and None, of tokens up to the closing one."""
    found = []
    for word in words:
        if word == b"(":
            found.append(tree(words))
        elif word == b")":
            break
        elif word.startswith(b'"'):
            found.append(re.sub(rb"(?s)\\(.)", rb"\1", word[1:-1])
                         .decode("latin-1"))
        else:
            found.append(None if word == b"NIL" else word.decode("latin-1"))
    return found


def fetch(imap, number, what):
    answer, said = imap.fetch(str(number), f"({what})")
    if answer != "OK":
        raise ValueError(said)
    fields = tree(tokens(said))[1]
    return dict(zip(fields[::2], fields[1::2]))


def mailboxes(imap):
    for line in imap.list()[1]:
        flags, _, name = tree(tokens([line]))[:3]
        if "\\Noselect" in flags:
            continue  # only what is below it is there
        yield re.sub(r"&([^-]*)-", lambda m: base64.b64decode(
            m[1].replace(",", "/") + "=" * (-len(m[1]) % 4)).decode(
                "utf-16-be") if m[1] else "&", name)


# --- what Python makes of a mail ------------------------------------------


def unfolded(value):
    return None if value is None else re.sub(r"\r?\n", "", str(value)).strip()


def decoded(value):
    return str(email.header.make_header(email.header.decode_header(value)))


def squeezed(value):
    return None if value is None else " ".join(value.split())


def addresses(mail, *fields):
    """Of the first field that is there, as (name, address)."""
    for field in fields:
        if mail[field] is not None:
            found = email.utils.getaddresses(
                [unfolded(v) for v in mail.get_all(field)])
            return [(squeezed(n), a) for n, a in found
                    if re.fullmatch(ADDRESS, a)]
    return []


def envelope(mail):
    return {
        "date": unfolded(mail["date"]),
        "subject": squeezed(mail["subject"]),
        "from": addresses(mail, "from"),
        "sender": addresses(mail, "sender", "from"),
        "reply-to": addresses(mail, "reply-to", "from"),
        "to": addresses(mail, "to"),
        "cc": addresses(mail, "cc"),
        "bcc": addresses(mail, "bcc"),
        "in-reply-to": unfolded(mail["in-reply-to"]),
        "message-id": unfolded(mail["message-id"]),
    }


def their_envelope(fields):
    def people(listed):
        return [(squeezed(name or ""), f"{box}@{host}")
                for name, _, box, host in listed or []
                if box and host and host not in NO_HOSTS]

    made = dict(zip(envelope(email.message_from_string("")), fields))
    return {name: people(value) if isinstance(value, list) or
            (value is None and name in ("from", "sender", "reply-to", "to",
                                        "cc", "bcc"))
            else squeezed(value) if name == "subject" else value
            for name, value in made.items()}


def structure(part):
    """Media type, encoding, name, Content-ID and disposition of each part."""
    kind = part.get_content_type()
    if part.get_content_maintype() == "multipart":
        return [kind, *map(structure, part.get_payload())]
    below = []
    if kind == "message/rfc822":
        inner = part.get_payload()[0]
        below = [envelope(inner), structure(inner)]
    return [kind, (part["content-transfer-encoding"] or "7bit").lower(),
            charset(part), unfolded(part["content-id"]),
            part.get_content_disposition(), part.get_filename(), *below]


def charset(part):
    """RFC 2046 4.1.2"""
    text = part.get_content_maintype() == "text"
    return part.get_param("charset", "us-ascii" if text else None)


def field(value, parameters):
    """A field of a value and parameters, as a server tells them."""
    def quoted(text):
        return '"' + re.sub(r'(["\\])', r"\\\1", text) + '"'

    return "; ".join([value, *(f"{name}={quoted(text)}" for name, text in
                               zip(*[iter(parameters or [])] * 2))])


def their_structure(body):
    """BODYSTRUCTURE, RFC 3501 7.4.2, as structure() has it."""
    if isinstance(body[0], list):
        parts = [part for part in body if isinstance(part, list)]
        count = next(i for i, p in enumerate(body) if not isinstance(p, list))
        return [f"multipart/{body[count].lower()}",
                *map(their_structure, parts[:count])]
    kind = f"{body[0]}/{body[1]}".lower()
    after = 8 if body[0].lower() == "text" else 7
    below = []
    if kind == "message/rfc822":
        after = 10
        below = [their_envelope(body[7]), their_structure(body[8])]
    made = email.message.Message()
    made["content-type"] = field(kind, body[2])
    if body[after + 1]:
        made["content-disposition"] = field(*body[after + 1])
    return [kind, body[5].lower(), charset(made), body[3],
            made.get_content_disposition(), made.get_filename(), *below]


def leaves(body, number=""):
    """(number, encoding, type) of each part that holds data."""
    if isinstance(body[0], list):
        for i, part in enumerate(body):
            if not isinstance(part, list):
                break
            yield from leaves(part, f"{number}.{i + 1}" if number
                              else str(i + 1))
    else:
        yield number or "1", body[5].lower(), body


def part_bytes(imap, number, part, encoding):
    data = fetch(imap, number, f"BODY.PEEK[{part}]")[f"BODY[{part}]"]
    data = (data or "").encode("latin-1")
    if encoding == "base64":
        return base64.b64decode(data)
    return quopri.decodestring(data) if encoding == "quoted-printable" else data


# --- the mount ------------------------------------------------------------


def attribute(path, name):
    try:
        return os.getxattr(path, name).decode()
    except OSError:
        return ""


class Mail:
    def __init__(self, path):
        self.path = path
        with open(path, "rb") as file:
            self.bytes = file.read()
        self.mtime = int(os.stat(path).st_mtime)
        self.nid = int(attribute(path, "user.ost.nid"), 16)
        self.beside = [
            os.path.join(root, name)
            for root, _, names in os.walk(path[:-4] + ".attachments")
            for name in names]
        self.states = attribute(path, "user.ost.flags").split()
        self.categories = attribute(path, "user.ost.categories").split(", ")


def read_mount(top):
    """Mails by mailbox."""
    found = {}
    for root, dirs, files in os.walk(top):
        dirs[:] = [d for d in dirs if not d.endswith(".attachments")]
        names = os.path.relpath(root, top).split(os.sep)
        if names[0].lower() == "inbox":
            names[0] = "INBOX"
        if names != ["."] or files:
            found["/".join(names)] = [Mail(os.path.join(root, file))
                                      for file in files]
    return found


class Check:
    def __init__(self, imap, states, manifest):
        self.imap = imap
        self.states = states
        self.manifest = manifest
        self.mails = self.parts = self.files = self.told = self.faults = 0

    def fault(self, where, text):
        self.faults += 1
        print(f"FAIL {where}: {text}")

    def same(self, where, what, got, want):
        if got != want:
            self.fault(where, f"{what}\n     got  {got}\n     want {want}")

    def mailbox(self, name, mails):
        count = int(self.imap.select(f'"{name}"', readonly=True)[1][0])
        self.same(name, "mails", count, len(mails))
        left = collections.defaultdict(list)
        for mail in mails:
            left[mail.bytes].append(mail)
        for number in range(1, count + 1):
            got = fetch(self.imap, number, "FLAGS INTERNALDATE RFC822.SIZE "
                        "ENVELOPE BODYSTRUCTURE BODY.PEEK[]")
            data = got["BODY[]"].encode("latin-1")
            if not left[data]:
                self.fault(name, f"not in the mount: {got['ENVELOPE']}")
                continue
            self.mail(number, left[data].pop(0), got)
        for mail in [mail for alike in left.values() for mail in alike]:
            self.fault(mail.path, "not on the server")

    def mail(self, number, mail, got):
        where = mail.path
        made = email.message_from_bytes(mail.bytes)
        self.mails += 1
        when = email.utils.parsedate_to_datetime(got["INTERNALDATE"])
        self.same(where, "INTERNALDATE", int(when.timestamp()), mail.mtime)
        self.same(where, "RFC822.SIZE", int(got["RFC822.SIZE"]),
                  len(mail.bytes))
        self.same(where, "ENVELOPE", their_envelope(got["ENVELOPE"]),
                  envelope(made))
        self.same(where, "BODYSTRUCTURE",
                  their_structure(got["BODYSTRUCTURE"]), structure(made))
        self.flags(mail, made, got)
        self.body(number, mail, made, got)

    def flags(self, mail, made, got):
        states, categories = mail.states, mail.categories
        if self.states:
            states = made["subject"].split()
            categories = made.get_payload(decode=True).decode().splitlines()
        want = {FLAGS[state] for state in states if state != "new"}
        # What RFC 3501 has no place for in an atom; the rest is for ostimport
        # to say: a keyword has each letter and digit of the category.
        plain = {re.sub(r"[^A-Za-z0-9]", "", c).lower() for c in categories
                 if c and c.isascii() and len(c) <= KEYWORD_MOST}
        flags = {f for f in got["FLAGS"] if f != "\\Recent"}
        known = set(FLAGS.values())
        self.same(mail.path, "FLAGS", flags & known, want)
        self.same(mail.path, "keywords", {
            re.sub(r"[^A-Za-z0-9]", "", f).lower() for f in flags - known
            if "&" not in f}, plain)
        self.same(mail.path, "keywords in UTF-7", sum(
            "&" in f for f in flags - known),
            sum(not c.isascii() for c in categories))

    def body(self, number, mail, made, got):
        parts = {}
        for part, encoding, _ in leaves(got["BODYSTRUCTURE"]):
            parts[part] = part_bytes(self.imap, number, part, encoding)
        self.parts += len(parts)
        sums = {hashlib.sha256(data).digest() for data in parts.values()}
        for path in mail.beside:
            if path.endswith(".eml") or ".attachments/" in path[
                    len(mail.path) + len(".attachments"):]:
                continue  # in the message in this mail
            with open(path, "rb") as file:
                if hashlib.sha256(file.read()).digest() not in sums:
                    self.fault(path, "not a part on the server")
            self.files += 1
        if mail.nid in self.manifest:
            self.truth(mail, got, parts, self.manifest[mail.nid])

    def truth(self, mail, got, parts, truth):
        """As it was forged."""
        self.told += 1
        subject = got["ENVELOPE"][1]
        if truth["subject"]:
            self.same(mail.path, "subject", squeezed(decoded(subject)),
                      squeezed(re.sub("^\x01.", "", truth["subject"])))
        sums = Counter((len(data), zlib.crc32(data))
                       for data in parts.values())
        for what in [truth, *truth["attachments"]]:
            for name in ("body", "html", "data"):
                if name in what and what.get("class", "IPM.Note") in (
                        None, "IPM.Note"):
                    key = what[name]["size"], int(what[name]["crc32"], 16)
                    if not sums[key]:
                        self.fault(mail.path, f"no part is {name} {key}")


def main(args):
    where, user, password, top, *how = args
    imap = imaplib.IMAP4(*where.split(":"))
    imap.login(user, password)
    manifest = {}
    if how[:1] == ["--manifest"]:
        with open(how[1], encoding="utf-8") as file:
            lines = [json.loads(line) for line in file]
        manifest = {line["nid"]: line for line in lines}
    check = Check(imap, how == ["--states"], manifest)
    mount = read_mount(top)
    check.same(top, "mailboxes", set(mailboxes(imap)), {"INBOX", *(n for n, mails in mount.items() if mails)})
    for name, mails in mount.items():
        coded = re.sub(r"&|[^ -~]+", lambda m: "&-" if m[0] == "&" else
                       "&" + base64.b64encode(m[0].encode("utf-16-be"))
                       .decode().rstrip("=").replace("/", ",") + "-", name)
        if mails:  # what would be empty is not made
            check.mailbox(coded, mails)
    told = sum(not line["associated"] for line in manifest.values())
    check.same(top, "messages of the manifest", check.told, told)
    print(f"{len(mount)} mailboxes, {check.mails} mails, {check.parts} parts, "
          f"{check.files} files beside, {check.told} as forged, "
          f"{check.faults} faults")
    return 1 if check.faults or not check.mails else 0


if __name__ == "__main__":
    if len(sys.argv) < 5:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1:]))
