#!/usr/bin/env python3
"""nfs4.py - an NFS client that keeps handles, as a machine's kernel does

    nfs4.py PORT EXPORT walk DIR HANDLES   all is as in the mount DIR; keep them
    nfs4.py PORT EXPORT again DIR HANDLES  what the handles name is as it was
    nfs4.py PORT EXPORT stale PREFIX HANDLES   the files of PREFIX are gone:
        a handle fails, or gives what it gave, from somebody's cache

NFS 4.0 (RFC 7530), without opening anything: a read may be anonymous.
Directories that DIR itself cannot list must fail in the export, too.
"""

import hashlib
import json
import os
import socket
import struct
import sys

PUTFH, PUTROOTFH, LOOKUP, GETFH, READ, READDIR = 22, 24, 15, 10, 25, 26
TYPE, SIZE, HANDLE, FILEID = 1, 4, 19, 20
DIRECTORY = 2
WANTED = 1 << TYPE | 1 << SIZE | 1 << HANDLE | 1 << FILEID
ANONYMOUS = bytes(16)
PIECE = 65536


def opaque(data):
    return struct.pack(">I", len(data)) + data + bytes(-len(data) % 4)


class Answer:
    """What came back, taken apart from the front."""

    def __init__(self, data):
        self.data, self.at = data, 0

    def u32(self):
        self.at += 4
        return struct.unpack_from(">I", self.data, self.at - 4)[0]

    def u64(self):
        return self.u32() << 32 | self.u32()

    def opaque(self):
        size = self.u32()
        got = self.data[self.at : self.at + size]
        self.at += size + -size % 4
        return got


class Refused(Exception):
    """The server's code for it."""


class Client:
    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), 60)
        self.number = 0

    def received(self, size):
        got = b""
        while len(got) < size:
            more = self.socket.recv(size - len(got))
            if not more:
                raise EOFError("the server hung up")
            got += more
        return got

    def call(self, arguments):
        """One remote procedure call: program 100003, version 4, COMPOUND."""
        self.number += 1
        user = struct.pack(">I", 0) + opaque(b"test") + bytes(12)
        call = struct.pack(">6I", self.number, 0, 2, 100003, 4, 1)
        call += struct.pack(">I", 1) + opaque(user) + bytes(8) + arguments
        self.socket.sendall(struct.pack(">I", 1 << 31 | len(call)) + call)
        whole, last = b"", False
        while not last:
            (mark,) = struct.unpack(">I", self.received(4))
            last = bool(mark >> 31)
            whole += self.received(mark & 0x7FFFFFFF)
        answer = Answer(whole)
        assert answer.u32() == self.number and answer.u32() == 1
        assert answer.u32() == 0, "the call was denied"
        answer.u32()
        answer.opaque()
        assert answer.u32() == 0, "the call was not accepted"
        return answer

    def compound(self, *operations):
        """All of them; what is returned is at the result of the last one,
        which is the only one that may have any."""
        text = opaque(b"") + struct.pack(">II", 0, len(operations))
        for number, arguments in operations:
            text += struct.pack(">I", number) + arguments
        answer = self.call(text)
        status = answer.u32()
        if status != 0:
            raise Refused(status)
        answer.opaque()
        count = answer.u32()
        assert count == len(operations)
        for _ in range(count):
            answer.u32()
            assert answer.u32() == 0
        return answer

    def root(self, export):
        steps = [(LOOKUP, opaque(p.encode())) for p in export.split("/") if p]
        return self.compound((PUTROOTFH, b""), *steps, (GETFH, b"")).opaque()

    def list(self, handle):
        """Name, type, size, handle and number of each entry."""
        cookie, verifier, end = 0, bytes(8), False
        while not end:
            answer = self.compound(
                (PUTFH, opaque(handle)),
                (
                    READDIR,
                    struct.pack(">Q", cookie)
                    + verifier
                    + struct.pack(">4I", PIECE, PIECE, 1, WANTED),
                ),
            )
            verifier = struct.pack(">Q", answer.u64())
            while answer.u32():
                cookie = answer.u64()
                name = answer.opaque()
                for _ in range(answer.u32()):
                    answer.u32()
                values = Answer(answer.opaque())
                kind, size = values.u32(), values.u64()
                yield name, kind, size, values.opaque(), values.u64()
            end = bool(answer.u32())

    def read(self, handle):
        data, end = b"", False
        while not end:
            where = struct.pack(">QI", len(data), PIECE)
            answer = self.compound(
                (PUTFH, opaque(handle)), (READ, ANONYMOUS + where)
            )
            end = bool(answer.u32())
            data += answer.opaque()
        return data


def content(path):
    with open(path, "rb") as file:
        return file.read()


def digest(data):
    return hashlib.sha256(data).hexdigest()


def walk(client, handle, path, kept):
    """Compare the directory `handle` with that of the mount."""
    try:
        names = {os.fsencode(n) for n in os.listdir(path)}
    except OSError:
        names = None
    try:
        entries = list(client.list(handle))
    except Refused:
        assert names is None, f"{path}: the server cannot list it"
        return
    assert names is not None, f"{path}: only the server can list it"
    assert {e[0] for e in entries} == names, f"{path}: other names"
    for name, kind, size, below, number in entries:
        where = os.path.join(path, os.fsdecode(name))
        about = os.lstat(where)
        assert number == about.st_ino, f"{where}: another number"
        if kind == DIRECTORY:
            assert os.path.isdir(where)
            walk(client, below, where, kept)
        else:
            assert size == about.st_size, f"{where}: another size"
            data = client.read(below)
            assert data == content(where), f"{where}: other bytes"
            kept[where] = below.hex(), digest(data)


def main():
    port, export, what, where, handles = sys.argv[1:]
    client = Client(int(port))
    kept = {}
    if what == "walk":
        walk(client, client.root(export), where, kept)
        with open(handles, "w", encoding="utf-8") as out:
            json.dump(kept, out)
        print(len(kept))
        return
    with open(handles, encoding="utf-8") as file:
        kept = json.load(file)
    count = 0
    for path, (handle, was) in kept.items():
        if what == "stale" and not path.startswith(where):
            continue
        count += 1
        try:
            now = digest(client.read(bytes.fromhex(handle)))
        except Refused:
            assert what == "stale", f"{path}: its handle is of nothing"
            continue
        assert now == was, f"{path}: other bytes"
    print(count)
    assert count > 0


main()
