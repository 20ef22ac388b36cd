#!/usr/bin/python3
"""vcard_check.py - does an independent reader take every vCard as it is meant?

    vcard_check.py PROGRAM...    each leaves its cards in the DIR it is given

Programs are also given the real stores in $OST_REAL_STORES, if it is set and
they take them (as the first does). Every card must
  - be one vCard that vobject reads, and writes again with the same lines,
  - have lines of at most 75 octets that end in CRLF, and be UTF-8,
  - have one VERSION, first, one FN and one UID; 3.0 one N, 4.0 a KIND,
  - have dates that are dates, and pictures and keys that are base64,
  - be shown by khard with each address, postal or e-mail, each number and the
    birthday that it has.
Exits 1 on any fault, and when there was no card at all.
"""

import base64
import glob
import os
import re
import subprocess
import sys
import tempfile

import khard.carddav_object
import vobject

DATE = re.compile(r"(\d{4}|-)-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$")


def lines_of(card):
    """What it says, whatever the order: group a list's, sort the rest."""
    return sorted((line.name, str(sorted(line.params.items())),
                   str(line.value)) for line in card.getChildren())


def check_bytes(data):
    text = data.decode("utf-8")
    if re.search(r"(?<!\r)\n|\r(?!\n)", text):
        yield "a line end that is not CRLF"
    longest = max(len(line) for line in data.split(b"\r\n"))
    if longest > 75:
        yield f"a line of {longest} octets"
    for line in data.split(b"\r\n"):
        line.decode("utf-8")
    if re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", text):
        yield "a control character"


def check_card(card, text):
    version = card.version.value
    if not text.startswith(f"BEGIN:VCARD\r\nVERSION:{version}\r\n"):
        yield "VERSION is not first"
    if version not in ("3.0", "4.0"):
        yield f"version {version}"
    wanted = {"fn": 1, "uid": 1, "n" if version == "3.0" else "kind": 1}
    for name, count in wanted.items():
        if len(card.contents.get(name, [])) != count:
            yield f"{len(card.contents.get(name, []))} of {name}"
    for name in ("bday", "x-ms-anniversary"):
        for line in card.contents.get(name, []):
            if not DATE.match(line.value):
                yield f"{name} {line.value}"
    for name in ("photo", "key", "x-ms-certificate"):
        for line in card.contents.get(name, []):
            if isinstance(line.value, str):
                base64.b64decode(line.value, validate=True)
    for line in card.contents.get("member", []):
        if not re.match(r"(mailto:[^\s@]+@[^\s@]+|urn:uuid:[0-9a-f-]{36})$",
                        line.value):
            yield f"member {line.value}"


def all_of(by_type):
    return sorted(str(one) for many in by_type.values() for one in many)


def check_shown(card, path):
    """What khard leaves out."""
    shown = khard.carddav_object.CarddavObject.from_file(None, path)
    if shown is None:
        return (yield "khard does not take it")
    for name, have in (("email", all_of(shown.emails)),
                       ("tel", all_of(shown.phone_numbers))):
        want = sorted(line.value for line in card.contents.get(name, []))
        if have != want:
            yield f"khard has {name} {have}, not {want}"
    want = sorted(str(line.value.street)
                  for line in card.contents.get("adr", []))
    have = sorted(str(one["street"])
                  for many in shown.post_addresses.values() for one in many)
    if have != want:
        yield f"khard has streets {have}, not {want}"
    for line in card.contents.get("bday", []):
        got = shown.birthday
        if got is None or got.strftime("-%m-%d") != line.value[-6:] or (
                line.value[0] != "-" and str(got.year) != line.value[:4]):
            yield f"khard has the birthday {got}, not {line.value}"


def check(path):
    with open(path, "rb") as file:
        data = file.read()
    yield from check_bytes(data)
    text = data.decode("utf-8")
    cards = list(vobject.readComponents(text))
    if len(cards) != 1:
        yield f"{len(cards)} cards"
        return
    yield from check_card(cards[0], text)
    yield from check_shown(cards[0], path)
    if cards[0].version.value == "3.0":
        again = vobject.readOne(cards[0].serialize(validate=True))
        if lines_of(again) != lines_of(cards[0]):
            yield "it does not come back as it was"


def main(programs):
    if not programs:
        print(__doc__)
        return 1
    faults = files = 0
    real = os.environ.get("OST_REAL_STORES")
    stores = sorted(glob.glob(os.path.join(real, "*.[op]st"))) if real else []
    with tempfile.TemporaryDirectory() as made:
        for i, program in enumerate(programs):
            subprocess.run([program, made] + (stores if i == 0 else []),
                           check=True, stdout=subprocess.DEVNULL)
        for path in sorted(glob.glob(os.path.join(made, "*.vcf"))):
            files += 1
            try:
                found = list(check(path))
            except Exception as fault:  # whatever the reader stumbles over
                found = [repr(fault)]
            for fault in found:
                faults += 1
                print(f"{os.path.basename(path)}: {fault}", file=sys.stderr)
    print(f"{files} cards, {faults} faults")
    return 1 if faults or not files else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
