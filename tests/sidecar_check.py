#!/usr/bin/env python3
"""sidecar_check.py - the JSON of an object has every bit of its properties

    sidecar_check.py DUMP OSTFORGE      objects in memory and forged stores
    sidecar_check.py DUMP --real        the stores in $OST_REAL_STORES

DUMP is tests/sidecar_dump.c. Every value in the JSON is made bytes again and
compared with what the store holds; there is no other property in the JSON.
"""
import base64
import datetime
import json
import os
import re
import struct
import subprocess
import sys
import tempfile
import uuid

TYPES = {
    "Integer16": 0x0002, "Integer32": 0x0003, "Floating32": 0x0004,
    "Floating64": 0x0005, "Currency": 0x0006, "FloatingTime": 0x0007,
    "ErrorCode": 0x000A, "Boolean": 0x000B, "Object": 0x000D,
    "Integer64": 0x0014, "String8": 0x001E, "String": 0x001F, "Time": 0x0040,
    "Guid": 0x0048, "Binary": 0x0102,
}
EPOCH = datetime.datetime(1601, 1, 1)


def from_time(value):
    """A FILETIME: digits, or RFC 3339 with seven of a second."""
    if value.isdigit():
        assert int(value) >= 2650467744000000000, value
        return int(value)
    match = re.fullmatch(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\.(\d{7})Z", value)
    since = datetime.datetime.fromisoformat(match[1]) - EPOCH
    return (since.days * 86400 + since.seconds) * 10 ** 7 + int(match[2])


def from_currency(value):
    assert re.fullmatch(r"-?\d+\.\d{4}", value), value
    return int(value.replace(".", ""))


FIXED = {
    0x0002: lambda v: struct.pack("<h", v),
    0x0003: lambda v: struct.pack("<i", v),
    0x0004: lambda v: struct.pack("<f", float(v)),
    0x0005: lambda v: struct.pack("<d", float(v)),
    0x0006: lambda v: struct.pack("<q", from_currency(v)),
    0x0007: lambda v: struct.pack("<d", float(v)),
    0x000A: lambda v: struct.pack("<I", int(v, 16)),
    0x000B: lambda v: struct.pack("?", v),
    0x0014: lambda v: struct.pack("<q", int(v)),
    0x0040: lambda v: struct.pack("<Q", from_time(v)),
    0x0048: lambda v: uuid.UUID(v).bytes_le,
}


def plain(kind, value):
    """One text or binary value as bytes."""
    if kind == 0x0102:
        return base64.b64decode(value, validate=True)
    return value.encode("utf-16-le" if kind == 0x001F else "ascii")


def to_bytes(kind, value, size):
    """A value of a property of type `kind` as the bytes it is stored as."""
    if kind & 0x1000:
        kind &= ~0x1000
        if kind in FIXED:
            return b"".join(FIXED[kind](v) for v in value)
        if size == 0:
            return b""
        parts = [plain(kind, v) for v in value]
        out = struct.pack("<I", len(parts))
        at = 4 + 4 * len(parts)
        for part in parts:
            out += struct.pack("<I", at)
            at += len(part)
        return out + b"".join(parts)
    if kind in FIXED:
        return FIXED[kind](value)
    return plain(kind, value).ljust(size, b"\0")


def type_of(name):
    if not name.startswith("Ptyp"):
        return int(name, 16)
    many = name.startswith("PtypMultiple")
    return TYPES[name[12 if many else 4:]] | (0x1000 if many else 0)


def unique(pairs):
    """No JSON object has a member twice."""
    assert len(dict(pairs)) == len(pairs), pairs
    return dict(pairs)


def properties(path, thing, out):
    """Every property of the JSON `thing` and of what is in it, by its place."""
    for prop in thing.get("properties", ()):
        out[path, int(prop["tag"], 16)] = prop
    for key in ("recipients", "attachments", "messages"):
        for i, inner in enumerate(thing.get(key, ())):
            properties(f"{path}/{key}/{i}", inner, out)


class Checker:
    def __init__(self):
        self.items = self.properties = self.decoded = self.lost = 0

    def check_property(self, prop, kind, size, held):
        self.properties += 1
        assert type_of(prop["type"]) == kind, prop
        assert prop["size"] == size, prop
        if held.endswith("!"):
            assert prop["error"], prop
            self.lost += 1
            return
        raw = bytes.fromhex(held)
        if "base64" in prop:
            assert base64.b64decode(prop["base64"], validate=True) == raw, prop
            return
        assert "error" not in prop and "replaced" not in prop, prop
        assert to_bytes(kind, prop["value"], size) == raw, (prop, held)
        self.decoded += 1

    def check_item(self, nid, lines, text):
        self.items += 1
        text.decode("utf-8")  # strictly: neither surrogates nor stray bytes
        thing = json.loads(text, object_pairs_hook=unique)
        assert int(thing["nid"], 16) == nid
        found = {}
        properties("", thing, found)
        for line in lines:
            path, tag, kind, size, held = line.split(" ")
            prop = found.pop((path, int(tag, 16)))
            self.check_property(prop, int(kind, 16), int(size), held)
        assert not found, list(found)[:3]

    def check_dump(self, stream):
        nid, lines = 0, []
        for line in stream:
            line = line.decode("ascii").rstrip("\n")
            word, _, rest = line.partition(" ")
            if word == "item":
                nid, lines = int(rest, 16), []
            elif word == "json":
                self.check_item(nid, lines, stream.read(int(rest)))
            else:
                lines.append(line)


def check(dump, *store):
    checker = Checker()
    with subprocess.Popen([dump, *store], stdout=subprocess.PIPE) as run:
        checker.check_dump(run.stdout)
    assert run.returncode == 0, run.returncode
    print(f"{store[0] if store else 'in memory'}: {checker.items} objects,",
          f"{checker.properties} properties, {checker.decoded} as values,",
          f"{checker.lost} lost")
    assert checker.items > 10 and checker.decoded > checker.properties / 2


def check_forged(dump, ostforge):
    check(dump)
    with tempfile.TemporaryDirectory() as folder:
        for name in ("ansi", "unicode", "4k"):
            path = os.path.join(folder, name)
            subprocess.run([ostforge, "--sample", "--format", name, "-o",
                            path], check=True)
            check(dump, path)


def check_real(dump):
    folder = os.environ["OST_REAL_STORES"]
    stores = [name for name in sorted(os.listdir(folder))
              if name.endswith((".pst", ".ost"))]
    assert len(stores) >= 3, folder
    for name in stores:
        check(dump, os.path.join(folder, name))


if sys.argv[2] == "--real":
    check_real(sys.argv[1])
else:
    check_forged(sys.argv[1], sys.argv[2])
