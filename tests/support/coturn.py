"""coturn, a TURN server that nobody here wrote."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from support.eventually import eventually
from support.netns import Machine

USER, PASSWORD = "wall", "of-the-account"
SECRET = "of-the-turn-server"
PORT = 3478


@contextlib.contextmanager
def coturn(
    machine: Machine, address: str, folder: Path, port: int = PORT, *, has_secret: bool = True
) -> Iterator[Path]:
    """Run coturn in a machine, and give its log; STUN is served too.

    Args:
        machine: Where.
        address: What it listens on and relays by.
        folder: For its files.
        port: UDP and TCP port.
        has_secret: Whether it takes passwords made of `SECRET`, or the one account.

    Raises:
        AssertionError: It is not installed, or does not start.
    """
    program = shutil.which("turnserver")
    assert program is not None, "turnserver is missing; apt-get install coturn"
    log = folder / "turn.log"
    command = [
        program, "-n", "--no-tls", "--no-dtls", "--no-cli", "--fingerprint",
        "--listening-ip", address, "--relay-ip", address, "--listening-port", str(port),
        "--min-port", "40000", "--max-port", "40100", "--realm", "heatwall",
        "--allow-loopback-peers",
        "--pidfile", str(folder / "turn.pid"), "--userdb", str(folder / "turn.db"),
        "--log-file", "stdout", "--verbose",
    ]  # fmt: skip
    if has_secret:
        command += ["--use-auth-secret", "--static-auth-secret", SECRET]
    else:
        command += ["--lt-cred-mech", "--user", f"{USER}:{PASSWORD}"]
    with (
        log.open("w") as output,
        machine.running(command, stdout=output, stderr=subprocess.STDOUT) as process,
    ):

        def listens() -> bool:
            assert process.poll() is None, log.read_text()
            return f":{port} " in machine.run("ss", "-Hlnt")

        eventually(listens)
        yield log
