"""The packets of one picture on their way to a viewer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from heatwall.delivery.mp4 import Sample, sample_of
from heatwall.values import Picture, Tier


@dataclass(frozen=True, slots=True)
class Packets:
    """One picture, ready to be sent; shared by all its viewers.

    Attributes:
        picture: The picture it was cut from.
        payloads: RTP payloads in sending order, without RTP headers; at least one.
        octets: Bytes of all payloads.
    """

    picture: Picture
    payloads: tuple[bytes, ...]
    octets: int = field(init=False)
    _sample: Sample | None = field(init=False, default=None, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Count once what every viewer's statistics need."""
        object.__setattr__(self, "octets", sum(map(len, self.payloads)))

    def sample(self) -> Sample:
        """Return the picture as MP4 holds it; made when first asked for, once for all viewers."""
        sample = self._sample or sample_of(self.picture)
        object.__setattr__(self, "_sample", sample)
        return sample


Sink = Callable[[Packets], bool]
"""Takes a picture at once; False when it can't at the moment, and `drain` is called later."""


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

    def feed(self, sink: Sink) -> None:
        """Hand all pictures to `sink` from now on, in place of `next`."""

    def drain(self) -> None:
        """Offer `sink` again what it refused."""

    def request_idr(self) -> None:
        """Ask for an IDR, since the viewer's decoder lost pictures."""

    def close(self) -> None:
        """Leave; a waiting `next` returns None. May be called again."""
