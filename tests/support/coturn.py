"""coturn, a TURN server that nobody here wrote."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from support.eventually import eventually
from support.netns import Machine

SECRET = "of-the-turn-server"
PORT = 3478


@contextlib.contextmanager
def coturn(machine: Machine, address: str, folder: Path) -> Iterator[None]:
    """Run coturn in a machine, with time-limited passwords and STUN.

    Raises:
        AssertionError: It is not installed, or does not start.
    """
    program = shutil.which("turnserver")
    assert program is not None, "turnserver is missing; apt-get install coturn"
    log = folder / "turn.log"
    command = [
        program, "-n", "--no-tls", "--no-dtls", "--no-cli", "--fingerprint",
        "--listening-ip", address, "--relay-ip", address, "--listening-port", str(PORT),
        "--min-port", "40000", "--max-port", "40100", "--realm", "heatwall",
        "--use-auth-secret", "--static-auth-secret", SECRET,
        "--pidfile", str(folder / "turn.pid"), "--userdb", str(folder / "turn.db"),
        "--log-file", "stdout", "--verbose",
    ]  # fmt: skip
    with (
        log.open("w") as output,
        machine.running(command, stdout=output, stderr=subprocess.STDOUT) as process,
    ):

        def listens() -> bool:
            assert process.poll() is None, log.read_text()
            return f":{PORT} " in machine.run("ss", "-Hlnt")

        eventually(listens)
        yield
