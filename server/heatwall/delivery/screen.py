"""What one viewer's slots show: what its page wants, and no more than its path carries."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from heatwall.delivery.fanout import Fanout, Subscription
from heatwall.delivery.packets import PacketSource
from heatwall.delivery.peer import Loss
from heatwall.delivery.quality import Evidence, Move, Quality, Rules, at_most
from heatwall.values import Tier

_size = tuple(Tier).index
"""Where a tier stands from the smallest on; a key to sort by."""


class ShownSlot(Protocol):
    """What is needed of a slot; see `heatwall.delivery.peer.Slot`."""

    loss: Loss | None

    @property
    def source(self) -> PacketSource | None:
        """What it shows now."""

    def show(self, source: PacketSource | None) -> None:
        """Show something else from its next IDR on; until then the last picture stays."""


@dataclass(slots=True, eq=False)
class _Place:
    """One slot, what its page wants there and what it gets.

    Attributes:
        slot: The slot.
        tier: The tier that is wanted.
        sent: What it gets; None for nothing.
        loss: The newest report that was looked at.
        packets: `sent.packets` at that report.
        dropped: `sent.dropped` when it was looked at last.
    """

    slot: ShownSlot
    tier: Tier = Tier.TILE
    sent: Subscription | None = None
    loss: Loss | None = None
    packets: int = 0
    dropped: int = 0

    @property
    def live(self) -> Subscription | None:
        """What it gets, unless that has ended."""
        return None if self.sent is None or self.sent.is_closed else self.sent

    def show(self, sent: Subscription | None) -> None:
        self.sent = sent
        self.packets = self.dropped = 0
        self.slot.show(sent)

    def evidence(self) -> Evidence | None:
        """Return what became of its pictures since the last call; None if nothing is known."""
        sent = self.live
        loss, before = self.slot.loss, self.loss
        self.loss = loss
        if sent is None:
            return None
        dropped, self.dropped = sent.dropped - self.dropped, sent.dropped
        # Each report is an object of its own, also when it says the same as the one before.
        if loss is before and loss is not None:
            return Evidence(dropped=dropped) if dropped else None
        packets, self.packets = sent.packets - self.packets, sent.packets
        if loss is None:
            return Evidence(packets, None, dropped)
        lost = loss.packets - (before.packets if before else 0)
        # Packets that came twice may make it negative (RFC 3550, section 6.4.1).
        return Evidence(packets, max(0, lost), dropped)


class Screen:
    """The slots of one viewer. Event loop only.

    Args:
        fanout: Where the pictures come from.
        slots: The viewer's slots.
        rules: When its tiers are lowered and raised.
    """

    def __init__(self, fanout: Fanout, slots: Sequence[ShownSlot], rules: Rules) -> None:
        self._fanout = fanout
        self._places = [_Place(slot) for slot in slots]
        self._quality = Quality(rules)

    def __len__(self) -> int:
        """Return the number of slots."""
        return len(self._places)

    @property
    def cameras(self) -> tuple[str | None, ...]:
        """What each slot shows now; None for nothing."""
        return tuple(
            None if (sent := place.live) is None else sent.camera for place in self._places
        )

    @property
    def is_reduced(self) -> bool:
        """Whether a slot gets a smaller tier than its page wants."""
        return any(sent.tier is not place.tier for place, sent in self._shown())

    @property
    def reason(self) -> str:
        """Why it was reduced last, in plain words."""
        return self._quality.reason

    @property
    def largest(self) -> Tier:
        """The largest tier that is sent now; the smallest of all when none is."""
        return max((sent.tier for _, sent in self._shown()), key=_size, default=Tier.PREVIEW)

    def want(self, slot: int, camera: str | None, tier: Tier) -> None:
        """Set what a slot shall show; the tier, or as much of it as the path carries."""
        place = self._places[slot]
        place.tier = tier
        tier = at_most(tier, self._quality.cap)
        sent = place.live
        if camera is None:
            place.show(None)
        elif sent is None or (sent.camera, sent.tier) != (camera, tier):
            place.show(self._fanout.subscribe(camera, tier))

    def adapt(self, now_s: float) -> Move | None:
        """Judge what the viewer reports and move all slots together if need be.

        Returns:
            The way that pictures moved; None when nothing that is seen changed.
        """
        seen = [evidence for place in self._places if (evidence := place.evidence())]
        before = self._quality.cap
        wanted = max((place.tier for place, _ in self._shown()), key=_size, default=Tier.PREVIEW)
        cap = self._quality.observe(now_s, seen, wanted)
        if cap is before:
            return None
        moved = [
            (place, sent.camera, tier)
            for place, sent in self._shown()
            if (tier := at_most(place.tier, cap)) is not sent.tier
        ]
        for place, camera, tier in moved:
            place.show(self._fanout.subscribe(camera, tier))
        if not moved:
            return None
        return Move.DOWN if at_most(cap, before) is cap else Move.UP

    def _shown(self) -> Iterator[tuple[_Place, Subscription]]:
        for place in self._places:
            if (sent := place.live) is not None:
                yield place, sent
