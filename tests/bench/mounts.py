"""mounts.py - a daemon to be measured: mount, look at it, unmount"""

import glob
import os
import subprocess
import time

PATIENCE = 60  # seconds for a mount to appear


def mounted(path):
    """True if something is mounted at path, without asking that file system."""
    want = os.path.abspath(path).replace(" ", "\\040")
    with open("/proc/self/mountinfo", encoding="utf-8") as lines:
        return any(line.split()[4] == want for line in lines)


def unmount(path):
    """Unmount what is there; later, if it is in use."""
    if subprocess.run(["fusermount3", "-u", path], check=False).returncode:
        subprocess.run(["fusermount3", "-u", "-z", path], check=False)


class Mount:
    """A mount by a child of ours, from `with` to its end.

    argv is the daemon's command line without -f and the mount point.
    """

    def __init__(self, argv, path):
        self.argv, self.path = argv, path

    def __enter__(self):
        os.makedirs(self.path, exist_ok=True)
        self.daemon = subprocess.Popen(
            [self.argv[0], "-f", *self.argv[1:], self.path],
            stdout=subprocess.DEVNULL,
        )
        until = time.monotonic() + PATIENCE
        while not mounted(self.path):
            if self.daemon.poll() is not None or time.monotonic() > until:
                self.__exit__()
                raise SystemExit(f"bench: no mount by {self.argv}")
            time.sleep(0.001)
        return self

    def __exit__(self, *_):
        if mounted(self.path):
            unmount(self.path)
        try:
            self.daemon.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.daemon.kill()
            self.daemon.wait()

    def peak(self):
        """Peak resident memory of the largest of its processes, in MiB."""
        sizes = (status(f"/proc/{pid}", "VmHWM") for pid in self._processes())
        return max(sizes) / 1024

    def cpu(self):
        """Seconds of processor time that they have taken."""
        ticks = 0
        for pid in self._processes():
            with open(f"/proc/{pid}/stat", encoding="utf-8") as stat:
                fields = stat.read().rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")

    def switches(self):
        """How often their threads have been switched to and from."""
        return sum(
            status(thread, "voluntary_ctxt_switches")
            + status(thread, "nonvoluntary_ctxt_switches")
            for pid in self._processes()
            for thread in glob.glob(f"/proc/{pid}/task/*")
        )

    def _processes(self):
        """The daemon and, as it may have one that serves, its children."""
        pid = self.daemon.pid
        path = f"/proc/{pid}/task/{pid}/children"
        with open(path, encoding="utf-8") as children:
            return [pid, *children.read().split()]


def status(folder, field):
    """A number in the status of a process or thread."""
    with open(folder + "/status", encoding="utf-8") as lines:
        for line in lines:
            name, _, value = line.partition(":")
            if name == field:
                return int(value.split()[0])
    raise KeyError(field)
