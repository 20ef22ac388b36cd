#!/usr/bin/env python3
"""A catalogue and ledgers with names as an attacker would give them, and
whether the reports of it show them as what they are.

    hostile.py make OUT NEW     NEW is OUT with such names
    hostile.py check OUT        after ostfleet report OUT
"""
import csv
import html.parser
import json
import pathlib
import sys

EVIL = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "</td></table><h1>All is well</h1>",
    "&lt;b&gt; &amp;amp; &#60;i&#62;",
    "=cmd|' /C calc'!A0",
    "+1+1", "-2", "@SUM(1)",
    "a\x1b[2J\x07\x00\x9bb\r\nc",
    "txt.\u202eexe\u2066\u200f",
    "<!--", "]]>", "</style><script>x</script>",
    "日本語 ÄÖÜ 😀",
]
TAGS = set("""html head meta title style body header main section footer h1 h2
p table caption colgroup col thead tbody tfoot tr th td span div b small dl dt
dd ul ol li a svg path rect""".split())
ATTRIBUTES = set("charset name content http-equiv lang class scope colspan id "
                 "rowspan style title href".split())


def make(out, new):
    (new / "ledger").mkdir(parents=True)
    (new / "run.json").write_bytes((out / "run.json").read_bytes())
    with open(out / "catalog.jsonl", encoding="utf-8") as f:
        model = json.loads(f.readline())
    lines = []
    for n, evil in enumerate(EVIL):
        key = f"{n:012x}"
        lines.append(json.dumps({
            **model, "key": key, "name": evil.replace("/", "_"),
            "path": "/" + evil, "owner": evil, "owner_name": evil,
            "mailbox": evil, "error": evil, "first": evil, "last": evil,
            "shared": [{"mailbox": evil, "owner": evil}],
            "state": "cut short", "same_mailbox_as": "000000000001"}))
        (new / "ledger" / f"{key}.json").write_text(json.dumps({
            "key": key, "node": evil, "version": evil, "losses": 1,
            "steps": [
                {"step": "check", "exit": 40, "losses": 1, "why": evil,
                 "seconds": 1, "first": evil, "last": evil, "at": evil},
                {"step": "verify", "exit": 40, "proven": False,
                 "said": evil, "seconds": 1},
                {"step": "import", "exit": 40, "failed": 2, "ended": evil,
                 "seconds": 1}]}))
    (new / "catalog.jsonl").write_text("\n".join(lines) + "\n")


class Page(html.parser.HTMLParser):
    """Only what the program writes itself may be mark-up."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.wrong, self.text, self.tag = [], [], None

    def handle_starttag(self, tag, attrs):
        self.tag = tag
        if tag not in TAGS:
            self.wrong.append(f"<{tag}>")
        for name, value in attrs:
            if name not in ATTRIBUTES or "javascript" in (value or ""):
                self.wrong.append(f"<{tag} {name}={value!r}>")

    def handle_data(self, data):
        if self.tag != "style":
            self.text.append(data)

    def handle_endtag(self, tag):
        self.tag = None

    def handle_comment(self, data):
        self.wrong.append(f"<!--{data}-->")


def plain(text):
    """As a report shows it: what is not to be seen is U+FFFD."""
    return "".join(
        "\ufffd" if ord(c) < 32 or 127 <= ord(c) < 160
        or c in "\u200e\u200f" or 0x2028 <= ord(c) <= 0x202e
        or 0x2066 <= ord(c) <= 0x2069 else c for c in text)


def check(out):
    wrong = []
    source = (out / "report.html").read_text(encoding="utf-8")
    page = Page()
    page.feed(source)
    page.close()
    wrong += page.wrong
    text = "".join(page.text)
    for evil in EVIL:
        if plain(evil.replace("/", "_")) not in text:
            wrong.append(f"not shown as it is: {evil!r}")
    if any(ord(c) < 32 and c != "\n" for c in source):
        wrong.append("a control character")
    with open(out / "report.csv", newline="", encoding="utf-8") as f:
        rows = list(csv.reader(f))
    if len(rows) != 1 + len(EVIL):
        wrong.append(f"{len(rows)} rows of the table")
    wrong += [f"a formula: {cell!r}" for row in rows for cell in row
              if cell[:1] in "=+-@" and cell[:1]]
    report = json.loads((out / "report.json").read_text(encoding="utf-8"))
    if sorted(s["owner"] for s in report["stores"]) != sorted(EVIL):
        wrong.append("report.json has other names")
    print("\n".join(wrong))
    return not wrong


if __name__ == "__main__":
    what, *dirs = sys.argv[1:]
    dirs = [pathlib.Path(d) for d in dirs]
    if what == "make":
        make(*dirs)
    else:
        sys.exit(not check(*dirs))
