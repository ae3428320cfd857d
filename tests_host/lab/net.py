# Namespaces and cables: what the lab's machines and links are made of.
# MIT licence
"""All of it needs root and iproute2; why_not() says what is missing. A Namespace goes with
remove(), and with it its cables and the programs that were started in it.
"""

import contextlib
import os
import shutil
import signal
import subprocess
from pathlib import Path

_PROGRAMS = ("ip", "dnsmasq", "udhcpc")
_PREFIX = f"lab{os.getpid()}-"


def why_not():
    """Why there can be no lab here, or an empty text."""
    if os.geteuid() != 0:
        return "the lab needs root, for network namespaces"
    missing = [name for name in _PROGRAMS if not shutil.which(name)]
    if missing:
        return f"not installed: {', '.join(missing)} (Debian: iproute2 dnsmasq-base udhcpc)"
    trial = subprocess.run(["ip", "netns", "add", _PREFIX + "trial"], capture_output=True)
    subprocess.run(["ip", "netns", "del", _PREFIX + "trial"], capture_output=True)
    return "" if trial.returncode == 0 else trial.stderr.decode().strip()


def ip(*words):
    """Run `ip` with these words; CalledProcessError with what it said."""
    done = subprocess.run(["ip", *words], capture_output=True, text=True)
    if done.returncode:
        raise OSError(f"ip {' '.join(words)}: {done.stderr.strip()}")
    return done.stdout


class Namespace:
    """A machine: its own network, its own name servers. name: unique within this lab."""

    def __init__(self, name):
        self.name = _PREFIX + name
        self._programs = []
        self._etc = Path("/etc/netns") / self.name
        self._etc.mkdir(parents=True, exist_ok=True)
        self.resolver("")
        ip("netns", "add", self.name)
        ip("-n", self.name, "link", "set", "lo", "up")

    def resolver(self, address):
        """Ask the name server at this address from now on; "": none."""
        # In place: programs that run have this very file before them.
        lines = f"nameserver {address}\noptions timeout:2 attempts:2\n" if address else ""
        (self._etc / "resolv.conf").write_text(lines)

    def command(self, *words):
        """The words that run a program in here."""
        return ["ip", "netns", "exec", self.name, *map(str, words)]

    def run(self, *words, timeout_s=30, **options):
        """Run a program to its end. Returns subprocess's CompletedProcess, with text."""
        options = {"capture_output": True, "text": True, **options}
        return subprocess.run(self.command(*words), timeout=timeout_s, **options)

    def popen(self, *words, **options):
        """Start a program that ends with the namespace, or with stop()."""
        program = subprocess.Popen(self.command(*words), **options)
        self._programs.append(program)
        return program

    def stop(self, program):
        """End a program of popen(), and wait for it."""
        if program in self._programs:
            self._programs.remove(program)
        program.terminate()
        try:
            program.wait(5)
        except subprocess.TimeoutExpired:
            program.kill()
            program.wait()

    def sysctl(self, name, value):
        """Set a switch of this namespace's kernel side."""
        done = self.run("sysctl", "-q", "-w", f"{name}={value}")
        if done.returncode:
            raise OSError(done.stderr.strip())

    def ip(self, *words):
        """Run `ip` in here."""
        return ip("-n", self.name, *words)

    def bridge(self, name, address):
        """Make a bridge with an address (with its prefix length), up."""
        self.ip("link", "add", name, "type", "bridge", "forward_delay", "0")
        self.ip("address", "add", address, "dev", name)
        self.ip("link", "set", name, "up")

    def remove(self):
        """End all that runs in here, and forget it all."""
        for program in list(self._programs):
            self.stop(program)
        # What these started, and left behind.
        pids = subprocess.run(["ip", "netns", "pids", self.name], capture_output=True, text=True)
        for pid in pids.stdout.split():
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(pid), signal.SIGKILL)
        subprocess.run(["ip", "netns", "del", self.name], capture_output=True)
        shutil.rmtree(self._etc, ignore_errors=True)


class Cable:
    """A link between an interface of one namespace and a port of another's bridge."""

    def __init__(self, station, interface, mac, hub, bridge, port):
        self._station, self._interface = station, interface
        self._hub, self.port = hub, port
        station.ip(
            *("link", "add", interface, "address", mac, "type", "veth"),
            *("peer", "name", port, "netns", hub.name),
        )
        hub.ip("link", "set", port, "master", bridge, "up")
        station.ip("link", "set", interface, "up")

    def unplug(self):
        """Both ends are gone, with their addresses."""
        try:
            self._station.ip("link", "del", self._interface)
        except OSError:
            pass  # its namespace, or the other's, has gone before
