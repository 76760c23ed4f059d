"""Certificates that nobody has signed."""

from __future__ import annotations

import subprocess
from pathlib import Path


def make_pair(folder: Path, name: str, *more: str) -> tuple[Path, Path]:
    """Make a certificate for 127.0.0.1 with its key."""
    folder.mkdir(exist_ok=True)
    certificate, key = folder / "cert.pem", folder / "key.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt"),
            *("ec_paramgen_curve:P-256", "-days", "2", "-subj", f"/CN={name}"),
            *("-keyout", str(key), "-out", str(certificate), *(more or ["-nodes"])),
        ],
        check=True,
        capture_output=True,
    )
    return certificate, key
