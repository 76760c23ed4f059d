"""When a viewer was last heard: whatever comes from its machine by ICE, media reports included."""

# ruff: noqa: SLF001 -- private names are the point here; `known_aiortc` looks for them

from __future__ import annotations

from typing import Any

from aiortc import RTCPeerConnection

from heatwall.clock import Clock


class Hearing:
    """Listens to one viewer's connection. Event loop only.

    A viewer that is there says something every few seconds, whatever it is shown: it asks for
    consent (RFC 7675 section 5.1, about every five seconds, browsers more often), answers when it
    is asked, and reports on what it gets (RFC 3550 section 6.2).

    Args:
        clock: Monotonic seconds.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.heard_s = clock()
        """When something last came, monotonic seconds; at first when this was made."""

    def listen(self, connection: RTCPeerConnection) -> None:
        """Note what comes from now on; once both descriptions are set, and so the transports."""
        transports = {
            transceiver.sender.transport.transport for transceiver in connection.getTransceivers()
        }
        for transport in transports:
            ice: Any = transport._connection
            for name in ("data_received", "request_received"):
                setattr(ice, name, self._noting(getattr(ice, name)))

    def _noting(self, function: Any) -> Any:
        def noting(*arguments: Any) -> None:
            self.heard_s = self._clock()
            function(*arguments)

        return noting
