"""All tiers that one stream's frames are shown in."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from heatwall.camera.hardware import CPU_ENCODER
from heatwall.camera.link import (
    ChangeInk,
    EncodedPicture,
    InkSpec,
    RequestIdr,
    SetPace,
    ShowOverlay,
    StartTier,
    StopTier,
    TierSpec,
    ToWorker,
)
from heatwall.camera.renditions import Rendition
from heatwall.camera.source import DecodedFrame

_LEAST_FPS = 2.0
"""A tier is shown this often however late the worker is, so that no picture ever stands still."""


@dataclass(slots=True)
class Totals:
    """What was done since the start.

    Attributes:
        shown: Pictures encoded, by tier.
        dropped: Frames left out, by reason.
        stage_s: Seconds of work by stage.
    """

    shown: Counter[str] = field(default_factory=Counter)
    dropped: Counter[str] = field(default_factory=Counter)
    stage_s: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))

    def add(self, other: Totals) -> Totals:
        """Add another's totals to these; returns these."""
        # Copies first: another thread may be counting on.
        self.shown.update(dict(other.shown))
        self.dropped.update(dict(other.dropped))
        for stage, seconds in tuple(other.stage_s.items()):
            self.stage_s[stage] += seconds
        return self


class Tiers:
    """Starts, stops, changes and renders tiers as main says. One thread.

    Args:
        specs: How each tier is encoded.
        ink: What the overlay looks like.
        stream: Number of the camera's stream, 0 or 1.
    """

    def __init__(self, specs: Mapping[str, TierSpec], ink: InkSpec, stream: int = 0) -> None:
        self._specs = specs
        self._stream = stream
        self._ink = ink
        self._overlay: ShowOverlay | None = None
        self._share = 1.0
        self._renditions: dict[str, Rendition] = {}
        self._shown_s: dict[str, float] = {}
        self.totals = Totals()

    def __iter__(self) -> Iterator[str]:
        """Iterate over the names of the tiers that are encoded now."""
        return iter(tuple(self._renditions))

    def obey(self, message: ToWorker) -> None:
        """Do what main says about tiers and their looks; leave all else."""
        match message:
            case ShowOverlay():
                self._overlay = message
                for rendition in self._renditions.values():
                    rendition.show(message)
            case ChangeInk(ink):
                self._ink = ink
                for rendition in self._renditions.values():
                    rendition.use(ink)
            case SetPace(_, share):
                self._share = share
                for rendition in self._renditions.values():
                    rendition.pace(share)
            case StartTier(tier) if tier not in self._renditions:
                self._start(tier)
            case StartTier(tier) | RequestIdr(tier):
                self.want_key(tier)
            case StopTier(tier):
                self._renditions.pop(tier, None)
            case _:
                return

    def looks(self) -> tuple[ToWorker, ...]:
        """Return what makes another's pictures look as these do."""
        said: list[ToWorker] = [ChangeInk(self._ink), SetPace(1.0, self._share)]
        return (*said, self._overlay) if self._overlay else tuple(said)

    def want_key(self, tier: str) -> None:
        """Make the tier's next picture an IDR."""
        if tier in self._renditions:
            self._renditions[tier].wants_key = True

    @property
    def notice(self) -> str:
        """Why a tier is not encoded as asked for, or ""."""
        return next((one.notice for one in self._renditions.values() if one.notice), "")

    @property
    def encoder(self) -> str:
        """FFmpeg's name of what encodes, or "" while nothing is; any thread may ask.

        The processor's where one tier found no room on the GPU: that is what the machine feels.
        """
        names = {one.encoder for one in tuple(self._renditions.values())} - {""}
        return CPU_ENCODER if CPU_ENCODER in names else "".join(names)

    def render(
        self, tier: str, decoded: DecodedFrame, time_s: float, *, is_late: bool
    ) -> EncodedPicture | None:
        """Return the tier's picture of this frame; None when its rate skips the frame.

        Args:
            tier: One that is encoded.
            decoded: The frame.
            time_s: Its capture time, monotonic seconds.
            is_late: A newer frame waits already: leave this one out, unless pictures would
                become too rare.

        Raises:
            EncoderError: The encoder failed.
        """
        if is_late and time_s - self._shown_s.get(tier, float("-inf")) < 1 / _LEAST_FPS:
            self.totals.dropped["late"] += 1
            return None
        picture = self._renditions[tier].render(decoded, time_s, self.totals.stage_s)
        if picture is not None:
            self._shown_s[tier] = time_s
            self.totals.shown[tier] += 1
        return picture

    def _start(self, tier: str) -> None:
        rendition = Rendition(tier, self._specs[tier], self._ink, self._stream)
        rendition.show(self._overlay)
        rendition.pace(self._share)
        self._renditions[tier] = rendition
