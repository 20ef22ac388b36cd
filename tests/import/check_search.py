#!/usr/bin/env python3
"""check_search.py - does a mail indexer find every mail of a mount?

    check_search.py notmuch|mu DIR

DIR is what was indexed: a mount, for mu with -o layout=maildir. Of each .eml,
or file in a directory `cur', in it
  - the index knows the file and the Message-ID, and knows no other,
  - a word of its subject, one of its text, and its author's address find it,
  - the indexer, having parsed it, shows the subject and the parts that
    Python's email finds.
Prints the counts, and each fault; exits 1 on any fault, and when there was no
mail at all.
"""

import collections
import email
import email.header
import email.utils
import functools
import html
import json
import os
import re
import subprocess
import sys

WORD = r"(?<![\w'-])[A-Za-z]{4,20}(?![\w'-])"
# What Xapian's query language has another use for.
OPERATORS = {"near", "xor"}


def run(*command, fails=()):
    done = subprocess.run(command, capture_output=True, check=False)
    if done.returncode not in (0, *fails):
        sys.exit(f"{command}: {done.stderr.decode()}")
    return done.stdout.decode("utf-8", "surrogateescape")


class Notmuch:
    texts = ("text/plain", "text/html")

    @staticmethod
    def files(*query):
        return run("notmuch", "search", "--output=files", *query).splitlines()

    def everything(self):
        return self.files("*")

    @staticmethod
    def ids():
        return {line.removeprefix("id:") for line in
                run("notmuch", "search", "--output=messages", "*").split()}

    def with_word(self, field, word):
        fields = {"subject": f"subject:{word}", "body": word,
                  "from": f'from:"{word}"'}
        return self.files(fields[field])

    @functools.cached_property
    def all_shown(self):
        """Subject and media types of each mail, by Message-ID."""
        found = {}

        def walk(node):
            if isinstance(node, list):
                for below in node:
                    walk(below)
            elif node:
                found[node["id"]] = (node["headers"].get("Subject", ""),
                                     list(kinds(node["body"])))

        def kinds(parts):
            for part in parts:
                yield part["content-type"]
                below = part.get("content")
                for inner in below if isinstance(below, list) else []:
                    yield from kinds(inner["body"] if "body" in inner
                                     else [inner])

        walk(json.loads(run("notmuch", "show", "--format=json",
                            "--entire-thread=false", "*")))
        return found

    def shown(self, mail):
        return self.all_shown[mail.id]


class Mu:
    texts = ("text/plain",)  # 1.8 does not index HTML

    @staticmethod
    def files(query):
        return run("mu", "find", "--fields=l", query, fails=(2, 4)).splitlines()

    def everything(self):
        return self.files("")

    @staticmethod
    def ids():
        return set(run("mu", "find", "--fields=i", "").split())

    def with_word(self, field, word):
        return self.files(f"{field}:{word}")

    @staticmethod
    def shown(mail):
        """Subject only."""
        said = run("mu", "view", "--muhome=" + os.environ["MUHOME"], mail.path)
        head = re.search(r"^Subject: (.*)", said, re.MULTILINE)
        return head[1] if head else "", None


def decoded(value):
    return str(email.header.make_header(
        email.header.decode_header(str(value or ""))))


def squeezed(text):
    return " ".join(text.split())


def text_of(part):
    if part.get_content_disposition() == "attachment":
        return ""
    data = part.get_payload(decode=True) or b""
    text = data.decode(part.get_content_charset("us-ascii"), "replace")
    if part.get_content_subtype() == "html":
        text = re.sub(r"(?is)<(style|script|head)\b.*?</\1>|<!--.*?-->", " ",
                      text)
        text = html.unescape(re.sub(r"<[^>]*>", " ", text))
    return text


def a_word(text):
    """The longest, so that it is a rare one."""
    text = re.sub(r"\S*[@/:.]\S*", " ", text)
    found = [w for w in re.findall(WORD, text) if w.lower() not in OPERATORS]
    return max(found, key=len, default="")


class Mail:
    def __init__(self, path, texts):
        self.path = path
        with open(path, "rb") as file:
            self.made = email.message_from_binary_file(file)
        self.id = "".join(self.made["message-id"].split()).strip("<>")
        self.subject = squeezed(decoded(self.made["subject"]))
        body = next((text_of(part) for part in self.made.walk()
                     if part.get_content_type() in texts), "")
        address = email.utils.parseaddr(
            re.sub(r"\s+", " ", str(self.made["from"])))[1]
        self.words = {"subject": a_word(self.subject), "body": a_word(body),
                      "from": address if re.fullmatch(r"[\w.-]+@[\w.-]+",
                                                      address) else ""}

    def kinds(self):
        return [part.get_content_type() for part in self.made.walk()]


def mails(top, texts):
    for root, dirs, files in os.walk(top, followlinks=True):
        if os.path.basename(root) == "cur":
            dirs.clear()  # each has its own `cur'
        for file in files:
            if file.endswith(".eml") or os.path.basename(root) == "cur":
                yield Mail(os.path.join(root, file), texts)


def main(name, top):
    index = {"notmuch": Notmuch, "mu": Mu}[name]()
    found = list(mails(top, index.texts))
    faults = []

    def same(what, got, want):
        if got != want:
            faults.append(f"{what}\n     got  {got}\n     want {want}")

    same("files", sorted(index.everything()), sorted(m.path for m in found))
    same("Message-IDs", sorted(index.ids()), sorted({m.id for m in found}))
    wanted = collections.defaultdict(set)
    for mail in found:
        for field, word in mail.words.items():
            if word:
                wanted[field, word].add(mail.path)
    for (field, word), paths in sorted(wanted.items()):
        for path in paths - set(index.with_word(field, word)):
            faults.append(f"{word!r} in {field} does not find {path}")
    once = collections.Counter(m.id for m in found)
    for mail in found:
        if once[mail.id] > 1:
            continue  # which of them is shown is not said
        subject, kinds = index.shown(mail)
        same(f"{mail.path}: subject", squeezed(subject), mail.subject)
        if kinds is not None:
            same(f"{mail.path}: parts", kinds, mail.kinds())
    for fault in faults:
        print(f"FAIL {fault}")
    print(f"{len(found)} mails, {len(once)} Message-IDs, {len(wanted)} words, "
          f"{len(faults)} faults")
    return 1 if faults or not found else 0


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
