#!/usr/bin/env python3
"""Forge the RTF that is compared with what LibreOffice makes of it.

    make.py DIR     writes DIR/NAME.rtf, each of one kind of thing

What each has is said in it, in the order in which HTML should have it.
"""

import struct
import sys
import zlib

HEAD = (r"{\rtf1\ansi\ansicpg1252\deff0{\fonttbl{\f0\fswiss\fcharset0 Arial;}"
        r"{\f1\fnil\fcharset2 Symbol;}{\f2\fmodern\fcharset0 Courier New;}"
        r"{\f3\fnil\fcharset2 Wingdings;}}"
        r"{\colortbl;\red255\green0\blue0;\red0\green0\blue255;"
        r"\red255\green255\blue0;}")

LISTS = (r"{\*\listtable"
         r"{\list\listtemplateid1{\listlevel\levelnfc23\leveljc0\levelstartat1"
         r"\levelfollow0{\leveltext\'01\u-3913 ?;}{\levelnumbers;}\f1"
         r"\fi-360\li720}{\listlevel\levelnfc23\leveljc0\levelstartat1"
         r"\levelfollow0{\leveltext\'01o;}{\levelnumbers;}\f2\fi-360\li1440}"
         r"\listid11}"
         r"{\list\listtemplateid2{\listlevel\levelnfc0\leveljc0\levelstartat1"
         r"\levelfollow0{\leveltext\'02\'00.;}{\levelnumbers\'01;}"
         r"\fi-360\li720}{\listlevel\levelnfc4\leveljc0\levelstartat1"
         r"\levelfollow0{\leveltext\'02\'01.;}{\levelnumbers\'01;}"
         r"\fi-360\li1440}\listid12}}"
         r"{\*\listoverridetable{\listoverride\listid11\listoverridecount0"
         r"\ls1}{\listoverride\listid12\listoverridecount0\ls2}}")


# As Word writes rows: what they are before their cells, and again after.
OUTER = r"\trowd\trgaph70\trleft-70\cellx4320\cellx8640"
INNER = (r"{\*\nesttableprops\trowd\trgaph70\cellx1440\cellx2880\nestrow}"
         r"{\nonesttables\par}")


def png(width, height):
    """A picture of one colour."""
    def chunk(kind, data):
        return (struct.pack(">I", len(data)) + kind + data +
                struct.pack(">I", zlib.crc32(kind + data)))
    rows = (b"\0" + b"\x20\x80\xc0" * width) * height
    return (b"\x89PNG\r\n\x1a\n" +
            chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0,
                                       0, 0)) +
            chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def jpeg():
    """Eight by eight, grey: one code in each table, and both are said once."""
    def segment(mark, data):
        return struct.pack(">BBH", 0xFF, mark, len(data) + 2) + data
    one_code = bytes([1] + [0] * 15 + [0])
    return (b"\xff\xd8" + segment(0xE0, b"JFIF\0\1\1\0\0\1\0\1\0\0") +
            segment(0xDB, b"\0" + b"\1" * 64) +
            segment(0xC0, struct.pack(">BHHBBBB", 8, 8, 8, 1, 1, 0x11, 0)) +
            segment(0xC4, b"\x00" + one_code) +
            segment(0xC4, b"\x10" + one_code) +
            segment(0xDA, b"\1\1\0\0\x3f\0") + b"\x3f\xff\xd9")


def dib(width, height):
    row = b"\x20\x80\xc0" * width
    row += b"\0" * (-len(row) % 4)
    return struct.pack("<IiiHHIIiiII", 40, width, height, 1, 24, 0, 0, 0, 0,
                       0, 0) + row * height


def wmf(width, height):
    """A metafile that draws one rectangle."""
    def record(function, *words):
        return struct.pack("<IH%dh" % len(words), 3 + len(words), function,
                           *words)
    records = (record(0x020B, 0, 0) + record(0x020C, height, width) +
               record(0x041B, height, width, 0, 0) + record(0))
    return struct.pack("<HHHIHIH", 1, 9, 0x300, 9 + len(records) // 2, 0, 8,
                       0) + records


def emf():
    """The shortest there is: a header, a rectangle, an end."""
    box = struct.pack("<IIiiii", 43, 24, 0, 0, 90, 90)
    end = struct.pack("<IIIII", 14, 20, 0, 16, 20)
    size = 88 + len(box) + len(end)
    return struct.pack("<II4i4iIIIIHHIIIiiii", 1, 88, 0, 0, 99, 99, 0, 0,
                       2600, 2600, 0x464D4520, 0x10000, size, 3, 1, 0, 0, 0,
                       0, 1000, 1000, 300, 300) + box + end


def picture(words, data, binary=False):
    goal = r"\picwgoal1500\pichgoal1500 "
    if binary:
        return (r"{\pict%s\picwgoal1500\pichgoal1500\bin%d " %
                (words, len(data))).encode() + data + b"}"
    return (r"{\pict%s%s" % (words, goal)).encode() + data.hex().encode() + \
        b"}"


def row(*cells, props="", nest=""):
    """A row whose cells are all one inch wide; a cell may be a tuple: words
    of its definition, and text."""
    define = r"\trowd\trgaph70" + props
    text = ""
    for i, cell in enumerate(cells):
        words, content = cell if isinstance(cell, tuple) else ("", cell)
        define += words + r"\cellx%d" % (1440 * (i + 1))
        text += r"\pard\intbl " + content + r"\cell"
    return define + text + r"\row "


def item(words, mark, text):
    return (r"{\listtext\f0 %s\tab}\pard\fi-360\li720%s %s\par" %
            (mark, words, text)) + "\n"


CASES = {
    "look": HEAD + r"""\pard plain \b bold\b0  {\i italic} {\ul under} """
            r"""{\strike gone} H{\sub 2}O x{\super 2} {\cf1 red} {\cf2\b """
            r"""blue bold} {\highlight3 marked} {\f2\fs28 large} \caps """
            r"""caps\caps0\par"""
            r"""\pard\qc middle\par\pard\qr right\par\pard\qj both\par"""
            r"""\pard\li720\fi-360 in\line broken\par"""
            r"""\pard tab\tab tab  two {\v hidden}\'e9\u8364?\emdash\par}""",
    "links": HEAD + r"""\pard See {\field{\*\fldinst HYPERLINK "http://"""
             r"""example.com/a?b=c&d=e"}{\fldrslt{\ul\cf2 this page}}} and """
             r"""{\field{\*\fldinst{HYPERLINK "mailto:a@example.com" }}"""
             r"""{\fldrslt a@example.com}} or {\field{\*\fldinst HYPERLINK """
             r"""\\l "place"}{\fldrslt below}}.\par {\*\bkmkstart place}"""
             r"""{\*\bkmkend place}Here.\par}""",
    "symbols": HEAD + r"""\pard {\f1\'b7 \'61\'62} {\f3 J\'fc} end\par}""",
    "lists": HEAD + LISTS + "\\pard Before\\par\n" +
             item(r"\ls1", r"\f1\'b7", "one") +
             item(r"\ls1\ilvl1", "o", "one a") +
             item(r"\ls1\ilvl1", "o", "one b") +
             item(r"\ls1", r"\f1\'b7", "two") +
             "\\pard Between\\par\n" +
             item(r"\ls2", "1.", "first") +
             item(r"\ls2\ilvl1", "a.", "first a") +
             item(r"\ls2", "2.", "second") + "\\pard After\\par}",
    "numbered_on": HEAD + LISTS + item(r"\ls2", "1.", "first") +
                   "\\pard Between\\par\n" +
                   item(r"\ls2", "2.", "second") + "\\pard After\\par}",
    "old_lists": HEAD + r"""\pard{\pntext\f1\'B7\tab}{\*\pn\pnlvlblt\pnf1"""
                 r"""\pnindent0{\pntxtb\'B7}}\fi-360\li720 one\par"""
                 r"""{\pntext\f1\'B7\tab}two\par"""
                 r"""\pard middle\par"""
                 r"""\pard{\pntext\f0 1.\tab}{\*\pn\pnlvlbody\pnf0\pnindent0"""
                 r"""\pnstart1\pndec{\pntxta.}}\fi-360\li720 first\par"""
                 r"""{\pntext\f0 2.\tab}second\par\pard end\par}""",
    "table": HEAD + "\\pard Before\\par\n" + row("a", r"{\b b}", "c") +
             row("d", "e", r"f\par g") + "\\pard After\\par}",
    "table_wide": HEAD + r"\trowd\cellx2880\cellx4320\pard\intbl ab\cell c"
                  r"\cell\row" + "\n" + row("d", "e", "f") +
                  "\\pard After\\par}",
    "table_tall": HEAD + row((r"\clvmgf", "tall"), "b") +
                  row((r"\clvmrg", ""), "d") + row("e", "f") +
                  "\\pard After\\par}",
    "table_merged": HEAD + row((r"\clmgf", "ab"), (r"\clmrg", ""), "c") +
                    row("d", "e", "f") + "\\pard After\\par}",
    "table_nested": HEAD + OUTER + r"""\pard\plain\intbl outer before\par"""
                    r"""\pard\plain\intbl\itap2 in a\nestcell in b\nestcell"""
                    r"""\pard\plain\intbl\itap2 """ + INNER +
                    r"""\pard\plain\intbl\itap2 in c\nestcell in d\nestcell"""
                    r"""\pard\plain\intbl\itap2 """ + INNER +
                    r"""\pard\plain\intbl outer after\cell second\cell"""
                    r"""\pard\plain\intbl{""" + OUTER + r"""\row}\pard\plain """
                    r"""End\par}""",
    "table_list": HEAD + LISTS + r"\trowd\cellx4320\cellx8640" + "\n" +
                  r"{\listtext\f1\'b7\tab}\pard\intbl\ls1 one\par"
                  r"{\listtext\f1\'b7\tab}two\cell\pard\intbl plain\cell\row"
                  r"\pard After\par}",
    "two_tables": HEAD + row("a", "b") + "\\pard Between\\par\n" +
                  row("c", "d") + "\\pard After\\par}",
    "unicode": HEAD + r"""\pard\uc1 a\u8364?b \uc2 c\u8364\'80xd \uc0 """
               r"""e\u233 f {\uc3 g\u8364 xyzh} i\u233 j \uc1 """
               r"""\u-10179?\u-8704? k\u65535?\u9786 \'3fl\par}""",
    "pages": r"""{\rtf1\ansi\ansicpg1251\deff0{\fonttbl{\f0 Arial;}"""
             r"""{\f1\fcharset204 Arial;}{\f2\fcharset128 MS Mincho;}"""
             r"""{\f3\fcharset161 Arial;}{\f4\fcharset238 Arial;}"""
             r"""{\f5\fcharset134 SimSun;}{\f6\fcharset129 Batang;}"""
             r"""{\f7\fcharset177 Arial;}{\f8\fcharset0 Arial;}}\pard"""
             r"""\f0 \'ef\'f0 {\f1 \'cf\'f0\'e8} {\f2 \'93\'fa\'96\'7b} """
             r"""{\f3 \'ea\'e1} {\f4 \'b9\'ea} {\f5 \'d6\'d0\'ce\'c4} """
             r"""{\f6 \'b0\'a1} {\f7 \'f9\'ec} {\f8 \'e9}\par}""",
    "page_mac": r"""{\rtf1\mac\deff0{\fonttbl{\f0 Helvetica;}}\pard\f0 """
                r"""\'8a\'9f\par}""",
    "page_pc": r"""{\rtf1\pc\deff0{\fonttbl{\f0 Helvetica;}}\pard\f0 """
               r"""\'84\'81\par}""",
    "hidden": HEAD + r"""\pard be{\v not }fore\v  nor this\v0  after\par"""
              r"""{\v\pard all of it\par}\pard end\par}""",
    "notes": HEAD + r"""\pard one{\super\chftn}{\footnote\pard\plain"""
             r"""{\super\chftn} the note}two{\*\annotation a comment} three"""
             r"""{\xe{index}}{\tc entry}\par}""",
    # No page and no date: LibreOffice has those of its own day.
    "fields": HEAD + r"""\pard {\field{\*\fldinst{ HYPERLINK }{"http://"""
              r"""example.com/x" }}{\fldrslt{\field{\*\fldinst QUOTE "q"}"""
              r"""{\fldrslt q}}uoted}} {\field\flddirty{\*\fldinst HYPERLINK """
              r""""http://example.com/y" \\t "_blank"}{\fldrslt y}}\par}""",
    "list_kinds": HEAD + r"{\*\listtable{\list\listtemplateid3" +
                  "".join(r"{\listlevel\levelnfc%d\leveljc0\levelstartat%d"
                          r"\levelfollow0{\leveltext\'02\'0%d.;}"
                          r"{\levelnumbers\'01;}\fi-360\li%d}" %
                          (kind, start, level, 720 * (level + 1))
                          for level, (kind, start) in
                          enumerate(((1, 3), (2, 1), (3, 2)))) +
                  r"\listid13}}{\*\listoverridetable{\listoverride\listid13"
                  r"\listoverridecount0\ls3}}" +
                  item(r"\ls3", "III.", "three") +
                  item(r"\ls3\ilvl1", "i.", "small") +
                  item(r"\ls3\ilvl2", "B.", "large") +
                  item(r"\ls3", "IV.", "four") + r"\pard After\par}",
    "table_both": HEAD + row((r"\clmgf\clvmgf", "big"),
                             (r"\clmrg\clvmgf", ""), "c") +
                  row((r"\clmgf\clvmrg", ""), (r"\clmrg\clvmrg", ""), "f") +
                  row("g", "h", "i") + "\\pard After\\par}",
    "table_look": HEAD + row((r"\clcbpat3\clbrdrt\brdrs\clvertalc", "a"),
                             r"\qc{\cf1 b}\par{\i c}", props=r"\trrh600") +
                  "\\pard After\\par}",
    "table_links": HEAD + row(r"""{\field{\*\fldinst HYPERLINK "http://"""
                              r"""example.com/c"}{\fldrslt c}}""", "d") +
                   "\\pard After\\par}",
    "page": HEAD + r"""{\header head}{\footer foot}{\stylesheet{\s1 heading """
            r"""1;}}{\info{\title No}}\pard one\par\page two\par\sect three"""
            r"""\par four\
five\par}""",
}

BYTES = {
    "picture_png": [r"\pngblip", png(8, 8)],
    "picture_jpeg": [r"\jpegblip", jpeg()],
    "picture_dib": [r"\dibitmap0", dib(8, 8)],
    "picture_wmf": [r"\wmetafile8", wmf(100, 100)],
    "picture_emf": [r"\emfblip", emf()],
}


def main():
    to = sys.argv[1]
    for name, text in CASES.items():
        with open(f"{to}/{name}.rtf", "w", encoding="latin-1",
                  newline="\r\n") as f:
            f.write(text)
    for name, (words, data) in BYTES.items():
        with open(f"{to}/{name}.rtf", "wb") as f:
            f.write(HEAD.encode() + rb"\pard before " +
                    picture(words, data) + rb" between " +
                    picture(words, data, True) + rb" after\par}")
    with open(f"{to}/picture_word.rtf", "wb") as f:
        f.write(HEAD.encode() + rb"\pard a {\*\shppict" +
                picture(r"\pngblip", png(4, 4)) + rb"}{\nonshppict" +
                picture(r"\wmetafile8", wmf(9, 9)) + rb"} b\par}")
    with open(f"{to}/picture_object.rtf", "wb") as f:
        f.write(HEAD.encode() + rb"\pard a {\object\objemb\objw1500\objh1500"
                rb"{\*\objclass Paint.Picture}{\*\objdata 0105}{\result " +
                picture(r"\wmetafile8", wmf(99, 99)) + rb"}} b\par}")


if __name__ == "__main__":
    main()
