"""mounts.py - a daemon to be measured: mount, look at it, unmount"""

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
        """Peak resident memory of the daemon, in MiB."""
        return self._status(f"/proc/{self.daemon.pid}/status", "VmHWM") / 1024

    def cpu(self):
        """Seconds of processor time that the daemon has taken."""
        with open(f"/proc/{self.daemon.pid}/stat", encoding="utf-8") as stat:
            fields = stat.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def switches(self):
        """How often its threads have been switched to and from."""
        tasks = f"/proc/{self.daemon.pid}/task"
        return sum(
            self._status(f"{tasks}/{task}/status", "voluntary_ctxt_switches")
            + self._status(
                f"{tasks}/{task}/status", "nonvoluntary_ctxt_switches"
            )
            for task in os.listdir(tasks)
        )

    @staticmethod
    def _status(path, field):
        with open(path, encoding="utf-8") as status:
            for line in status:
                name, _, value = line.partition(":")
                if name == field:
                    return int(value.split()[0])
        raise KeyError(field)
