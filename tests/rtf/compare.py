#!/usr/bin/env python3
"""Hold our HTML of RTF against LibreOffice's.

    compare.py RTF_TO_HTML [DIR]

Of each forged file (make.py), or of the .rtf files in DIR, both must have the
same text, links and pictures in the same places, and the same lists and
tables in the same structure. Looks are not compared: test_rtfhtml.c does.
"""

import glob
import html.parser
import os
import shutil
import subprocess
import sys
import tempfile

import make

# LibreOffice has no text for these: what symbol fonts show, it draws.
NOT_TEXT = {"symbols"}

# It has these at the end, and numbers that lead there: the letters are held
# against each other, wherever they stand.
MOVED = {"notes"}

# What has no end tag, and what LibreOffice leaves without one.
VOID = {"br", "img", "meta", "col", "hr", "link"}


class Outline(html.parser.HTMLParser):
    """What is in HTML, as a list of words and of marks of structure."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.all = []
        self.hidden = 0
        self.links = []

    def handle_starttag(self, tag, attributes):
        a = dict(attributes)
        if tag in ("head", "style", "title") or \
                (tag == "div" and a.get("title") in ("header", "footer")) or \
                "display: none" in a.get("style", ""):
            self.hidden += 1
            self.links.append(tag)
        elif self.hidden and tag not in VOID:
            self.links.append(tag)
            self.hidden += 1
        elif tag in ("ul", "ol"):
            self.all.append("<%s %s%s>" % (tag, a.get("type", ""),
                                           a.get("start", "")))
        elif tag in ("table", "tr", "li"):
            self.all.append("<%s>" % tag)
        elif tag == "td":
            self.all.append("<td %s %s>" % (a.get("colspan", 1),
                                            a.get("rowspan", 1)))
        elif tag == "img":
            self.all.append("<img>")
        elif tag == "a" and "href" in a:
            self.all.append("<a %s>" % a["href"])

    def handle_endtag(self, tag):
        if self.hidden:
            if self.links and self.links[-1] == tag:
                self.links.pop()
                self.hidden -= 1
        elif tag in ("ul", "ol", "table"):
            self.all.append("</%s>" % tag)

    def handle_data(self, data):
        if not self.hidden:
            self.all.append("".join(c for c in data if c.isprintable() or
                                    c.isspace()))

    def result(self):
        """The words of text between the marks; no word is cut by one."""
        out = []
        text = ""
        for part in self.all + ["<>"]:
            if part.startswith("<"):
                out += text.split()
                out.append(part)
                text = ""
            else:
                text += part
        return out


def outline(path):
    with open(path, encoding="utf-8") as f:
        o = Outline()
        o.feed(f.read())
        return o.result()


def letters(words):
    """In any order."""
    return sorted(c for word in words if not word.startswith("<")
                  for c in word if c.isalpha())


def main():
    tool = os.path.abspath(sys.argv[1])
    if not shutil.which("soffice"):
        sys.exit("compare.py: soffice is not there: install "
                 "libreoffice-writer-nogui")
    with tempfile.TemporaryDirectory() as tmp:
        for sub in ("in", "ours", "theirs", "profile"):
            os.mkdir(f"{tmp}/{sub}")
        if len(sys.argv) > 2:
            files = sorted(glob.glob(os.path.join(sys.argv[2], "*.rtf")))
        else:
            sys.argv = ["make.py", f"{tmp}/in"]
            make.main()
            files = sorted(glob.glob(f"{tmp}/in/*.rtf"))
        subprocess.run([tool, f"{tmp}/ours", *files], check=True,
                       timeout=120, stdout=subprocess.DEVNULL)
        subprocess.run(["soffice", f"-env:UserInstallation=file://{tmp}/profile",
                        "--headless", "--convert-to",
                        "html:HTML (StarWriter):EmbedImages",
                        "--outdir", f"{tmp}/theirs", *files], check=True,
                       timeout=600, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)
        bad = compared = 0
        for path in files:
            name = os.path.basename(path)[:-len(".rtf")]
            theirs = f"{tmp}/theirs/{name}.html"
            if name in NOT_TEXT:
                continue
            if not os.path.exists(theirs):
                print(f"{name}: LibreOffice made nothing of it")
                bad += 1
                continue
            compared += 1
            ours, other = outline(f"{tmp}/ours/{name}.rtf.html"), \
                outline(theirs)
            if name in MOVED:
                ours, other = letters(ours), letters(other)
            if ours == other:
                print(f"same {name}")
                continue
            bad += 1
            print(f"DIFFERENT {name}\n  ours   {' '.join(ours)}\n"
                  f"  theirs {' '.join(other)}")
    print(f"{compared} compared, {bad} bad")
    sys.exit(bad > 0 or compared == 0)


if __name__ == "__main__":
    main()
