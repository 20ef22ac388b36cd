#!/usr/bin/python3
"""ical_programs.py - do the calendars of the time show what was meant?

    ical_programs.py DIR_OR_FILE...
    ical_programs.py --from PROGRAM...    each leaves them in the DIR it is given
    ical_programs.py --real PROGRAM       run on the stores in OST_REAL_STORES

Each event of the *.ics files, the first instances of a series too, is at
some time by its own VTIMEZONE, as python3-dateutil reads it. libical and
python3-icalendar, which takes the rules of its own for a zone whose name it
knows, must have it at that time; and khal must show it on that day and at
that hour to somebody in each of ZONES. Whole days are on their day anywhere.
Prints the counts, and each fault with its file; exits 1 on any fault, and
when there was no event at all.
"""

import ctypes
import datetime
import io
import logging
import os
import re
import sys
import tempfile
import zoneinfo

import dateutil.tz
import icalendar
import khal.khalendar
import pytz

import ical_check

ZONES = ("Europe/Berlin", "America/New_York", "Asia/Tokyo", "UTC")
INSTANCES = 3  # of a series
FIRST, LAST = 1990, 2035  # years that khal knows of
UTC = datetime.timezone.utc
KNOWN = zoneinfo.available_timezones()


class Time(ctypes.Structure):
    """struct icaltimetype of libical 3"""
    _fields_ = [(name, ctypes.c_int) for name in
                ("year", "month", "day", "hour", "minute", "second",
                 "is_date", "is_daylight")] + [("zone", ctypes.c_void_p)]


LIB = ical_check.LIBICAL
VEVENT = 4  # ICAL_VEVENT_COMPONENT
LIB.icalparser_parse_string.restype = ctypes.c_void_p
LIB.icalcomponent_get_first_component.restype = ctypes.c_void_p
LIB.icalcomponent_get_first_component.argtypes = (ctypes.c_void_p, ctypes.c_int)
LIB.icalcomponent_get_dtstart.restype = Time
LIB.icalcomponent_get_dtstart.argtypes = (ctypes.c_void_p,)
LIB.icaltime_as_timet_with_zone.restype = ctypes.c_long
LIB.icaltime_as_timet_with_zone.argtypes = (Time, ctypes.c_void_p)
LIB.icalcomponent_free.argtypes = (ctypes.c_void_p,)


def when(prop, known):
    """A date, or a time in UTC by the VTIMEZONE."""
    value = prop.dt
    if not isinstance(value, datetime.datetime):
        return value
    zone = known.get(prop.params.get("TZID"), ical_check.UTC)
    return value.replace(tzinfo=zone).astimezone(UTC)


def instant(wall, zone):
    """In UTC; None of a time that the clock shows twice.

    A time that it skips counts from before the skip (RFC 5545 3.3.5). Of one
    that it shows twice that is the first, which khal does not know.
    """
    if dateutil.tz.datetime_ambiguous(wall, zone):
        return None
    at = dateutil.tz.resolve_imaginary(wall.replace(tzinfo=zone))
    return at.astimezone(UTC)


def starts(calendar, known):
    """Of the first instances: dates, or times in UTC."""
    events = calendar.walk("VEVENT")
    master = [e for e in events if "RECURRENCE-ID" not in e]
    if not master or "RRULE" not in master[0]:
        return [when(e["DTSTART"], known) for e in events]
    start = master[0]["DTSTART"]
    zone = known.get(start.params.get("TZID"), ical_check.UTC)
    day = not isinstance(start.dt, datetime.datetime)
    found = []
    for one, _ in ical_check.instances(calendar, known):
        found.append(one.date() if day else instant(one, zone))
        if len(found) == INSTANCES:
            break
    return [one for one in found if one is not None]


def by_libical(data):
    """The start of its first event."""
    made = LIB.icalparser_parse_string(data)
    event = LIB.icalcomponent_get_first_component(made, VEVENT)
    start = LIB.icalcomponent_get_dtstart(event)
    if start.is_date:
        found = datetime.date(start.year, start.month, start.day)
    else:
        found = (datetime.datetime.fromtimestamp(0, UTC) + datetime.timedelta(
            seconds=LIB.icaltime_as_timet_with_zone(start, start.zone)))
    LIB.icalcomponent_free(made)
    return found


def alone(data, number):
    """The file as one calendar of many: its UID and its zones are its own."""
    data = re.sub(rb"\r\n[ \t]", b"", data)
    data = re.sub(rb"(?m)^UID:[^\r]*", b"UID:n%dn" % number, data)
    for zone in set(re.findall(rb"(?m)^TZID:([^\r]*)", data)):
        if zone.decode() not in KNOWN:
            for old in (b"\nTZID:" + zone, b";TZID=" + zone):
                data = data.replace(old, old + b" %d" % number)
    return data


class Khal:
    """What khal shows in a zone, of all the files together."""

    def __init__(self, work, files, zone):
        root = os.path.join(work, zone.replace("/", "_"))
        os.makedirs(root)
        for number, data in enumerate(files):
            with open(f"{root}/{number}.ics", "wb") as file:
                file.write(alone(data, number))
        self.zone = pytz.timezone(zone)
        self.log = io.StringIO()
        logging.getLogger("khal").addHandler(logging.StreamHandler(self.log))
        self.calendar = khal.khalendar.CalendarCollection(
            {"c": {"name": "c", "path": root, "readonly": True, "color": "",
                   "priority": 10, "ctype": "calendar"}},
            locale={"local_timezone": self.zone, "default_timezone": self.zone,
                    "timeformat": "%H:%M", "dateformat": "%Y-%m-%d",
                    "longdateformat": "%Y-%m-%d", "firstweekday": 0,
                    "datetimeformat": "%Y-%m-%d %H:%M",
                    "longdatetimeformat": "%Y-%m-%d %H:%M",
                    "unicode_symbols": True, "weeknumbers": False},
            dbpath=":memory:")

    def refused(self):
        """Files that it said it could not read."""
        return [line for line in self.log.getvalue().splitlines()
                if re.search("[Cc]annot|[Ee]rror|[Ss]kip", line)]

    def on(self, day):
        """{file number: starts}, as it shows them on a day."""
        shown = {}
        for event in self.calendar.get_events_on(day):
            start = event.start_local if hasattr(event, "start_local") \
                else event.start
            shown.setdefault(int(event.uid.strip("n")), set()).add(
                start.strftime("%Y-%m-%d") if event.allday
                else start.strftime("%Y-%m-%d %H:%M"))
        return shown


def expected(start, zone):
    """How khal writes it in a zone."""
    if not isinstance(start, datetime.datetime):
        return start.isoformat()
    return start.astimezone(zoneinfo.ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M")


def by_itself(data, calendar, known):
    """What libical and icalendar say against it."""
    first = calendar.walk("VEVENT")[0]["DTSTART"]
    want = when(first, known)
    got = by_libical(data)
    if got != want:
        yield f"libical has {got}, not {want}"
    if isinstance(first.dt, datetime.datetime) and first.dt.tzinfo is None:
        yield "icalendar does not know its zone"
    elif isinstance(first.dt, datetime.datetime):
        if first.dt.astimezone(UTC) != want:
            yield f"icalendar has {first.dt.astimezone(UTC)}, not {want}"


def check_all(names):
    files, all_starts, paths = [], [], []
    faults = shown = 0

    def fault(path, text):
        nonlocal faults
        faults += 1
        print(f"{path}: {text}", file=sys.stderr)

    for path in ical_check.find(names):
        with open(path, "rb") as file:
            data = file.read()
        icalendar.cal._timezone_cache.clear()  # zones of another file
        calendar = ical_check.read(data)
        if not calendar.walk("VEVENT"):
            continue
        known = ical_check.zones(data)
        for text in by_itself(data, calendar, known):
            fault(path, text)
        files.append(data)
        paths.append(path)
        all_starts.append(starts(calendar, known))
    with tempfile.TemporaryDirectory() as work:
        for zone in ZONES:
            program = Khal(work, files, zone)
            days = {}
            for number, found in enumerate(all_starts):
                for start in found:
                    if not FIRST <= start.year < LAST:
                        continue
                    shown += 1
                    want = expected(start, zone)
                    day = datetime.date.fromisoformat(want[:10])
                    if day not in days:
                        days[day] = program.on(day)
                    have = days[day].get(number, set())
                    if want not in have:
                        fault(paths[number],
                              f"khal in {zone} does not show it at {want}"
                              f", but at {sorted(have)}")
            for text in program.refused():
                fault("khal", text)
    print(f"{len(files)} files, {shown} instances shown, {faults} faults")
    return 1 if faults or not shown else 0


def main(args):
    if not args or args[0] in ("-h", "--help"):
        print(__doc__)
        return 0 if args else 1
    return ical_check.made_by(args, check_all)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
