"""kept.py - what a reader kept of an item, as read from the files it wrote"""

import collections
import email
import email.header
import email.policy
import email.utils
import glob
import hashlib
import html
import os
import re

import compare
import truth

LINE_MOST = 998  # RFC 5322 2.1.1
LETTERS = {"A": "answered", "F": "flagged", "P": "forwarded"}


class Kept:
    def __init__(self, kind):
        self.kind = kind  # "eml", "ics" or "sheets"
        self.subject = self.when = self.mtime = None
        self.sender, self.recipients = set(), set()
        self.ids = {}  # of message-id, in-reply-to, references
        self.fields = set()  # of the header, as they are
        self.html = []  # text, or bytes as stored
        self.text = ""
        self.attachments = collections.Counter()
        self.inline = set()  # Content-IDs beside the HTML
        self.embedded = set()  # subjects
        self.states, self.categories = set(), set()
        self.defects = False
        self.calendar = False  # for the invited
        self.day = self.rule = None
        self.zoned = False


def squeezed(text):
    return " ".join((text or "").replace("\0", "").split())


def decoded(value):
    text = re.sub(r"\r?\n", "", str(value or ""))
    return squeezed(str(email.header.make_header(
        email.header.decode_header(text))))


def shown(text):
    """The words of HTML, to compare what was brought to another charset."""
    text = re.sub(r"(?is)<(head|style|script)\b.*?</\1>|<!--.*?-->|<[^>]*>",
                  " ", text)
    return squeezed(html.unescape(text))


def unquoted(text):
    """RFC 5322 3.2.4"""
    whole = re.fullmatch('"(.*)"', text)
    return re.sub(r"\\(.)", r"\1", whole[1]) if whole else text


# --- mails ----------------------------------------------------------------


def text_of(part):
    data = part.get_payload(decode=True) or b""
    try:
        return data.decode(part.get_content_charset("us-ascii"), "replace")
    except LookupError:
        return data.decode("latin-1")


def people(mail, *fields):
    found = [str(v) for name in fields for v in mail.get_all(name, [])]
    return truth.addresses(address for _, address in
                           email.utils.getaddresses(found))


def from_eml(path):
    with open(path, "rb") as file:
        data = file.read()
    mail = email.message_from_bytes(data)
    kept = Kept("eml")
    kept.subject = decoded(mail["subject"])
    kept.when = compare.seconds(mail["date"])
    kept.sender = people(mail, "from")
    kept.recipients = people(mail, "to", "cc", "bcc")
    for name in "message-id", "in-reply-to", "references":
        kept.ids[name] = squeezed(str(mail[name] or ""))
    head = data.replace(b"\r\n", b"\n").partition(b"\n\n")[0]
    kept.fields = set(truth.transport_fields(head.decode("latin-1")))
    kept.states = {LETTERS[c] for c in str(mail["x-status"] or "")
                   if c in LETTERS}
    if "R" in str(mail["status"] or ""):
        kept.states.add("read")
    kept.categories = {unquoted(decoded(word)) for word in re.findall(
        r'(?:"(?:[^"\\]|\\.)*"|[^",])+', str(mail["keywords"] or ""))}
    kept.defects = max(map(len, data.splitlines())) > LINE_MOST
    for part in mail.walk():
        read_part(kept, part)
    return kept


def read_part(kept, part):
    kind = part.get_content_type()
    kept.defects |= bool(part.defects)
    if kind == "multipart/related" and any(
            inner.get_content_type() == "text/html" for inner in part.walk()):
        kept.inline |= {str(inner["content-id"]).strip(" <>")
                        for inner in part.get_payload()}
    elif kind == "message/rfc822":
        kept.embedded.add(decoded(part.get_payload()[0]["subject"]))
    if part.is_multipart():
        return
    kept.attachments[hashlib.sha256(
        part.get_payload(decode=True) or b"").hexdigest()] += 1
    if kind == "text/html":
        kept.html.append(text_of(part))
    elif kind == "text/plain":
        kept.text += text_of(part)
    elif kind == "text/calendar":
        kept.calendar |= part.get_param("method") is not None


# --- calendars ------------------------------------------------------------


def from_ics(path):
    kept = Kept("ics")
    with open(path, encoding="utf-8", newline="") as file:
        text = re.sub(r"\r?\n[ \t]", "", file.read())
    event = re.search(r"(?s)BEGIN:V(EVENT|TODO|JOURNAL).*?END:V\1", text)[0]
    fields = dict(re.findall(r"(?m)^([A-Z-]+)((?:;[^:\r\n]*)?:[^\r\n]*)",
                             event)[::-1])
    kept.subject = squeezed(re.sub(
        r"\\(.)", lambda m: {"n": "\n"}.get(m[1], m[1]),
        fields.get("SUMMARY", "").partition(":")[2]))
    start = fields.get("DTSTART", "")
    whole = re.fullmatch(r";VALUE=DATE:(\d{8})", start)
    kept.day = whole[1] if whole else None
    kept.zoned = start.startswith(";TZID=") and "BEGIN:VTIMEZONE" in text
    if "RRULE" in fields:
        kept.rule = dict(part.split("=", 1)
                         for part in fields["RRULE"][1:].split(";"))
    return kept


# --- pffexport's directories ----------------------------------------------


def read(path):
    try:
        with open(path, encoding="utf-8", errors="replace",
                  newline="") as file:
            return file.read()
    except FileNotFoundError:
        return ""


def from_sheets(top):
    kept = Kept("sheets")
    sheet = next(s for s in compare.PFF_SHEETS
                 if os.path.exists(os.path.join(top, s)))
    facts = compare.pff_fields(os.path.join(top, sheet))
    kept.subject = squeezed(facts.get("Subject"))
    if facts.get("Client submit time"):
        kept.when = compare.pff_time(facts["Client submit time"]) // 10**9
    kept.sender = truth.addresses(
        facts.get(name, "") for name in ("Sender email address",
                                         "Sent representing email address"))
    kept.recipients = truth.addresses(re.findall(
        r"(?m)^Email address:\s*(.*)", read(f"{top}/Recipients.txt")))
    head = read(f"{top}/InternetHeaders.txt")
    kept.fields = set(truth.transport_fields(head))
    mail = email.message_from_string(head)
    for name in "message-id", "in-reply-to", "references":
        kept.ids[name] = squeezed(str(mail[name] or ""))
    for path in glob.glob(f"{glob.escape(top)}/Message.html"):
        with open(path, "rb") as file:
            kept.html.append(file.read())
    kept.text = read(f"{top}/Message.txt")
    if "(Read" in facts.get("Flags", ""):
        kept.states = {"read"}
    for path in glob.glob(f"{glob.escape(top)}/Attachments/*/*/"
                          "OutlookHeaders.txt"):
        kept.embedded.add(compare.pff_fields(path).get("Subject"))
    return kept


def from_file(path, beside=()):
    """What is at `path`, and the SHA-256 of the attachments beside it."""
    readers = {".eml": from_eml, ".ics": from_ics, "": from_sheets}
    reader = readers.get("" if os.path.isdir(path)
                         else os.path.splitext(path)[1])
    kept = reader(path) if reader else Kept(None)
    kept.mtime = os.stat(path).st_mtime
    kept.attachments |= collections.Counter(beside)
    return kept
