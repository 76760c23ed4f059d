"""Every error that Heatwall raises on purpose.

The tree::

    HeatwallError
    ├── ConfigError            the config can't be used; exit code 2
    ├── EditError              the config's text can't be changed without touching all else
    ├── StartError             something the server needs at start is missing; exit code 2
    │   ├── ModelError         the model is unknown, broken or could not be fetched
    │   │   └── ModelMemoryError   there is no memory left for it; a smaller batch may fit
    │   └── PortInUseError     the port to listen on is taken
    ├── SourceError            one camera's stream ended or could not be opened; retried for ever
    │   ├── SourceRefusedError     wrong or missing password; retried slowly
    │   └── SourceUnsupportedError the stream has no video that can be decoded; retried slowly
    ├── EncoderError           an encoder could not be opened or failed
    └── DeliveryError          a viewer asked for what can't be served; has its HTTP status
"""

from __future__ import annotations

from dataclasses import dataclass


class HeatwallError(Exception):
    """Base of all errors raised by Heatwall. Its text is fit for a user and free of credentials."""


@dataclass(frozen=True, slots=True)
class ConfigFault:
    """One fault in a config file.

    Attributes:
        file: The path as the user gave it.
        line: 1-based line of the key or value, or None when the file has no such line.
        key: Dotted path such as `cameras.door.url`, or "" for the whole file.
        found: What stands there, redacted, or None when something is missing.
        message: What is wrong, in one sentence.
        allowed: What would be right, in one sentence, or "".
    """

    file: str
    line: int | None
    key: str
    found: str | None
    message: str
    allowed: str = ""

    def __str__(self) -> str:
        """Return `file:line: key: message (found …; allowed …)` on one line."""
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        key = f"{self.key}: " if self.key else ""
        notes = [
            note
            for note in (
                f"found {self.found}" if self.found is not None else "",
                f"allowed: {self.allowed}" if self.allowed else "",
            )
            if note
        ]
        tail = f" ({'; '.join(notes)})" if notes else ""
        return f"{place}: {key}{self.message}{tail}"


class ConfigError(HeatwallError):
    """Raised when a config file can't be used; carries every fault found, in file order."""

    def __init__(self, faults: list[ConfigFault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(str(fault) for fault in faults))


class EditError(HeatwallError):
    """Raised when a config's text can't be changed by program; somebody has to edit it by hand."""


class StartError(HeatwallError):
    """Raised when the server can't start; a retry needs the user to change something first."""


class ModelError(StartError):
    """Raised when the detection model is unknown, unreadable or could not be fetched."""


class ModelMemoryError(ModelError):
    """Raised when the model finds no memory; fewer frames at once, or another device, may do."""


class PortInUseError(StartError):
    """Raised when the address to listen on, for HTTP or RTSP, is already taken."""


class SourceError(HeatwallError):
    """Raised when a camera's stream could not be opened or ended; a retry makes sense."""


class SourceRefusedError(SourceError):
    """Raised when the camera refused the credentials; a quick retry could lock the account."""


class SourceUnsupportedError(SourceError):
    """Raised when the stream holds no video that can be decoded."""


class EncoderError(HeatwallError):
    """Raised when an encoder could not be opened or refused a frame."""


class DeliveryError(HeatwallError):
    """Raised when a viewer's request can't be served.

    Attributes:
        status: The HTTP status to answer with.
        code: A stable word for programs, such as `unknown_camera`.
        retry_after_s: When the same request may be served, seconds; None for unknown or never.
    """

    def __init__(
        self, status: int, code: str, message: str, *, retry_after_s: int | None = None
    ) -> None:
        self.status = status
        self.code = code
        self.retry_after_s = retry_after_s
        super().__init__(message)
