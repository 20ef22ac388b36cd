#!/usr/bin/python3
"""codepages.py - are our single-byte code pages what others have?

    codepages.py CODEPAGE_DUMP

Each byte of each page is held against Python's codec and the iconv of this
system, where they have the page. Where either differs from us, the byte must
be listed here with the reason. Prints the counts and what is not listed;
exits 1 on any, and when a page has nothing to be held against.
"""

import codecs
import ctypes
import subprocess
import sys

LIBC = ctypes.CDLL(None)
LIBC.iconv_open.restype = ctypes.c_void_p
LIBC.iconv_open.argtypes = (ctypes.c_char_p, ctypes.c_char_p)
LIBC.iconv.restype = ctypes.c_ssize_t
LIBC.iconv.argtypes = (ctypes.c_void_p,) + (ctypes.c_void_p,) * 4
LIBC.iconv_close.argtypes = (ctypes.c_void_p,)

# (Python's name, glibc's), where they are not cpN and CPN.
EBCDIC = {n: (f"cp{n:03}", f"IBM{n:03}") for n in (
    37, 500, 870, 875, 1026, 1047, *range(1140, 1150))}
EBCDIC |= {20000 + n: (f"cp{n}", f"IBM{n}") for n in (
    273, 277, 278, 280, 284, 285, 290, 297, 420, 423, 424, 871, 880, 905)}
ISO = {28590 + n: (f"iso8859_{n}", f"ISO-8859-{n}") for n in (
    *range(2, 9), 10, 11, 13, 14, 15, 16)}
NAMES = EBCDIC | ISO | {
    10000: ("mac_roman", "MACINTOSH"), 10004: ("mac_arabic", None),
    10006: ("mac_greek", None), 10007: ("mac_cyrillic", "MAC-CYRILLIC"),
    10010: ("mac_romanian", None), 10017: (None, "MAC-UK"),
    10029: ("mac_latin2", "MAC-CENTRALEUROPE"),
    10079: ("mac_iceland", None), 10081: ("mac_turkish", None),
    10082: ("mac_croatian", None), 20106: (None, "DIN_66003"),
    20107: (None, "SEN_850200_B"), 20108: (None, "NS_4551-1"),
    20866: ("koi8_r", "KOI8-R"), 21025: (None, "IBM1025"),
    21866: ("koi8_u", "KOI8-U"), 28591: ("cp1252", "CP1252"),
    28599: ("cp1254", "CP1254"), 38598: ("iso8859_8", "ISO-8859-8"),
}  # fmt: skip

# Neither has them. Perl's Encode and ICU agree with ours but for characters
# of Apple's own beside those that they vary.
ALONE = {708, 10005, 10021}

# A currency sign became the euro, and nothing else.
EURO = {1140: 37, 1141: 20273, 1142: 20277, 1143: 20278, 1144: 20280,
        1145: 20284, 1146: 20285, 1147: 20297, 1148: 500, 1149: 20871,
        858: 850}  # fmt: skip

# What ours is where another differs, and why.
RFC1345 = "glibc has it from RFC 1345, which errs; Windows and IBM have this"
EXCEPTIONS = {
    (870, 0xB0): ("02D9", RFC1345),
    (875, 0x6A): ("007C", RFC1345),
    (875, 0x74): ("00A0", RFC1345),
    (875, 0xDD): ("0387", RFC1345),
    (1026, 0x9D): ("00B8", RFC1345),
    (1026, 0xBC): ("00AF", RFC1345),
    (20278, 0x71): ("005C", RFC1345),
    (20278, 0xE0): ("00C9", RFC1345),
    (20285, 0xA1): ("00AF", RFC1345),
    (20424, 0x78): ("2017", RFC1345),
    (20424, 0x8F): ("00B1", RFC1345),
    (20871, 0x4A): ("00DE", RFC1345),
    (20871, 0xC0): ("00FE", RFC1345),
    (20273, 0xBC): ("00AF", "Python has an overline; 1141 has this too"),
    (1255, 0xCA): ("05BA", "holam haser, which is newer than their tables"),
    (10000, 0xC6): ("2206", "Apple's increment; glibc has a Delta"),
    (10000, 0xF0): ("F8FF", "Apple's logo; glibc has another private one"),
    (10007, 0xFF): ("20AC", "Apple's euro, which replaced a currency sign"),
    (10017, 0xFF): ("20AC", "Apple's euro, which replaced a currency sign"),
    (10081, 0xF5): (None, "Python has a private character that no font has"),
}
EXCEPTIONS |= {
    (875, b): (None, "Python has the control SUB where there is nothing")
    for b in (0xDC, 0xE1, 0xEC, 0xED, 0xFC, 0xFD)
}

# Undefined in the standards; Windows maps each to the control of its number.
CONTROLS = {*range(437, 1000), *range(1250, 1259), 28591, 28599} - {500, 870,
                                                                    875}


def python_table(name):
    def one(byte):
        try:
            return bytes([byte]).decode(name)
        except UnicodeDecodeError:
            return None

    try:
        codecs.lookup(name or "none-such")
    except LookupError:
        return None
    return [one(byte) for byte in range(256)]


def glibc_char(cd, byte):
    at, left = ctypes.c_char_p(bytes([byte])), ctypes.c_size_t(1)
    room = ctypes.create_string_buffer(16)
    to, space = ctypes.c_void_p(ctypes.addressof(room)), ctypes.c_size_t(16)
    bad = LIBC.iconv(cd, ctypes.byref(at), ctypes.byref(left),
                     ctypes.byref(to), ctypes.byref(space))
    LIBC.iconv(cd, None, None, ctypes.byref(to), ctypes.byref(space))
    return room.raw[:16 - space.value].decode() if bad != -1 else None


def glibc_table(name):
    cd = LIBC.iconv_open(b"UTF-8", (name or "none-such").encode())
    if cd == ctypes.c_void_p(-1).value:
        return None
    table = [glibc_char(cd, byte) for byte in range(256)]
    LIBC.iconv_close(cd)
    return table


def is_excepted(cp, byte, ours):
    if cp in CONTROLS and 0x80 <= byte < 0xA0 and ours == chr(byte):
        return True
    want, _ = EXCEPTIONS.get((cp, byte), ("none", ""))
    return ours == (want and chr(int(want, 16))) if want != "none" else False


def faults_of(cp, ours):
    python, glibc = NAMES.get(cp, (f"cp{cp}", f"CP{cp}"))
    tables = [t for t in (python_table(python), glibc_table(glibc)) if t]
    if not tables and cp not in ALONE:
        yield f"{cp}: nothing has it that it could be held against"
    if cp == 20290:
        # glibc's has full-width katakana and no lower case: other letters
        # than Windows, IBM and ICU have. What is Latin in it is compared.
        tables = [[t if t and t.isascii() else o
                   for t, o in zip(tables[0], ours)]]
    for byte in range(256):
        others = [table[byte] for table in tables]
        if any(t != ours[byte] for t in others) and not is_excepted(
                cp, byte, ours[byte]):
            yield f"{cp}: byte {byte:02X} is {ours[byte]!r}, not {others}"


def euro_faults(pages):
    for new, old in EURO.items():
        changed = [pages[new][b] for b in range(256)
                   if pages[new][b] != pages[old][b]]
        if changed != ["\u20ac"]:
            yield f"{new} is {old} with {changed}"


def main():
    dump = subprocess.run(sys.argv[1:2], check=True, capture_output=True,
                          text=True).stdout
    pages = {}
    for line in dump.splitlines():
        cp, *chars = line.split(" ")
        pages[int(cp)] = [None if c == "-" else bytes.fromhex(c).decode()
                          for c in chars]
    faults = [f for cp, ours in pages.items() for f in faults_of(cp, ours)]
    faults += euro_faults(pages)
    faults += [f"{cp}: {len(t)} bytes" for cp, t in pages.items()
               if len(t) != 256]
    print("\n".join(faults))
    print(f"{len(pages)} pages, {len(faults)} faults")
    return 1 if faults or len(pages) < 92 else 0


if __name__ == "__main__":
    sys.exit(main())
