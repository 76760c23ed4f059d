"""One viewer's session: who watches, on whose behalf, until when."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from heatwall.delivery.screen import Screen, ShownSlot
from heatwall.values import Tier

SILENT_S = 9.0
"""Of a viewer without a WebSocket: from which silence on it is gone. Its machine asks for consent
every 6 s at most and answers as often (RFC 7675 section 5.1; aioice's own patience is 30 s)."""


class Viewer(Protocol):
    """What a session needs of who watches; see `heatwall.delivery.film.Film`."""

    @property
    def slots(self) -> Sequence[ShownSlot]:
        """What can be shown side by side."""

    async def close(self) -> None:
        """End it; may be called again."""


class Connection(Viewer, Protocol):
    """A viewer by WebRTC, a slot for each video m-line; see `heatwall.delivery.peer.Peer`."""

    @property
    def heard_s(self) -> float:
        """When it was last heard, monotonic seconds."""

    async def answer(self) -> str:
        """Return the SDP answer."""


class Holder(Protocol):
    """On whose behalf a session is; see `heatwall.access.door.Pass`."""

    @property
    def owner(self) -> str | None:
        """Who it is; None for everybody."""

    @property
    def is_valid(self) -> bool:
        """Whether it may still see anything."""

    def sees(self, camera: str, /) -> bool:
        """Return whether it may see a camera now."""


class _Everybody:
    """Sees everything, for ever."""

    owner: str | None = None
    is_valid = True

    def sees(self, _camera: str) -> bool:
        """Return that it does."""
        return True


EVERYBODY: Holder = _Everybody()


@dataclass(slots=True, eq=False)
class Session:
    """One viewer's session.

    Attributes:
        connection: Who watches, and by what.
        screen: What its slots show.
        holder: On whose behalf; what that may not see any more is not sent any more.
        connect_by_s: When it must be connected; None once it is. Monotonic, as all times here.
        leave_at_s: When it ends unless a WebSocket names it again; None while one does, or if
            none ever did.
        is_over: Whether the connection failed or closed.
        tokens: The WebSockets that named it and are still open.
        keeps_tier: Whether it gets the tier that it wants, whatever its path carries.
        heard_s: Tells when the viewer was last heard; None where its end is known at once.
    """

    connection: Viewer
    screen: Screen
    holder: Holder
    connect_by_s: float | None
    leave_at_s: float | None = None
    is_over: bool = False
    tokens: set[object] = field(default_factory=set)
    keeps_tier: bool = False
    heard_s: Callable[[], float] | None = None

    def is_past(self, now_s: float) -> bool:
        """Whether it shall end now."""
        return (
            self.is_over
            or not self.holder.is_valid
            or self._is_silent(now_s)
            or any(
                due_s is not None and due_s <= now_s
                for due_s in (self.connect_by_s, self.leave_at_s)
            )
        )

    def _is_silent(self, now_s: float) -> bool:
        """Whether nothing is heard of the viewer, neither by WebSocket nor by WebRTC."""
        if self.heard_s is None or self.tokens or self.connect_by_s is not None:
            return False
        return now_s - self.heard_s() > SILENT_S

    def is_of(self, holder: Holder | None) -> bool:
        """Return whether it is of who asks; None is who has opened it."""
        return holder is None or self.holder.owner == holder.owner

    def hide_forbidden(self) -> None:
        """Show nothing in place of what its holder may not see any more."""
        for slot, camera in enumerate(self.screen.cameras):
            if camera is not None and not self.holder.sees(camera):
                self.screen.want(slot, None, Tier.TILE)
