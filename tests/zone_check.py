#!/usr/bin/python3
"""zone_check.py - is what zone_names.c has of the IANA's zones what they have?

    zone_check.py ZONE_NAMES.C

Each row of the table is held against the time zone data of this system: how
far ahead of UTC each month, and just before and after each change, from the
row's first year to 2024.
Prints the counts, and each zone that differs; exits 1 on any, and when there
was no row.
"""

import datetime
import re
import sys
import zoneinfo

DATA = "/usr/share/zoneinfo/tzdata.zi"

# Zones of which older data says something else, from that year on: the first
# release that is right. With an older one these years are not looked at.
REVISED = {"Europe/Chisinau": ("2026a", 2022)}

UTC = datetime.timezone.utc
MACROS = {
    "FIXED": lambda since, ahead: (since, ahead, ahead, None),
    "US_2007": lambda since, ahead: (
        since, ahead, ahead + 60, ((3, 0, 8, 120), (11, 0, 1, 120))),
    "US_1987": lambda since, ahead: (
        since, ahead, ahead + 60, ((4, 0, 1, 120), (10, 0, 0, 120))),
    "US_1976": lambda ahead: (
        1976, ahead, ahead + 60, ((4, 0, 0, 120), (10, 0, 0, 120))),
    "EU": lambda since, ahead: (
        since, ahead, ahead + 60,
        ((3, 0, 0, ahead + 60), (10, 0, 0, ahead + 120))),
}


def rows(text):
    """(Windows name, IANA name, rules), the macros expanded."""
    table = text[text.index("zones[] = {"):text.index("/* clang-format on */")]
    pattern = r'\{ "([^"]+)", "([^"]+)", \{ (.*) \} \},\n'
    for windows, iana, rules in re.findall(pattern, table):
        rules = re.sub(r"\bUS\((-?\d+)\)",
                       r"US_2007(2007, \1), US_1987(1987, \1), US_1976(\1)",
                       rules)
        rules = rules.replace("{", "(").replace("}", ")")
        yield windows, iana, eval(f"[{rules}]", dict(MACROS))


def change(year, month, weekday, first, minute):
    """When a change is, on the clock that shows before it."""
    if first == 0:
        after = datetime.datetime(year + month // 12, month % 12 + 1, 1)
        first = (after - datetime.timedelta(days=7)).day
    day = datetime.datetime(year, month, first)
    ahead = (weekday - (day.weekday() + 1)) % 7
    return day + datetime.timedelta(days=ahead, minutes=minute)


def minutes_ahead(rules, utc):
    """By the table; None: it does not say."""
    year = (utc + datetime.timedelta(minutes=rules[0][1])).year
    for since, winter, summer, changes in rules:
        if year < since:
            continue
        if not changes:
            return winter
        begin = change(year, *changes[0]) - datetime.timedelta(minutes=winter)
        end = change(year, *changes[1]) - datetime.timedelta(minutes=summer)
        return summer if begin <= utc < end else winter
    return None


def moments(rules, year):
    """In UTC: a time of each month, and around each change of any rule."""
    for month in range(1, 13):
        yield datetime.datetime(year, month, 16, 12)
    for since, winter, summer, changes in rules:
        for one, ahead in zip(changes or (), (winter, summer)):
            at = change(year, *one) - datetime.timedelta(minutes=ahead)
            yield at - datetime.timedelta(minutes=1)
            yield at


def release():
    """Of this system's data, as in 2026b."""
    with open(DATA, encoding="ascii") as lines:
        return re.match(r"# version (\d{4}[a-z]+)", next(lines))[1]


def differs(iana, rules, have):
    """The first time at which they are not the same, or None."""
    zone = zoneinfo.ZoneInfo(iana)
    right, revised = REVISED.get(iana, ("", 0))
    for year in range(rules[-1][0], revised if have < right else 2025):
        for at in moments(rules, year):
            want = minutes_ahead(rules, at)
            offset = at.replace(tzinfo=UTC).astimezone(zone).utcoffset()
            if want is None or offset == datetime.timedelta(minutes=want):
                continue
            return f"{at} UTC: {offset}, not {want} minutes"
    return None


def main(args):
    if len(args) != 1:
        print(__doc__)
        return 1
    count = faults = 0
    have = release()
    with open(args[0]) as file:
        text = file.read()
    for windows, iana, rules in rows(text):
        count += 1
        fault = differs(iana, rules, have)
        if fault:
            faults += 1
            print(f"{windows}, {iana}: {fault}", file=sys.stderr)
    print(f"{count} zones, {faults} differ; data {have}")
    return 1 if faults or not count else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
