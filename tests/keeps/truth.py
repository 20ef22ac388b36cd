"""truth.py - what there is of an item in a store, by its properties

`ostcat -p' prints them; test_compare holds it to what libpff finds. The numbers
are those of [MS-OXPROPS].
"""

import base64
import collections
import datetime
import email.utils
import hashlib
import json
import re
import struct
import subprocess

CODE_PAGES = {20127: "ascii", 65001: "utf-8", 28591: "latin-1"}
APPOINTMENT = "00062002-0000-0000-c000-000000000046"
PUBLIC_STRINGS = "00020329-0000-0000-c000-000000000046"
FREQUENCIES = {0x200A: "DAILY", 0x200B: "WEEKLY", 0x200C: "MONTHLY",
               0x200D: "YEARLY"}
NOT_MAIL = ("IPM.Appointment", "IPM.Contact", "IPM.DistList", "IPM.Task",
            "IPM.Activity", "IPM.StickyNote")


def is_address(text):
    """Such as mail can be sent to, and not made up for want of one."""
    return bool(re.fullmatch(r"""[^\s@<>/"]+@[\w-]+(\.[\w-]+)+""", text)) and (
        not text.endswith(".invalid"))


def addresses(values):
    return {v.strip("' ").lower() for v in values if is_address(v.strip("' "))}


def seconds(time):
    """Of '2021-08-12T20:16:07.9591090Z'."""
    when = datetime.datetime.strptime(time[:19], "%Y-%m-%dT%H:%M:%S")
    return int(when.replace(tzinfo=datetime.timezone.utc).timestamp())


class Properties:
    def __init__(self, listed):
        self.by_tag = {}
        self.by_name = {}
        for prop in listed:
            value = prop.get("value")
            if prop["type"] == "PtypBinary" and value is not None:
                value = base64.b64decode(value)
            self.by_tag[int(prop["tag"], 16)] = value
            name = int(prop["lid"], 16) if "lid" in prop else prop.get("name")
            self.by_name[prop.get("guid"), name] = value

    def get(self, tag, otherwise=None):
        return self.by_tag.get(tag, otherwise)

    def texts(self, *tags):
        found = (self.get(tag) for tag in tags)
        return [text.strip("\0") for text in found if isinstance(text, str)]

    def appointment(self, lid):
        return self.by_name.get((APPOINTMENT, lid))


class Truth:
    def __init__(self, ostcat, store, nid):
        made = json.loads(subprocess.run(
            [ostcat, "-p", store, f"{nid:x}"], capture_output=True,
            check=True).stdout)
        p = self.props = Properties(made["properties"])
        rows = [Properties(row["properties"]) for row in made["recipients"]]
        self.kind = (p.texts(0x001A) or ["IPM.Note"])[0]
        self.is_mail = not self.kind.startswith(NOT_MAIL)
        self.subject = re.sub("(?s)^\x01.", "", "".join(p.texts(0x0037)))
        sent = p.get(0x0039)
        self.when = seconds(sent) if sent else None
        self.sender = (addresses(p.texts(0x5D02, 0x0065)) or
                       addresses(p.texts(0x5D01, 0x0C1F)))
        self.recipients = set()
        for row in rows:
            if row.get(0x0C15, 1) in (1, 2, 3):
                self.recipients |= addresses(row.texts(0x39FE, 0x3003)[:1] or
                                             row.texts(0x3003))
        self.fields = transport_fields("".join(p.texts(0x007D)))
        for field in self.fields:  # who sends for another may be either
            if field.lower().startswith("from:"):
                self.sender.add(email.utils.parseaddr(field[5:])[1].lower())
        self.sender = addresses(self.sender)
        self.html = p.get(0x1013)
        if self.html is not None:
            self.html = self.decoded(self.html)
        self.rtf_only = (p.get(0x1009) is not None and
                         p.get(0x1000) is None and p.get(0x1013) is None)
        self.attachments = collections.Counter()
        self.inline = set()
        self.embedded = []
        for attachment in made["attachments"]:
            self.attach(Properties(attachment["properties"]),
                        attachment.get("messages", []))
        self.categories = p.by_name.get((PUBLIC_STRINGS, "Keywords")) or []
        self.states = self.state()

    def decoded(self, data):
        """Of its HTML, as stored."""
        page = self.props.get(0x3FDE, 1252)
        return data.decode(CODE_PAGES.get(page, f"cp{page}"), "replace")

    def attach(self, props, messages):
        if props.get(0x3705) == 1 and props.get(0x3701) is not None:
            digest = hashlib.sha256(props.get(0x3701)).hexdigest()
            self.attachments[digest] += 1
        for message in messages:
            inner = Properties(message["properties"])
            self.embedded += inner.texts(0x0037)
        for cid in props.texts(0x3712):
            cid = cid.strip("<>")
            if cid and self.html and f"cid:{cid}" in self.html:
                self.inline.add(cid)

    def state(self):
        """Read, answered, forwarded, flagged."""
        p = self.props
        states = set()
        if p.get(0x0E07, 0) & 1:
            states.add("read")
        if p.get(0x1081) in (102, 103) or p.get(0x1080) == 0x105:
            states.add("answered")
        if p.get(0x1081) == 104 or p.get(0x1080) == 0x106:
            states.add("forwarded")
        if p.get(0x1090) == 2:
            states.add("flagged")
        return states

    # Of appointments [MS-OXOCAL]

    def day(self):
        """The day it begins, when it is all day; midnight is near."""
        if not self.props.appointment(0x8215):
            return None
        start = seconds(self.props.appointment(0x820D))
        return (datetime.datetime.fromtimestamp(start, datetime.timezone.utc) +
                datetime.timedelta(hours=12)).strftime("%Y%m%d")

    def rule(self):
        """FREQ and COUNT of a series (2.2.1.44)."""
        blob = self.props.appointment(0x8216)
        if not blob:
            return None
        frequency, pattern = struct.unpack_from("<HH", blob, 4)
        # After the times come 0, 4 or 8 bytes that say which day.
        at = 22 + {0: 0, 1: 4, 2: 4, 3: 8, 4: 4}[pattern]
        end, count = struct.unpack_from("<II", blob, at)
        rule = {"FREQ": FREQUENCIES[frequency]}
        if end == 0x2022:
            rule["COUNT"] = str(count)
        return rule

    def in_a_zone(self):
        return self.rule() is not None and self.day() is None


def transport_fields(text):
    """The fields of a header, each as it is, with LF line ends."""
    text = text.replace("\r\n", "\n").strip("\n\0")
    return re.findall(r"(?m)^[!-9;-~]+:.*(?:\n[ \t].*)*", text)
