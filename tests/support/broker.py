"""A real Mosquitto on a loopback port, and somebody who listens to it."""

from __future__ import annotations

import contextlib
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

from support.eventually import eventually

_PROGRAM = "/usr/sbin/mosquitto"
USER, PASSWORD = "heatwall", "p@ss word"


class Mosquitto:
    """A broker that can be stopped and started on its port."""

    def __init__(self, folder: Path, pair: tuple[Path, Path] | None = None) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        accounts = folder / "accounts"
        subprocess.run(
            ["/usr/bin/mosquitto_passwd", "-b", "-c", str(accounts), USER, PASSWORD],
            check=True,
            capture_output=True,
            timeout=20,
        )
        self._file = folder / "mosquitto.conf"
        self._file.write_text(
            f"listener {self.port} 127.0.0.1\nallow_anonymous false\n"
            f"password_file {accounts}\nuser root\n"
            + (f"certfile {pair[0]}\nkeyfile {pair[1]}\n" if pair else "")
        )
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Run it; it remembers nothing of a run before."""
        self._process = subprocess.Popen(
            [_PROGRAM, "-c", str(self._file)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        eventually(self._listens, timeout_s=20)

    def stop(self) -> None:
        """End it."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(20)
            self._process = None

    def _listens(self) -> bool:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
            return True
        return False


@contextlib.contextmanager
def running_broker(folder: Path, pair: tuple[Path, Path] | None = None) -> Iterator[Mosquitto]:
    """Run a broker until the context ends; with TLS where there is a certificate with its key."""
    broker = Mosquitto(folder, pair)
    broker.start()
    try:
        yield broker
    finally:
        broker.stop()
