#!/usr/bin/env python3
"""check_eml.py - is every .eml a message that no parser stumbles over?

    check_eml.py DIR_OR_FILE...
    check_eml.py --from PROGRAM...    each leaves them in the DIR it is given

Every *.eml file named, or found below a directory named, must
  - have CRLF line ends only, and no line longer than 998 bytes,
  - have no 8-bit bytes in any header,
  - parse without a defect in any part, as must our own MIME fields,
  - decode: base64 and quoted-printable without a fault, shown text in the
    charset it names,
  - promise no less than it holds: a 7bit entity has no 8-bit byte in it,
  - call a file by the same name in Content-Type and Content-Disposition.
Parts that someone signed are given as they came, and not looked at.
Prints the counts, and each fault with its file; exits 1 on any fault, and
when there was no file at all.
"""

import email
import email.header
import email.policy
import os
import re
import subprocess
import sys
import tempfile

LINE_MOST = 998
OURS = ("content-type", "content-transfer-encoding", "content-disposition",
        "mime-version")
# Names are given twice: as RFC 2047 words in quotes, which is what Outlook
# reads, and as RFC 2231 has it.
KNOWN = ("encoded word inside quoted string",
         "missing trailing whitespace after encoded-word")


def find(names):
    for name in names:
        if not os.path.isdir(name):
            yield name
        for root, dirs, files in os.walk(name):
            dirs.sort()
            for file in sorted(files):
                if file.endswith(".eml"):
                    yield os.path.join(root, file)


def lines(data):
    if re.search(rb"(?<!\r)\n|\r(?!\n)", data):
        yield "a line end that is not CRLF"
    longest = max(map(len, data.split(b"\r\n")))
    if longest > LINE_MOST:
        yield f"a line of {longest} bytes"


def is_8bit(part):
    return (part.get("content-transfer-encoding", "7bit").strip().lower()
            in ("8bit", "binary"))


def header(part):
    for name, value in part.raw_items():
        if not str(value).isascii():
            yield f"8-bit bytes in the field {name}"
        if name.lower() not in OURS:
            continue
        unfolded = re.sub(r"\r?\n", "", str(value))
        parsed = email.policy.default.header_factory(name, unfolded)
        for defect in parsed.defects:
            if str(defect) not in KNOWN:
                yield f"{name}: {defect!r}"


def names(part):
    """Whichever way a reader takes the name, it is the same."""
    name = part.get_filename()
    word = part.get_param("name")
    if name is None or not isinstance(word, str):
        return
    word = str(email.header.make_header(email.header.decode_header(word)))
    if " ".join(word.split()) != " ".join(name.split()):
        yield f"a file called {name!r} and {word!r}"


def leaf(part):
    raw = part.get_payload()
    data = part.get_payload(decode=True)
    if not is_8bit(part) and not raw.isascii():
        yield "8-bit bytes in a 7bit part"
    if (part.get_content_maintype() != "text" or
            part.get_content_disposition() == "attachment"):
        return
    charset = part.get_content_charset("us-ascii")
    try:
        data.decode(charset)
    except (UnicodeDecodeError, LookupError) as fault:
        yield f"text that is not {charset}: {fault}"


def walk(part):
    """All parts but those that someone signed: not a byte of them is ours."""
    yield part
    if part.is_multipart() and part.get_content_subtype() != "signed":
        for below in part.get_payload():
            yield from walk(below)


def check(data):
    top = email.message_from_bytes(data, policy=email.policy.compat32)
    if not any(part.get_content_subtype() == "signed" for part in walk(top)):
        yield from lines(data)
    for part in walk(top):
        kind = part.get_content_type()
        below = part.get_payload() if part.is_multipart() else []
        for fault in header(part):
            yield f"{kind}: {fault}"
        if part.get_content_maintype() == "multipart" and not below:
            yield f"{kind}: no parts"
        if part.is_multipart():
            if (not is_8bit(part) and any(map(is_8bit, below)) and
                    part.get_content_subtype() != "signed"):
                if part.get_content_maintype() != "message" or part is top:
                    yield f"{kind}: 7bit around 8bit"
        else:
            for fault in [*leaf(part), *names(part)]:
                yield f"{kind}: {fault}"
        for defect in part.defects:
            yield f"{kind}: {defect!r}"
    yield None, sum(1 for _ in top.walk())


def check_all(names):
    files = parts = faults = 0
    for name in find(names):
        files += 1
        with open(name, "rb") as file:
            data = file.read()
        for fault in check(data):
            if isinstance(fault, tuple):
                parts += fault[1]
                continue
            faults += 1
            print(f"{name}: {fault}", file=sys.stderr)
    print(f"{files} files, {parts} parts, {faults} faults")
    return 1 if faults or not files else 0


def main(args):
    if not args or args[0] in ("-h", "--help"):
        print(__doc__)
        return 0 if args else 1
    if args[0] != "--from":
        return check_all(args)
    with tempfile.TemporaryDirectory() as made:
        for program in args[1:]:
            subprocess.run([program, made], check=True)
        return check_all([made])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
