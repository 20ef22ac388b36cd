#!/usr/bin/env python3
"""hostile.py - D6: no mail that anybody can send stops an import

    hostile.py OSTIMPORT      run ostimport over mails with hostile fields,
                              against a server that this file is too
    hostile.py --make DIR     only make the mails; prints how many, and how
                              many of them lack a category, or have another date
    hostile.py --serve DIR    the server, on standard input and output

Every mail must be on the server once, byte for byte, or be told and counted.
The server takes no line that is not printable ASCII, goes away over a mail
with the field X-Goes, before or after it took it, and refuses X-Refused.
"""

import os
import re
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

# What a mail's fields are, and whether all of it can be filed as it says.
FILED, DOUBTED, FAILED = "filed", "doubted", "failed"
MAILS = (
    (b"Keywords: Red", FILED),
    (b"Keywords: =?bogus-charset?q?x?=", DOUBTED),
    (b"Keywords: =?utf-8?b?x?=", DOUBTED),
    (b"Keywords: =?utf-8?b?////?=", DOUBTED),
    (b"Keywords: =?utf-8?q?=FF=FE?=", DOUBTED),
    (b"Keywords: =?rot13?q?x?=", DOUBTED),
    (b"Keywords: =?zlib?b?eJwDAAAAAAE=?=", DOUBTED),
    (b"Keywords: =?undefined?q?x?=", DOUBTED),
    (b"Keywords: =?unicode_escape?q?=5Cud800?=", DOUBTED),
    (b"Keywords: =?idna?q?xn--=FF?=", DOUBTED),
    (b"Keywords: =?../../x?q?x?=", DOUBTED),
    (b"Keywords: =?utf-16?b?AAAA2A==?=", DOUBTED),
    (b"Keywords: =?utf-8?q?x?= =?bogus?q?y?=, Blue", DOUBTED),
    (b"Keywords: =?utf-8?q?" + b"x" * 5000 + b"?=", DOUBTED),
    (b"Keywords: =?utf-8?q?a=0D=0AA1_LOGOUT?=", FILED),
    (b"Keywords: =?utf-8?q?=00=22=5C)?=", FILED),
    (b"Keywords: =?utf-8?q??=", FILED),
    (b"Keywords: =?utf-8?q?=F0=9F=98=80?=", FILED),
    (b"Keywords: =?", FILED),
    (b"Keywords: \xff\xfe\x80", FILED),
    (b"Keywords: \xc3\xa9", FILED),
    (b"Keywords: \x00\x01\x7f", FILED),
    (b"Keywords: a\rb\x0bc\x85d", FILED),
    (b'Keywords: "unclosed', FILED),
    (b'Keywords: "\\', FILED),
    (b'Keywords: ,,"",\\\\, "a, b"', FILED),
    (b"Keywords: " + b'"\\' * 100000, FILED),
    (b"Keywords: " + b"=?a?q?x" * 20000, DOUBTED),
    (b"Keywords: " + b"word, " * 20000, FILED),
    (b"Keywords: x\r\n =?bogus?q?y?=\r\n\t,z", DOUBTED),
    (b"Keywords: NIL, $Forwarded, \\Deleted, *, %, {5}", FILED),
    (b"Keywords", FILED),
    (b"Message-ID:\r\n\t<folded\r\n @x>", FILED),
    (b"Message-ID: =?bogus?q?x?=", FILED),
    (b"Message-ID: \xff\xfe", FILED),
    (b"Message-ID: <" + b"x" * 100000 + b">", FILED),
    (b"Message-ID: <a\x00b@x>", FILED),
    (b"Message-ID:", FILED),
    (b"no field at all", FILED),
    (b": none", FILED),
    (b"X-Status: \xff=?bogus?q?x?=AF", FILED),
    (b"Status: \x00", FILED),
    (b"Date: Thu, 99 Foo 99999999999 99:99:99 +9999999", FILED),
    (b"From: =?bogus?q?x?= <" + b"<" * 5000, FILED),
    (b"Content-Type: multipart/mixed; boundary*=bogus''%FF", FILED),
    (b"Subject: \xff\r\n" * 3000, FILED),
    (b"X-Goes: before", FAILED),
    (b"X-Goes: after", FILED),
    (b"X-Refused: 1", FAILED),
)
# A file's time comes from the store too.
TIMES = ((253402300800, DOUBTED), (-62135596801, DOUBTED), (-1, FILED))


def make(top):
    """The number of mails of each kind."""
    kinds = []
    Path(top, "Inbox").mkdir(parents=True)
    for number, (field, kind) in enumerate(MAILS):
        own = b"" if b"Message-ID" in field else b"Message-ID: <%d@x>\r\n" % number
        Path(top, "Inbox", f"{number:03}.eml").write_bytes(
            field + b"\r\n" + own + b"\r\nbody %d\r\n" % number)
        kinds.append(kind)
    for number, (time, kind) in enumerate(TIMES, len(MAILS)):
        path = Path(top, "Inbox", f"{number:03}.eml")
        path.write_bytes(b"Message-ID: <%d@x>\r\n\r\ntime\r\n" % number)
        try:
            os.utime(path, (time, time))
        except (OSError, OverflowError):
            pass
        if int(path.stat().st_mtime) != time:
            kind = FILED  # this file system has no such times
        kinds.append(kind)
    # A folder whose name is none, and one mail after all of it.
    for name in (b"\xff\xfe", b"Z\x1b[2J"):
        folder = os.path.join(os.fsencode(top), name)
        os.mkdir(folder)
        with open(os.path.join(folder, b"last\xff.eml"), "wb") as file:
            file.write(b"Message-ID: <%s@x>\r\n\r\nlast\r\n" % name.hex()
                       .encode())
        kinds.append(FILED)
    return kinds


# --- the server -----------------------------------------------------------


class Server:
    def __init__(self, top):
        self.top = Path(top)
        self.input, self.output = sys.stdin.buffer, sys.stdout.buffer
        self.mailbox = None

    def say(self, text):
        self.output.write(text + b"\r\n")
        self.output.flush()

    def fetch(self):
        for number, path in enumerate(sorted(self.mailbox.iterdir()), 1):
            ids = b"".join(re.findall(rb"(?im)^message-id:.*(?:\n[ \t].*)*\n",
                                      path.read_bytes().partition(
                                          b"\r\n\r\n")[0] + b"\r\n"))
            ids += b"\r\n"
            self.say(b"* %d FETCH (UID %d BODY[HEADER.FIELDS (MESSAGE-ID)] {%d}\r\n%s)"
                     % (number, number, len(ids), ids))

    def append(self, box, size):
        self.say(b"+ go on")
        data = self.input.read(size)
        self.input.readline()
        if b"X-Refused" in data:
            return b"NO not this one"
        if b"X-Goes: before" not in data:
            path = self.top / box / f"{len(os.listdir(self.top / box)):06}"
            path.write_bytes(data)
        if b"X-Goes" in data:
            sys.exit()
        return b"OK done"

    def answer(self, verb, rest):
        box = rest.partition('"')[2].partition('"')[0].encode().hex()
        if verb == "CAPABILITY":
            self.say(b"* CAPABILITY IMAP4rev1")
        elif verb == "LIST":
            self.say(b'* LIST () "/" ""')
        elif verb == "CREATE":
            (self.top / box).mkdir()
        elif verb == "EXAMINE":
            if not (self.top / box).is_dir():
                return b"NO no such mailbox"
            self.mailbox = self.top / box
            self.say(b"* %d EXISTS" % len(os.listdir(self.mailbox)))
        elif verb == "UID":
            self.fetch()
        elif verb == "APPEND":
            return self.append(box, int(re.search(r"\{(\d+)\}$", rest)[1]))
        return b"OK done"

    def run(self):
        self.say(b"* PREAUTH")
        for line in self.input:
            line = line.removesuffix(b"\r\n")
            if not re.fullmatch(rb"[ -~]{5,8192}", line):
                (self.top / "broken").write_bytes(line)
                return
            tag, verb, rest = (line.decode() + " ").split(" ", 2)
            self.say(tag.encode() + b" " + self.answer(verb, rest.strip()))


# --- the test -------------------------------------------------------------


def run(ostimport, top, server):
    command = shlex.join([sys.executable, __file__, "--serve", server])
    done = subprocess.run([ostimport, "--retry", "3", "--tunnel", command, top],
                          timeout=60,
                          capture_output=True, check=False,
                          env={**os.environ, "LC_ALL": "C.UTF-8"})
    print(done.stdout.decode(), done.stderr.decode()[:16000])
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def test(ostimport):
    faults = []

    def check(what, got, want):
        if got != want:
            faults.append(f"{what}: {got!r}, not {want!r}")

    with tempfile.TemporaryDirectory() as tmp:
        top, server = os.path.join(tmp, "top"), os.path.join(tmp, "server")
        os.mkdir(server)
        kinds = make(top)
        failed, doubted = kinds.count(FAILED), kinds.count(DOUBTED)
        want = sorted(p.read_bytes() for (p, kind) in zip(
            sorted(Path(top).rglob("*.eml")), kinds) if kind != FAILED)

        code, said, told = run(ostimport, top, server)
        check("exit code", code, 40)
        check("sum", f"{len(kinds) - failed} mails added, 0 there already, "
              f"{failed} failed\n" in said, True)
        check("doubts", f"{doubted} mails lack a category, or have another date" in said,
              True)
        check("a cursor is moved", "\x1b" in said + told, False)
        check("a traceback", "Traceback" in told, False)
        for number, kind in enumerate(kinds[:len(MAILS)]):
            if kind != FILED:
                check(f"{MAILS[number][0][:60]} is told",
                      f"/{number:03}.eml: " in told, True)

        # What changed on the way is line ends alone.
        def lines(data):
            return re.sub(rb"\r\n|\r|\n", b"\n", data)

        got = sorted(p.read_bytes() for p in Path(server).rglob("0*"))
        check("mails", sorted(map(lines, got)), sorted(map(lines, want)))
        check("a line that is none", (Path(server) / "broken").exists(), False)

        code, said, _ = run(ostimport, top, server)
        check("again", f"0 mails added, {len(kinds) - failed} there already, "
              f"{failed} failed\n" in said, True)
    for fault in faults:
        print("FAIL", fault[:600])
    print(f"{len(kinds)} mails, {len(faults)} faults")
    return bool(faults)


def main(args):
    if args[0] == "--serve":
        Server(args[1]).run()
        return 0
    if args[0] == "--make":
        kinds = make(args[1])
        print(len(kinds), kinds.count(DOUBTED))
        return 0
    return test(args[0])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
