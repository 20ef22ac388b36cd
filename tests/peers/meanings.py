#!/usr/bin/env python3
"""Who is right about what is prone to be misread.

    meanings.py OURS READPST PFFEXPORT

Each is a directory with what a reader made of a store of ostforge
--meanings and of two caches of one mailbox. Prints a table, a line of LINES
each: yes where all items of that line have what is right, with the same for
its "same", and none has what is wrong. Exits 1 unless we are right in all.
"""

import email
import email.header
import email.policy
import html
import os
import re
import sys

# line, what is tried, how the item is found, what must be there, what not.
LINES = (
    ("B1", "items of lists in HTML from RTF have no second bullet",
     r"B1 list", r"<li>\s*Item\s*</li>", r"\xB7"),
    ("B2", "a subject in the page of the locale, not of the body",
     r"B2 ", r"B2 öäü", "�"),
    ("B3", "a subject in a page that nothing names",
     r"B3 ", r"B3 Привет, мир", "�"),
    ("B4", "the address of an X.500 sender, from another role",
     r"B4 sender", r"(?m)^From:.*<?j@x\.example", r"(?m)^From:.*/O=X"),
    ("B5", "the zone of an event once, by the name that calendars know",
     r"B5 call", r"DTSTART;TZID=America/Los_Angeles:20240305T090000",
     r"TZID:.*\(2\)|(?s:BEGIN:VTIMEZONE.*BEGIN:VTIMEZONE)"),
    ("B6", "files in signed mail lie beside it",
     r"B6 signed", r"(?m)^FILE .*invoice\.pdf$", r"$^"),
    ("B6", "files in a winmail.dat lie beside the mail",
     r"B6 winmail", r"(?m)^FILE .*plan\.txt$", r"$^"),
    ("B7", "signed mail whose class was lost is signed",
     r"B7 signed", r"(?m)^TYPE multipart/signed", r"$^"),
    ("B8", "an internationalised domain as mail has it",
     r"B8 umlaut", r"(?m)^To:.*user@xn--exmple-cua\.example", r"user@=\?"),
    ("B9", "letters of symbol fonts in HTML as Outlook has them",
     r"B9 letter", r"leaf:(<[^>]*>)*P(<[^>]*>)*:end", "[\uF000-\uF0FF]"),
    ("B10", "an appointment's text once, not as RTF too",
     r"B10 B12", r"DESCRIPTION:agenda", r"(?m)^ATTACH"),
    ("B11", "a task that comes again when done has no endless rule",
     r"B11 task", r"BEGIN:VTODO", r"(?m)^RRULE"),
    ("B12", "the organizer, where one source does not resolve",
     r"B10 B12", r"(?i)ORGANIZER.*boss@example\.org", r"$^"),
    ("B13", "a whole day in Berlin is that day",
     r"B13 holiday", r"(?m)^DTSTART;VALUE=DATE:20240305", r"$^"),
    ("B14", "an address in one piece is an address",
     r"B14 contact", r"(?m)^ADR.*Main Street 1", r"$^"),
    ("B15", "RTF of its own as HTML",
     r"B15 bold", r"<b>\s*heavy\s*</b>", r"$^"),
    ("B16", "a file named by an encoded word",
     r"B16 file", r"(?m)^FILE .*über\.pdf$", r"(?m)^FILE .*=\?"),
    ("B17", "a mail without a Message-ID has one, the same in each cache",
     r"alice to zoe, number 2", r"(?mi)^Message-ID: *(?P<same>\S+)", r"$^"),
)  # fmt: skip


def decoded(value):
    text = re.sub(r"\r?\n", "", str(value))
    try:
        return str(email.header.make_header(email.header.decode_header(text)))
    except (LookupError, UnicodeDecodeError):
        return text


def message_text(data):
    """Header fields and the text of all parts, decoded."""
    message = email.message_from_bytes(data, policy=email.policy.compat32)
    out = [f"{name}: {decoded(value)}" for name, value in message.items()]
    out.append(f"TYPE {message.get_content_type()}")
    for part in message.walk():
        name = part.get_filename()
        if name:
            out.append(f"NAME {decoded(name)}")
        if part.get_content_maintype() == "text":
            body = part.get_payload(decode=True) or b""
            charset = part.get_content_charset() or "utf-8"
            try:
                out.append(body.decode(charset, "replace"))
            except LookupError:
                out.append(body.decode("latin-1"))
    return "\n".join(out)


def file_text(path):
    with open(path, "rb") as file:
        data = file.read()
    if path.endswith(".eml"):
        text = message_text(data)
    else:
        text = data.decode("utf-8", "replace")
    return html.unescape(re.sub(r"\r?\n[ \t]", "", text))


# A directory of pffexport's, all of whose files are of one item.
SHEETS = re.compile(r"(Message|Contact|Task|Appointment|Meeting)\d+")


def files_below(top):
    return [os.path.join(root, name) for root, _, names in os.walk(top)
            for name in sorted(names)]


def items(top):
    """Of each item the text, and the names of the files beside it."""
    for root, dirs, names in os.walk(top):
        for name in names:
            base, path = os.path.splitext(name)[0], os.path.join(root, name)
            beside = files_below(path[:-len(name)] + base + ".attachments")
            yield "\n".join([file_text(path)] + [f"FILE {f}" for f in beside])
        for one in [d for d in dirs if SHEETS.fullmatch(d)]:
            inner = files_below(os.path.join(root, one))
            yield "\n".join([file_text(f) for f in inner] +
                            [f"FILE {f}" for f in inner])
        dirs[:] = [d for d in dirs if not SHEETS.fullmatch(d) and
                   not d.endswith(".attachments")]


def judge(found, marker, right, wrong):
    mine = [text for text in found if re.search(marker, text)]
    have = [re.search(right, text) for text in mine]
    if not mine or None in have or any(re.search(wrong, t) for t in mine):
        return False
    same = {one.groupdict().get("same") for one in have}
    return len(same) == 1 and (None in same or len(mine) > 1)


def main():
    readers = [list(items(top)) for top in sys.argv[1:4]]
    bad = 0
    print("| line | what is right | ostfs | `readpst -e` | `pffexport` |")
    print("| --- | --- | --- | --- | --- |")
    for line, what, marker, right, wrong in LINES:
        is_right = [judge(found, marker, right, wrong) for found in readers]
        bad += not is_right[0]
        cells = " | ".join("yes" if one else "no" for one in is_right)
        print(f"| {line} | {what} | {cells} |")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
