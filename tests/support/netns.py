"""Machines that do not exist: network namespaces, joined by cables and kept by processes.

A namespace lives as long as the process that was started in it, so that none is left behind,
whatever happens. Who is not root makes them inside a user namespace of the test's own.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from support.eventually import eventually

_PROGRAMS = {
    "ip": "iproute2",
    "iptables": "iptables",
    "nsenter": "util-linux",
    "unshare": "util-linux",
}
_COMMAND_S = 20


@dataclass
class Machine:
    """One namespace.

    Attributes:
        name: For people.
        pid: The process that keeps it.
        enter: The command that runs what follows it in there.
    """

    name: str
    pid: int
    enter: tuple[str, ...]

    def run(self, *command: str) -> str:
        """Run a command that must succeed, and return what it printed."""
        done = subprocess.run(
            [*self.enter, *command], capture_output=True, text=True, timeout=_COMMAND_S, check=False
        )
        assert done.returncode == 0, f"{self.name}: {' '.join(command)}: {done.stderr}"
        return done.stdout

    def rules(self, *lines: str) -> None:
        """Add rules of iptables, one a line."""
        for line in lines:
            self.run("iptables", "-w", *line.split())

    @contextlib.contextmanager
    def running(self, command: Sequence[str], **more: object) -> Iterator[subprocess.Popen[str]]:
        """Run a program in there until the context ends."""
        process = subprocess.Popen(  # type: ignore[call-overload] # as given
            [*self.enter, *command], text=True, **more
        )
        with process:
            try:
                yield process
            finally:
                process.terminate()
                try:
                    process.wait(_COMMAND_S)
                except subprocess.TimeoutExpired:
                    process.kill()


def this_machine() -> Machine:
    """Return the machine that the tests run on."""
    return Machine("here", os.getpid(), ())


@dataclass
class Lab:
    """Makes machines and cables; all are gone with it."""

    _enter_user: tuple[str, ...] = ()
    _stack: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)
    _cables: int = 0

    def machine(self, name: str, *, forwards: bool = False) -> Machine:
        """Make a machine; one that `forwards` is a router."""
        command = [*self._enter_user, "unshare", "--net", "--kill-child", "--fork", "sleep", "inf"]
        holder = self._hold(command)
        pid = _child_in_own(holder, "net")
        machine = Machine(name, pid, (*self._enter_user, "nsenter", "-t", str(pid), "-n", "--"))
        machine.run("ip", "link", "set", "lo", "up")
        if forwards:
            # Its own /proc/sys/net is seen from inside of the namespace alone.
            machine.run("sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward")
        return machine

    def cable(self, one: Machine, address: str, other: Machine, other_address: str) -> None:
        """Join two machines; addresses with the length of their network, as 10.0.0.1/24."""
        self._cables += 1
        ends = (f"cable{self._cables}a", f"cable{self._cables}b")
        peer = ("type", "veth", "peer", "name", ends[1], "netns", str(other.pid))
        one.run("ip", "link", "add", ends[0], *peer)
        for machine, end, its in ((one, ends[0], address), (other, ends[1], other_address)):
            machine.run("ip", "address", "add", its, "dev", end)
            machine.run("ip", "link", "set", end, "up")

    def _hold(self, command: list[str]) -> subprocess.Popen[bytes]:
        holder = subprocess.Popen(command)
        self._stack.callback(holder.wait, _COMMAND_S)
        self._stack.callback(holder.kill)
        return holder


@contextlib.contextmanager
def network_lab() -> Iterator[Lab]:
    """Give a lab, and take it down.

    Raises:
        AssertionError: A program is missing, or this machine lets its user make no namespaces.
    """
    missing = {package for program, package in _PROGRAMS.items() if shutil.which(program) is None}
    assert not missing, f"programs are missing; apt-get install {' '.join(sorted(missing))}"
    lab = Lab()
    with lab._stack:
        if os.geteuid() != 0:
            holder = lab._hold(
                ["unshare", "--user", "--map-root-user", "--kill-child", "--fork", "sleep", "inf"]
            )
            pid = _child_in_own(holder, "user")
            lab._enter_user = ("nsenter", "-t", str(pid), "-U", "--preserve-credentials", "--")
        yield lab


def _child_in_own(holder: subprocess.Popen[bytes], kind: str) -> int:
    """Return the process that `unshare` has forked, once it has a namespace of its own."""
    here = Path(f"/proc/self/ns/{kind}").readlink()

    def found() -> int | None:
        assert holder.poll() is None, (
            f"no {kind} namespace can be made here: run the tests as root, or allow it by "
            "sysctl kernel.unprivileged_userns_clone=1"
        )
        with contextlib.suppress(OSError):
            for pid in _children(holder.pid):
                if Path(f"/proc/{pid}/ns/{kind}").readlink() != here:
                    return pid
        return None

    return eventually(found) or 0


def _children(pid: int) -> list[int]:
    words = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(word) for word in words]
