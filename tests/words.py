#!/usr/bin/env python3
"""words.py - of the words that a reader sees, how many does grep find?

    words.py MOUNT TEXT

MOUNT is a store mounted, TEXT the same with -o layout=text. What a reader
sees of an item is decoded here, from the properties in .ostfs/mapi: subject,
names, bodies as text and HTML. A word has four letters or more. It is found if
its bytes stand in the item's file, as grep -F would look for them. Prints a
line for each kind of file, and fails below the goals.
"""
import base64
import html.parser
import json
import os
import re
import sys
import unicodedata

EML_ASCII = 0.999  # goal: of words of ASCII in mails
NAMES = {  # text properties in which people are named
    "0x0042", "0x0C1A", "0x3001", "0x3A06", "0x3A11", "0x3A16", "0x3A17",
}  # fmt: skip
WORD = re.compile(r"[^\W\d_]{4,}")
UNSEEN = dict.fromkeys(map(ord, "\u00ad\u200b\u2060\ufeff"))
INLINE = set(
    "a abbr acronym b bdo big cite code del dfn em font i ins kbd label mark "
    "o:p q s samp small span strike strong sub sup tt u var wbr".split()
)


class Text(html.parser.HTMLParser):
    """The text of a page: what is between its tags, blocks apart."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.text = []
        self.hidden = None

    def handle_starttag(self, tag, attrs):
        if tag in ("script", "style", "title", "xml"):
            self.hidden = self.hidden or tag
        elif tag not in INLINE:
            self.text.append(" ")

    def handle_endtag(self, tag):
        if tag == self.hidden:
            self.hidden = None
        elif tag not in INLINE:
            self.text.append(" ")

    def handle_data(self, data):
        if self.hidden is None:
            self.text.append(data)


def decoded(raw, codepage):
    """The bytes of an HTML body: in UTF-8 if they can be, else in its page."""
    for name in ("utf-8-sig", "cp%s" % codepage, "cp1252", "latin-1"):
        try:
            return raw.decode(name)
        except (LookupError, UnicodeDecodeError):
            continue
    return ""


def of_html(prop, codepage):
    value = prop["value"]
    if prop["type"] == "PtypBinary":
        value = decoded(base64.b64decode(value), codepage)
    page = Text()
    page.feed(re.sub(r"(?s)<!\[.*?\]>", "", value))
    page.close()
    return "".join(page.text).translate(UNSEEN)


def seen(item):
    """The texts that a reader sees of an item."""
    props = {p["tag"]: p for p in item["properties"] if "value" in p}
    codepage = props.get("0x3FDE", {}).get("value", 1252)
    for tag, prop in props.items():
        if tag == "0x0037":
            value = prop["value"]
            yield value[2:] if value.startswith("\x01") else value
        elif tag == "0x1013":
            yield of_html(prop, codepage)
        elif tag == "0x1000" or tag in NAMES:
            yield prop["value"]
    for row in item.get("recipients", []):
        for prop in row["properties"]:
            if prop["tag"] == "0x3001" and "value" in prop:
                yield prop["value"]


def files(top):
    """Item number and path of each item's file below `top`."""
    for folder, names, all_files in os.walk(top):
        names[:] = [
            n for n in names if n != ".ostfs" and not n.endswith(".attachments")
        ]
        for name in all_files:
            found = re.search(r"\[([0-9a-f]+)\]\.\w+$", name)
            if found:
                yield found.group(1), os.path.join(folder, name)


def read(path):
    with open(path, "rb") as f:
        return f.read()


def main():
    mount, text = sys.argv[1:]
    texts = dict(files(text))
    counts = {}  # kind, ASCII: words, found in the file, found in the text
    missed = []
    for nid, path in files(mount):
        item = json.loads(read("%s/.ostfs/mapi/%s.json" % (mount, nid)))
        file, as_text = read(path), read(texts[nid])
        words = set()
        for part in seen(item):
            words.update(WORD.findall(part))
        for word in words:
            kind = os.path.splitext(path)[1], word.isascii()
            count = counts.setdefault(kind, [0, 0, 0])
            count[0] += 1
            count[1] += word.encode("utf-8", "replace") in file
            normal = unicodedata.normalize("NFC", word).encode("utf-8", "replace")
            if normal in as_text:
                count[2] += 1
            elif len(missed) < 20:
                missed.append((nid, word))
            if kind == (".eml", True) and word.encode() not in file:
                print("not in %s: %s" % (os.path.basename(path), word))
    failed = not counts
    print("%-5s %-6s %8s %14s %14s" % ("kind", "words", "", "in the file", "in the text"))
    for (kind, ascii_only), (all_words, found, in_text) in sorted(counts.items()):
        print(
            "%-5s %-6s %8d %13.2f%% %13.2f%%"
            % (
                kind,
                "ASCII" if ascii_only else "other",
                all_words,
                100 * found / all_words,
                100 * in_text / all_words,
            )
        )
        failed |= in_text < all_words
        if kind == ".eml" and ascii_only:
            failed |= found < EML_ASCII * all_words
    for nid, word in missed:
        print("not in the text of %s: %s" % (nid, word))
    sys.exit(failed)


main()
