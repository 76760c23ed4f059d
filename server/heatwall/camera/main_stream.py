"""The main stream of a camera that has a substream: open while somebody looks at it."""

from __future__ import annotations

import threading
from collections.abc import Callable

from heatwall.camera.lateness import Lateness
from heatwall.camera.link import EncodedPicture, Open, StartTier, ToWorker
from heatwall.camera.source import Source
from heatwall.camera.tiers import Tiers, Totals
from heatwall.clock import monotonic
from heatwall.errors import EncoderError, SourceError, SourceRefusedError, SourceUnsupportedError
from heatwall.timeline import Timeline
from heatwall.values import SecretUrl

_RETRY_S = 5.0
"""Between two tries to open it; the substream is shown meanwhile."""

_STALLED_S = 2.0
"""Without a frame for this long the substream is shown: a library may hang past its time-outs."""

_HARDLY_RETRY_S = 60.0
"""The same after a refusal, so that no account is locked, and when it has no video."""


class MainStream:
    """Reads, overlays and encodes one tier from a camera's main stream, in a thread of its own.

    Until its first frame, and whenever it fails, the tier is to be shown from the substream:
    whoever does that holds `turn` while it looks at `is_showing`, renders and sends, so that the
    pictures of the two encoders never mix.

    Args:
        order: How to open the camera.
        tier: The tier.
        send: Takes each picture; called from the thread.
        failed: Hears why it can't be read, and "" once it can; called from the thread.
    """

    def __init__(
        self,
        order: Open,
        tier: str,
        send: Callable[[EncodedPicture], None],
        failed: Callable[[str], None],
    ) -> None:
        self._order = order
        self._tier = tier
        self._send = send
        self._failed = failed
        self._commands: dict[type[ToWorker], ToWorker] = {}
        self._is_over = threading.Event()
        self._tiers = Tiers(order.tiers, order.ink, stream=1)
        self.turn = threading.Lock()
        self.is_showing = False
        self._frame_s = 0.0
        self.size: tuple[int, int] | None = None
        """Width and height of its newest frame, pixels; None before the first."""
        self._thread = threading.Thread(target=self._run, name=f"main stream {tier}", daemon=True)

    def start(self) -> None:
        """Begin to open the stream; returns at once."""
        self._thread.start()

    @property
    def totals(self) -> Totals:
        """What was done so far; read by another thread, so that the newest may be missing."""
        return self._tiers.totals

    @property
    def encoder(self) -> str:
        """FFmpeg's name of what encodes it; "" before the first picture."""
        return self._tiers.encoder

    def command(self, message: ToWorker) -> None:
        """Hand over a message from main about tiers and their looks.

        The newest of a kind replaces those before it: a stream that can't be opened takes none.
        """
        with self.turn:
            self._commands[type(message)] = message

    def stop(self) -> None:
        """Close the stream at its next frame; returns at once."""
        self._is_over.set()
        with self.turn:
            self.is_showing = False

    def has_stalled(self) -> bool:
        """Whether it shows the tier and gives no frame; take its turn to ask."""
        return self.is_showing and monotonic() - self._frame_s > _STALLED_S

    def _run(self) -> None:
        wait_s = 0.0
        while not self._is_over.wait(wait_s):
            wait_s = _RETRY_S
            try:
                self._read()
            except (SourceRefusedError, SourceUnsupportedError) as error:
                wait_s = _HARDLY_RETRY_S
                self._fail(error)
            except (SourceError, EncoderError) as error:
                self._fail(error)
            except OSError:
                return  # main is gone, and so is this process in a moment

    def _fail(self, error: Exception) -> None:
        with self.turn:
            self.is_showing = False
        if not self._is_over.is_set():
            self._failed(str(error))

    def _read(self) -> None:
        order = self._order
        source = Source(SecretUrl(order.url), order.transport, order.timeout_s, order.decoder)
        try:
            self._show(source)
        finally:
            source.close()

    def _show(self, source: Source) -> None:
        timeline, lateness = Timeline(), Lateness()
        asked_s, decode_s = monotonic(), 0.0
        for decoded in source.frames():
            now_s = monotonic()
            frame_s, decode_s = source.decode_s - decode_s, source.decode_s
            self.totals.stage_s["main_decode"] += frame_s
            waited_s = now_s - asked_s - frame_s
            time_s = timeline.capture_s(decoded.pts_s, decoded.arrival_s or now_s)
            lateness.note(now_s, time_s, waited_s)
            if not self._take_turn():
                return
            self.size = (decoded.width, decoded.height)
            self._failed("")
            picture = self._tiers.render(self._tier, decoded, time_s, is_late=lateness.is_late)
            with self.turn:
                if picture is not None and self.is_showing:
                    self._send(picture)
            asked_s = monotonic()

    def _take_turn(self) -> bool:
        """Obey what main said, and take the tier over; False when it is wanted no more."""
        if self._tier not in self._tiers:
            self._tiers.obey(StartTier(self._tier))
        with self.turn:
            commands, self._commands = self._commands, {}
            self._frame_s = monotonic()
            if not self.is_showing:
                # The viewers' decoders know the other encoder's pictures.
                self._tiers.want_key(self._tier)
            self.is_showing = not self._is_over.is_set()
        for message in commands.values():
            self._tiers.obey(message)
        return not self._is_over.is_set()
