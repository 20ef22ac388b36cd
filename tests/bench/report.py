"""report.py - figures as tables of Markdown, and where they were measured"""

import datetime
import os
import platform


def table(head, rows):
    """The cells are text."""
    lines = (head, ["---"] * len(head), *rows)
    cells = ([cell.replace("|", "\\|") for cell in line] for line in lines)
    return "\n".join("| " + " | ".join(line) + " |" for line in cells)


def figure(value):
    """With three digits that count."""
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


def holds(good):
    return "yes" if good else "**no**"


def processor():
    with open("/proc/cpuinfo", encoding="utf-8") as lines:
        for line in lines:
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.machine()


def place(command, notes):
    """When, where and how."""
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    lines = [
        f"{datetime.date.today()}, {os.cpu_count()} x {processor()}, "
        f"{pages / 2**30:.0f} GiB, Linux {platform.release()}; "
        f"load {os.getloadavg()[1]:.1f} on average in the last 5 minutes. "
        f"Command: `{command}`.",
        *(f"Note: {note}." for note in notes),
    ]
    return "\n\n".join(lines)


def write(path, sections):
    """Put sections, by title, into a file: in place of those of the same
    title, or at its end. What is above the first stays."""
    with open(path, encoding="utf-8") as file:
        above, *rest = file.read().split("\n## ")
    kept = dict(part.split("\n", 1) for part in rest)
    kept.update({title: f"\n{text}\n" for title, text in sections.items()})
    with open(path, "w", encoding="utf-8") as file:
        file.write(above)
        for title, text in kept.items():
            file.write(f"\n## {title}\n{text}")
