"""The packets of one picture on their way to a viewer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from heatwall.values import Picture, Tier


@dataclass(frozen=True, slots=True)
class Packets:
    """One picture, ready to be sent; shared by all its viewers.

    Attributes:
        picture: The picture it was cut from.
        payloads: RTP payloads in sending order, without RTP headers.
    """

    picture: Picture
    payloads: tuple[bytes, ...]


class PacketSource(Protocol):
    """Where one viewer's packets come from; see `heatwall.delivery.fanout.Subscription`."""

    @property
    def camera(self) -> str:
        """The camera's id."""

    @property
    def tier(self) -> Tier:
        """The tier."""

    @property
    def is_closed(self) -> bool:
        """Whether no more packets will come."""

    async def next(self) -> Packets | None:
        """Wait for the next picture, the first of them an IDR; None once it is closed."""

    def request_idr(self) -> None:
        """Ask for an IDR, since the viewer's decoder lost pictures."""

    def close(self) -> None:
        """Leave; a waiting `next` returns None. May be called again."""
