#!/usr/bin/python3
"""check.py - does Thunderbird take our calendars and cards as they are meant?

    check.py PROGRAM... [--real PROGRAM...]

Each PROGRAM leaves them in the DIR it is given; those after --real read the
stores in $OST_REAL_STORES, too. A headless Thunderbird with a profile of its
own runs read.sys.mjs on all of them:
  - each event is taken, and its first instances are, in each of ZONES, on the
    day and at the hour that python3-dateutil finds by the file's VTIMEZONE;
  - a task has its dates;
  - a card has all addresses, numbers, dates and pictures that vobject finds.
Prints the counts, and each fault with its file; exits 1 on any fault, and
when there was no event, or no card, at all.
"""

import datetime
import glob
import json
import os
import shutil
import subprocess
import sys
import tempfile
import zoneinfo

import vobject

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
sys.dont_write_bytecode = True
import ical_check  # noqa: E402
from ical_programs import ZONES, starts, when  # noqa: E402

APP = "/usr/lib/thunderbird"
# It reads a .cfg only from where it is installed, so it is installed again,
# by links; what looks where it lies itself is copied.
OWN = ("thunderbird", "thunderbird-bin", "defaults")
PREFS = """// Thunderbird does not read the first line.
pref("browser.dom.window.dump.enabled", true);
pref("general.config.filename", "read.cfg");
pref("general.config.obscure_value", 0);
pref("general.config.sandbox_enabled", false);
"""
LIMIT = 900  # seconds
# Not "url": vobject ends one at a comma.
VALUES = ("email", "tel", "bday", "note", "title", "nickname")


def install(work):
    app = os.path.join(work, "app")
    os.mkdir(app)
    for name in os.listdir(APP):
        if name not in OWN:
            os.symlink(os.path.join(APP, name), os.path.join(app, name))
    for name in OWN[:2]:
        shutil.copy(os.path.join(APP, name), app)
    shutil.copytree(os.path.join(APP, OWN[2]), os.path.join(app, OWN[2]))
    shutil.copy(os.path.join(HERE, "read.cfg"), app)
    with open(f"{app}/defaults/pref/ostfs.js", "w", encoding="ascii") as file:
        file.write(PREFS)
    return os.path.join(app, OWN[0])


def read_all(work, names, module="read.sys.mjs"):
    """What the module, in it, makes of the files; a profile may be there."""
    program, profile = install(work), os.path.join(work, "profile")
    listed, out = os.path.join(work, "list"), os.path.join(work, "out")
    os.makedirs(profile, exist_ok=True)
    with open(listed, "w", encoding="utf-8") as file:
        file.write("".join(name + "\n" for name in names))
    done = subprocess.run(
        [program, "--headless", "--no-remote", "--profile", profile],
        env={**os.environ, "HOME": profile, "OST_HERE": f"file://{HERE}/",
             "OST_ZONES": ",".join(ZONES), "OST_LIST": listed,
             "OST_OUT": out, "OST_MODULE": module},
        timeout=LIMIT, check=False, text=True, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT)
    if not os.path.exists(out):
        sys.exit(f"check.py: Thunderbird read nothing:\n{done.stdout}")
    with open(out, encoding="utf-8") as file:
        return json.load(file)


def expected(start, zone):
    """How it writes a date, or a time in UTC, in a zone."""
    if not isinstance(start, datetime.datetime):
        return start.strftime("%Y%m%d")
    text = start.astimezone(zoneinfo.ZoneInfo(zone)).strftime("%Y%m%dT%H%M%S")
    return text + "Z" if zone == "UTC" else text


def all_zones(start):
    return {zone: expected(start, zone) for zone in ZONES}


HOUR = datetime.timedelta(hours=1)


def skipped(start):
    """What Thunderbird makes of a time that the clock skips: it takes it by
    the offset after that, RFC 5545 (3.3.5) by the one before."""
    for zone in map(zoneinfo.ZoneInfo, ZONES):
        said = start.astimezone(zone).replace(tzinfo=None) - HOUR
        real = said.replace(tzinfo=zone).astimezone(datetime.timezone.utc)
        if real.astimezone(zone).replace(tzinfo=None) != said:
            return [expected(start - HOUR, "UTC")]
    return []


def calendar_faults(data, got):
    known = ical_check.zones(data)
    calendar = ical_check.read(data)
    found = [s for item in got["items"] for s in item["starts"]]
    want = starts(calendar, known) if calendar.walk("VEVENT") else []
    for task in calendar.walk("VTODO"):
        if "DTSTART" in task:
            want.append(when(task["DTSTART"], known))
        if "DUE" in task:
            have = got["items"][0]["due"]
            if have != all_zones(when(task["DUE"], known)):
                yield f"due {have}, not {task['DUE'].dt}"
    for start in want:
        if all_zones(start) not in found and not (
                isinstance(start, datetime.datetime) and
                any(one["UTC"] in skipped(start) for one in found)):
            yield f"it does not begin at {start}, but at {found}"


def texts(value):
    """The parts of a value, of which some may be lists."""
    if isinstance(value, list):
        return [text for part in value for text in texts(part)]
    return [str(value)] if value else []


def card_faults(data, got):
    (card,) = vobject.readComponents(data.decode())
    for name in VALUES:
        want = sorted(line.value for line in card.contents.get(name, []))
        have = sorted(str(v) for n, v in got["entries"] if n == name)
        if have != want:
            yield f"{name} {have}, not {want}"
    want = sorted(
        text for line in card.contents.get("adr", [])
        for part in (line.value.box, line.value.extended, line.value.street,
                     line.value.city, line.value.region, line.value.code,
                     line.value.country) for text in texts(part))
    have = sorted(text for n, v in got["entries"] if n == "adr"
                  for text in texts(v))
    if have != want:
        yield f"adr {have}, not {want}"
    if "photo" in card.contents and not (got["photo"] or "").startswith(
            ("data:image/", "blob:")):
        yield f"the picture is {got['photo']}"


def check(name, got):
    if "fault" in got:
        return [got["fault"]]
    with open(name, "rb") as file:
        data = file.read()
    faults = calendar_faults if name.endswith(".ics") else card_faults
    return list(faults(data, got))


def make(work, words):
    """All files that the programs leave."""
    stores = []
    for word in words:
        if word == "--real":
            stores = sorted(glob.glob(os.path.join(
                os.environ["OST_REAL_STORES"], "*.[op]st")))
            continue
        to = tempfile.mkdtemp(dir=work)
        subprocess.run([word, to, *stores], check=True,
                       stdout=subprocess.DEVNULL)
        yield from (os.path.join(to, one) for one in sorted(os.listdir(to))
                    if one.endswith((".ics", ".vcf")))


def main(words):
    if not words or words[0] in ("-h", "--help"):
        print(__doc__)
        return 0 if words else 1
    if not os.path.exists(APP):
        sys.exit(f"check.py: no {APP}: install thunderbird")
    counts = {"items": 0, "entries": 0}
    faults = 0
    with tempfile.TemporaryDirectory() as work:
        names = list(make(work, words))
        read = read_all(work, names)
        for name in names:
            got = read[name]
            for kind in counts:
                counts[kind] += bool(got.get(kind))
            for fault in check(name, got):
                faults += 1
                print(f"{os.path.basename(name)}: {fault}", file=sys.stderr)
    print(f"{counts['items']} calendars, {counts['entries']} cards, "
          f"{faults} faults")
    return 1 if faults or not all(counts.values()) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
