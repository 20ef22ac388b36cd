#!/usr/bin/python3
"""ical_check.py - do others read our iCalendar as it is meant?

    ical_check.py DIR_OR_FILE...
    ical_check.py --from PROGRAM...    each leaves them in the DIR it is given
    ical_check.py --real PROGRAM       run on the stores in OST_REAL_STORES

Every *.ics file named, or found below a directory named, must
  - have CRLF line ends only, no line over 75 bytes, and be UTF-8,
  - be read by libical, python3-icalendar and python3-vobject without an error,
  - have in each component what RFC 5545 wants there,
  - define each time zone that a time is in.
Beside NAME.ics there may be NAME.expect, with the wall times of the first
instances of the series: python3-dateutil, expanding the rule by the
VTIMEZONE, must find the same. NAME.zone has times in UTC and on the wall of
the VTIMEZONE, for dateutil to agree with. NAME.hijri has the days that are
gone of a series in RDATEs: libical, by ICU's calendar, must find all others.
Prints the counts, and each fault with its file; exits 1 on any fault, and
when there was no file at all.
"""

import ctypes
import datetime
import glob
import io
import os
import re
import subprocess
import sys
import tempfile

import dateutil.rrule
import dateutil.tz
import icalendar
import vobject

LINE_MOST = 75
LIBICAL = ctypes.CDLL("libical.so.3")
LIBICAL.icalparser_parse_string.restype = ctypes.c_void_p
WALL = "%Y%m%dT%H%M%S"
LIBICAL.icalrecur_expand_recurrence.argtypes = (
    ctypes.c_char_p, ctypes.c_long, ctypes.c_int,
    ctypes.POINTER(ctypes.c_long))
UTC = dateutil.tz.UTC


def find(names):
    for name in names:
        if not os.path.isdir(name):
            yield name
        for root, dirs, files in os.walk(name):
            dirs.sort()
            for file in sorted(files):
                if file.endswith(".ics"):
                    yield os.path.join(root, file)


def lines(data):
    if re.search(rb"(?<!\r)\n|\r(?!\n)", data):
        yield "a line end that is not CRLF"
    for line in data.split(b"\r\n"):
        if len(line) > LINE_MOST:
            yield f"a line of {len(line)} bytes"
        if any(c < 32 and c != 9 for c in line):
            yield "a control character"
        try:
            line.decode()
        except UnicodeDecodeError as fault:
            yield f"a line that is not UTF-8 by itself: {fault}"


def libical(data):
    """What libical has to say against it."""
    made = ctypes.c_void_p(LIBICAL.icalparser_parse_string(data))
    if not made:
        return (yield "libical cannot read it")
    # Years past 3000 it takes for errors.
    if not re.search(rb"[:=][3-9]\d{3}(0\d|1[0-2])[0-3]\d[TZ\r]", data):
        LIBICAL.icalrestriction_check(made)
    errors = LIBICAL.icalcomponent_count_errors(made)
    if errors:
        yield f"libical finds {errors} errors"
    LIBICAL.icalcomponent_free(made)


def read(data):
    """The calendar, by icalendar.

    RFC 5545 3.3.10 wants UNTIL in a VTIMEZONE in UTC, but icalendar 4 fails
    on it there, and nowhere else: it gets it without. dateutil does not mind.
    """
    def mend(match):
        return re.sub(rb"(UNTIL=\d{8}T\d{6})Z", rb"\1", match.group())

    mended = re.sub(rb"BEGIN:VTIMEZONE.*?END:VTIMEZONE", mend,
                    data.replace(b"\r\n ", b""), flags=re.DOTALL)
    return icalendar.Calendar.from_ical(mended)


def zones(data):
    """Its VTIMEZONEs, as dateutil reads them.

    It compares UNTIL, which is in UTC, with times on the wall.
    """
    def mend(match):
        part = match.group()
        sign, hours, minutes = re.search(
            r"TZOFFSETFROM:([+-])(\d\d)(\d\d)", part).groups()
        ahead = datetime.timedelta(hours=int(hours), minutes=int(minutes))

        def local(until):
            at = datetime.datetime.strptime(until.group(1), WALL + "Z")
            at = at - ahead if sign == "-" else at + ahead
            return "UNTIL=" + at.strftime(WALL)

        return re.sub(r"UNTIL=(\w+)", local, part)

    text = data.decode().replace("\r\n ", "")
    found = re.findall("BEGIN:VTIMEZONE.*?END:VTIMEZONE\r\n", text, re.DOTALL)
    if not found:
        return {}
    text = re.sub("BEGIN:(STANDARD|DAYLIGHT).*?END:", mend, "".join(found),
                  flags=re.DOTALL)
    made = dateutil.tz.tzical(io.StringIO(text))
    return {name: made.get(name) for name in made.keys()}


def many(value):
    return value if isinstance(value, list) else [] if value is None else [value]


def wall(prop, zone=None):
    """The value of a property as a time on the wall, of a zone if in UTC."""
    value = prop.dt
    if isinstance(value, datetime.datetime):
        if zone is not None and value.tzinfo and "TZID" not in prop.params:
            value = value.astimezone(zone)
        return value.replace(tzinfo=None)
    return datetime.datetime.combine(value, datetime.time())


def times(component):
    for name in ("DTSTART", "DTEND", "RECURRENCE-ID", "DUE"):
        if name in component:
            yield component[name]
    for name in ("EXDATE", "RDATE"):
        yield from many(component.get(name))


def properties(component, known):
    for name in ("UID", "DTSTAMP"):
        if name not in component:
            yield f"no {name}"
    if component.name == "VEVENT":
        if "DTSTART" not in component:
            return (yield "no DTSTART")
        start, end = component["DTSTART"], component.get("DTEND", None)
        if end is not None and type(start.dt) is not type(end.dt):
            yield "DTSTART and DTEND of two kinds"
        same = end is not None and (start.params.get("TZID") ==
                                    end.params.get("TZID"))
        if same and wall(end) <= wall(start):
            yield f"ends {end.dt}, starts {start.dt}"
    if "RRULE" in component and "DTSTART" not in component:
        yield "RRULE without DTSTART"
    for prop in times(component):
        zone = prop.params.get("TZID")
        if zone is not None and zone not in known:
            yield f"time zone {zone} is not defined"
    if "ATTENDEE" in component and "ORGANIZER" not in component:
        yield "ATTENDEE without ORGANIZER"


def rule_of(event, zone):
    """Its RRULE, on the wall: UNTIL is in UTC, the rest is not."""
    text = event["RRULE"].to_ical().decode()

    def local(match):
        value = match.group(1)
        if not value.endswith("Z"):
            return "UNTIL=" + value
        until = datetime.datetime.strptime(value, WALL + "Z")
        if zone is not None:
            until = until.replace(tzinfo=UTC).astimezone(zone)
        return "UNTIL=" + until.strftime(WALL)

    text = re.sub(r"UNTIL=([0-9TZ]+)", local, text)
    return dateutil.rrule.rrulestr(text, dtstart=wall(event["DTSTART"]))


def instances(calendar, known):
    """(start, end) of all instances, in the order of their starts."""
    events = calendar.walk("VEVENT")
    master = next(e for e in events if "RECURRENCE-ID" not in e)
    zone = known.get(master["DTSTART"].params.get("TZID"))
    moved = {wall(e["RECURRENCE-ID"]): (wall(e["DTSTART"], zone),
                                        wall(e["DTEND"], zone))
             for e in events if "RECURRENCE-ID" in e}
    start, end = wall(master["DTSTART"]), wall(master["DTEND"])
    every = dateutil.rrule.rruleset()
    every.rrule(rule_of(master, zone))
    for gone in many(master.get("EXDATE")):
        for one in gone.dts:
            every.exdate(wall(one))
    for one in every:
        yield moved.pop(one, (one, one + (end - start)))
    for one in moved:
        raise ValueError(f"RECURRENCE-ID {one} is no instance")


def same_instances(calendar, known, path):
    with open(path) as file:
        want = [tuple(line.split()) for line in file]
    got = []
    for start, end in instances(calendar, known):
        got.append((start.strftime(WALL), end.strftime(WALL)))
        if len(got) == len(want) + 1:
            break
    # A series without an end goes on; all others have no more.
    rule = calendar.walk("VEVENT")[0].get("RRULE", {"COUNT": 1})
    if "COUNT" not in rule and "UNTIL" not in rule:
        got = got[:len(want)]
    for index, (one, other) in enumerate(zip(got, want)):
        if one != other:
            yield f"instance {index} is {one}, not {other}"
    if len(got) != len(want):
        yield f"{len(got)} instances, not {len(want)}"


def by_icu(rule, start, most):
    """Days of a rule in the calendar that Windows calls Hijri, by ICU.

    libical 3 counts INTERVAL by the months of ours: it gets each instance.
    """
    step = int(re.search(r"INTERVAL=(\d+)", rule).group(1))
    each = re.sub(r"INTERVAL=\d+|COUNT=\d+", "", rule).replace(";;", ";")
    times = (ctypes.c_long * (most * step + 1))()
    LIBICAL.icalrecur_expand_recurrence(
        b"RSCALE=ISLAMIC-TBLA;" + each.strip(";").encode(),
        int(start.replace(tzinfo=UTC).timestamp()), most * step, times)
    days = [datetime.datetime.fromtimestamp(at, UTC).strftime("%Y%m%d")
            for at in times if at]
    return days[::step][:most]


def same_hijri(calendar, path):
    (event,) = calendar.walk("VEVENT")
    start = wall(event["DTSTART"])
    with open(path) as file:
        gone = file.read().split()
    got = {wall(one).strftime("%Y%m%d") for date in many(event.get("RDATE"))
           for one in date.dts} | {start.strftime("%Y%m%d")}
    want = set(by_icu(event["X-MICROSOFT-RRULE"], start, len(got) + len(gone)))
    if not want or got != want - set(gone):
        yield f"by ICU {sorted(want - set(gone) ^ got)} are days, or are none"


def same_walls(known, path):
    (zone,) = known.values()
    with open(path) as file:
        for line in file:
            utc, want = line.split()
            at = datetime.datetime.strptime(utc, WALL).replace(tzinfo=UTC)
            got = at.astimezone(zone).strftime(WALL)
            if got != want:
                yield f"{utc} in UTC is {got} by the VTIMEZONE, not {want}"


def check(name):
    with open(name, "rb") as file:
        data = file.read()
    yield from lines(data)
    yield from libical(data)
    try:
        calendar = read(data)
        known = zones(data)
        if sum(1 for _ in vobject.readComponents(data.decode())) != 1:
            yield "not one calendar"
    except Exception as fault:  # whatever they say, it is a fault
        return (yield f"{type(fault).__name__}: {fault}")
    for component in calendar.walk():
        for prop, fault in component.errors:
            yield f"{component.name}: {prop}: {fault}"
        if component.name in ("VEVENT", "VTODO", "VJOURNAL"):
            for fault in properties(component, known):
                yield f"{component.name}: {fault}"
    base = os.path.splitext(name)[0]
    if os.path.exists(base + ".expect"):
        yield from same_instances(calendar, known, base + ".expect")
    if os.path.exists(base + ".zone"):
        yield from same_walls(known, base + ".zone")
    if os.path.exists(base + ".hijri"):
        yield from same_hijri(calendar, base + ".hijri")


def check_all(names):
    files = faults = expanded = 0
    for name in find(names):
        files += 1
        base = os.path.splitext(name)[0]
        expanded += sum(os.path.exists(base + end)
                        for end in (".expect", ".zone", ".hijri"))
        for fault in check(name):
            faults += 1
            print(f"{name}: {fault}", file=sys.stderr)
    print(f"{files} files, {expanded} compared, {faults} faults")
    return 1 if faults or not files else 0


def made_by(args, check_them):
    """Check the files named, or those that programs leave."""
    if args[0] not in ("--from", "--real"):
        return check_them(args)
    stores = []
    if args[0] == "--real":
        where = os.environ["OST_REAL_STORES"]
        stores = sorted(glob.glob(os.path.join(where, "*.[op]st")))
    with tempfile.TemporaryDirectory() as made:
        for program in args[1:]:
            subprocess.run([program, made, *stores], check=True)
        return check_them([made])


def main(args):
    if not args or args[0] in ("-h", "--help"):
        print(__doc__)
        return 0 if args else 1
    return made_by(args, check_all)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
