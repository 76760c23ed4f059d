"""Which of a camera's two streams its large tier is shown from."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from heatwall.camera.link import Notice, Open, StartTier, StopTier, ToWorker
from heatwall.camera.main_stream import MainStream
from heatwall.camera.outbox import Outbox
from heatwall.camera.tiers import Tiers, Totals

_SAME_ASPECT = 0.02
"""Streams of one camera differ by this share through rounding to whole blocks."""


class LargeTier:
    """Opens the main stream while the large tier is watched, and tells who shows the tier.

    Where there is no substream, all tiers are shown from the one stream, and nothing is done
    here. Called by the worker's main thread.

    Args:
        name: The tier.
        order: How to open the camera.
        outbox: Where pictures go.
        tiers: The tiers of the substream.
    """

    def __init__(self, name: str, order: Open, outbox: Outbox, tiers: Tiers) -> None:
        self._name = name
        self._order = order
        self._outbox = outbox
        self._tiers = tiers
        self._has_substream = bool(order.substream)
        self._stream: MainStream | None = None
        self._was_away = False
        self._said: dict[str, str] = {}
        self._past = Totals()

    def give_up(self, reason: str) -> None:
        """Say that the substream can't be used, so that there is one stream for all."""
        self._has_substream = False
        self._say("substream", f"substream: {reason}; the main stream is used for everything")

    def obey(self, message: ToWorker) -> None:
        """Do what main says about the tier."""
        match message:
            case StartTier(tier):
                if tier == self._name and self._has_substream and self._stream is None:
                    self._stream = self._opened()
            case StopTier(tier):
                if tier == self._name and self._stream is not None:
                    self._close(self._stream)
            case _:
                if self._stream is not None:
                    self._stream.command(message)

    @contextlib.contextmanager
    def turn(self) -> Iterator[bool]:
        """Hold the tier; yields whether it is to be shown from the substream meanwhile."""
        stream = self._stream
        if stream is None:
            yield True
            return
        with stream.turn:
            if stream.has_stalled():
                stream.is_showing = False
            if self._was_away and not stream.is_showing:
                # The viewers' decoders know another encoder's pictures.
                self._tiers.want_key(self._name)
            self._was_away = stream.is_showing
            yield not stream.is_showing

    def compare(self, width: int, height: int) -> None:
        """Say so when the main stream's picture has another shape than the substream's.

        Args:
            width: Of the substream's picture, pixels.
            height: Likewise.
        """
        main = self._stream.size if self._stream is not None else None
        if main is None:
            return
        text = ""
        if abs(main[0] * height / (main[1] * width) - 1) > _SAME_ASPECT:
            text = (
                f"the main stream is {main[0]}×{main[1]} and the substream {width}×{height}: "
                "their shapes differ, so heat and boxes may be off in the large picture"
            )
        self._say("aspect", text)

    def totals(self) -> Totals:
        """Return what was done with the main stream so far."""
        totals = Totals().add(self._past)
        return totals.add(self._stream.totals) if self._stream is not None else totals

    @property
    def encoder(self) -> str:
        """FFmpeg's name of what encodes the main stream; "" while nothing does."""
        return "" if self._stream is None else self._stream.encoder

    def _opened(self) -> MainStream:
        stream = MainStream(
            self._order, self._name, self._outbox.send, lambda text: self._failed(stream, text)
        )
        for look in self._tiers.looks():
            stream.command(look)
        stream.start()
        return stream

    def _close(self, stream: MainStream) -> None:
        stream.stop()
        self._past.add(stream.totals)
        self._stream = None
        self._was_away = False
        self._say("main", "")

    def _failed(self, stream: MainStream, text: str) -> None:
        """Pass on why the main stream can't be read; called from its thread."""
        if stream is self._stream:
            self._say("main", text and f"main stream: {text}; the substream is shown instead")

    def _say(self, topic: str, text: str) -> None:
        if self._said.get(topic, "") != text:
            self._said[topic] = text
            self._outbox.send(Notice(topic, text))
