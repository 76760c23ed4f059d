"""Keeping detection alive: a model that fails, hangs or finds no memory is loaded anew."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from heatwall.analysis.analyst import Analyst
from heatwall.analysis.shift import Shift
from heatwall.backoff import Backoff
from heatwall.clock import Clock
from heatwall.errors import HeatwallError, ModelMemoryError
from heatwall.side_thread import SideThread
from heatwall.status import DetectionStatus

_PROCESSOR = "cpu"

_FEW = 3
"""Of its own longest good batch a batch may take so many times before it counts as hanging."""

_STEADY_S = 60.0
"""After so long without a fault the next one is mended as quickly as the first."""

_LAST_BATCH_S = 2.0
"""What a shift that is well gets to end its batch before another takes over."""

_END_S = 0.2
"""A thread that has loaded its model ends at once."""

_LONGEST_RETURN_S = 86_400.0
"""Each try to go back to a GPU in vain doubles the wait for the next one, up to a day."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class WatchTimes:
    """Times of the watch, seconds.

    Attributes:
        look_s: How often it looks.
        hang_s: A batch that takes longer hangs. Batches take milliseconds; a large model on a slow
            processor, seconds.
        load_s: A model that takes longer to load hangs. Recording it for a GPU takes some seconds.
        return_s: After a lack of memory, until the GPU is tried again.
        most_hung: With so many threads that hang no other is begun: each keeps a model.
    """

    look_s: float = 0.5
    hang_s: float = 8.0
    load_s: float = 120.0
    return_s: float = 600.0
    most_hung: int = 3


@dataclass(frozen=True, slots=True)
class _Down:
    """Why nothing is detected, and since when: seconds since 1970 UTC, and monotonic ones."""

    reason: str
    since: float
    since_s: float


@dataclass(slots=True)
class _Processor:
    """Detection on the processor for want of a GPU's memory: since when, and the next try."""

    since: float
    due_s: float
    wait_s: float


@dataclass(frozen=True, slots=True)
class _Clocks:
    monotonic: Clock
    wall: Clock


@dataclass(slots=True)
class _Record:
    """What the watch has learnt."""

    restarts: int = 0
    hung_loads: int = 0
    hangs_in_a_row: int = 0
    longest_s: float = 0.0
    up_since_s: float = 0.0
    backoff: Backoff = field(default_factory=lambda: Backoff(random.random))


class AnalystWatch:
    """Looks after the analyst's thread, which can't be ended from outside. Event loop only.

    One that hangs or is broken is given up: another one with a model loaded anew takes its place,
    and the cameras keep heat and counts. The pictures go on meanwhile.

    Args:
        analyst: Who is looked after.
        changed: Called when detection goes down or comes back.
        monotonic: Monotonic seconds.
        wall: Seconds since 1970 UTC.
        times: How long things may take.
    """

    def __init__(
        self,
        analyst: Analyst,
        changed: Callable[[], None],
        monotonic: Clock,
        wall: Clock,
        times: WatchTimes | None = None,
    ) -> None:
        self._analyst = analyst
        self._changed = changed
        self._clocks = _Clocks(monotonic, wall)
        self._times = times or WatchTimes()
        self._record = _Record()
        self._down: _Down | None = None
        self._processor: _Processor | None = None
        self._looked_s = monotonic()
        self._awake_since_s = self._looked_s

    @property
    def is_down(self) -> bool:
        """Whether nothing is detected for a fault."""
        return self._down is not None

    def status(self) -> DetectionStatus:
        """Return how detection does."""
        return DetectionStatus(
            is_up=self._down is None,
            restarts=self._record.restarts,
            hung_threads=self._hung(),
            is_lost=self._is_lost(),
            device=self._analyst.device,
            is_reduced=self._processor is not None or self._analyst.is_reduced,
        )

    def notices(self) -> tuple[str, ...]:
        """Return what the tiles are to say, in plain words."""
        if self._down is not None:
            since = _clock_time(self._down.since)
            return (f"detection is down since {since}: {self._down.reason}; the picture goes on",)
        if self._processor is not None:
            since = _clock_time(self._processor.since)
            return (f"detection is on the processor since {since}: the GPU's memory is full",)
        return ()

    async def load(self) -> None:
        """Load the model for the first time, however long that takes.

        Raises:
            ModelError: It can't be loaded.
        """
        try:
            shift = await self._made(None, None)
        except ModelMemoryError as error:
            _log.warning("%s", error)
            shift = await self._made(self._leave_gpu(), None)
        self._analyst.adopt(shift)

    async def keep(self) -> None:
        """Look after it until cancelled."""
        self._record.up_since_s = self._clocks.monotonic()
        while True:
            await asyncio.sleep(self._times.look_s)
            self._note_sleep()
            try:
                await self._look()
            except Exception:  # noqa: BLE001 - who looks after all else must not end with it
                _log.exception("detection could not be looked after")

    async def _look(self) -> None:
        """Do what must be done now; mending takes as long as it takes."""
        shift = self._analyst.shift
        if shift is not None:
            reason = self._fault_of(shift)
            if reason is not None:
                await self._mend(shift, reason)
            elif shift.error is not None:
                self._go_down(shift.error)
            else:
                self._note_good(shift)
                await self._return_to_gpu()

    def _note_sleep(self) -> None:
        """Forgive what took long since this whole process, or its machine, stood still."""
        now_s = self._clocks.monotonic()
        if now_s - self._looked_s > 2 * self._times.look_s + 1:
            self._awake_since_s = now_s
        self._looked_s = now_s

    def _fault_of(self, shift: Shift) -> str | None:
        """Return why a shift must be replaced; None when it need not."""
        if not shift.is_working:
            return shift.error or "its thread ended"
        if shift.busy_since_s is None:
            return None
        busy_s = self._clocks.monotonic() - max(shift.busy_since_s, self._awake_since_s)
        if busy_s < self._hang_s():
            return None
        self._record.hangs_in_a_row += 1
        return f"no result for {busy_s:.0f} s"

    def _hang_s(self) -> float:
        """Return how long a batch may take: longer on a machine that is slow by nature."""
        in_a_row = 2.0 ** min(self._record.hangs_in_a_row, self._times.most_hung)
        return max(self._times.hang_s * in_a_row, _FEW * self._record.longest_s)

    def _note_good(self, shift: Shift) -> None:
        if not shift.batches:
            return
        now_s = self._clocks.monotonic()
        self._record.longest_s = max(self._record.longest_s, shift.longest_s)
        if self._down is not None:
            _log.info("detection works again after %.0f s", now_s - self._down.since_s)
            self._down, self._record.up_since_s = None, now_s
            self._changed()
        if now_s - self._record.up_since_s > _STEADY_S:
            self._record.backoff.reset()
            self._record.hangs_in_a_row = 0

    def _go_down(self, reason: str) -> None:
        reason = reason.partition("\n")[0]
        before = self._down
        if before is None:
            self._down = _Down(reason, self._clocks.wall(), self._clocks.monotonic())
        elif before.reason != reason:
            self._down = _Down(reason, before.since, before.since_s)
        else:
            return
        _log.error("detection is down, the pictures go on: %s", reason)
        self._changed()

    async def _mend(self, shift: Shift, reason: str) -> None:
        """Put another shift in the place of one that hangs or is broken."""
        self._go_down(reason)
        self._analyst.give_up()
        device = _PROCESSOR if self._must_leave_gpu(shift) else self._device()
        while True:
            await self._wait_for_room()
            await asyncio.sleep(self._record.backoff.next_s())
            try:
                made = await self._made(device, self._times.load_s)
            except ModelMemoryError as error:
                self._go_down(str(error))
                device = self._leave_gpu() if device != _PROCESSOR else device
            except HeatwallError as error:
                self._go_down(str(error))
            except Exception as error:  # noqa: BLE001 - whatever a library raises, the next try may do
                self._go_down(f"the model can't be loaded: {error!r}")
            else:
                self._record.restarts += 1
                self._take_over(made)
                return

    def _take_over(self, shift: Shift) -> None:
        self._analyst.adopt(shift)
        self._analyst.start()

    async def _wait_for_room(self) -> None:
        """Wait while so many threads hang that another one might cost the machine's memory."""
        if self._is_lost():
            self._go_down("it hung too often; only a restart of the server helps")
        while self._is_lost():  # noqa: ASYNC110 - a thread that ends after all sets no event
            await asyncio.sleep(self._times.look_s)

    def _hung(self) -> int:
        return self._analyst.hung() + self._record.hung_loads

    def _is_lost(self) -> bool:
        return self._hung() >= self._times.most_hung

    def _must_leave_gpu(self, shift: Shift) -> bool:
        if not shift.lacks_memory or shift.model.device == _PROCESSOR:
            return False
        self._leave_gpu()
        return True

    def _leave_gpu(self) -> str:
        now_s, wait_s = self._clocks.monotonic(), self._times.return_s
        self._processor = _Processor(self._clocks.wall(), now_s + wait_s, wait_s)
        _log.warning("the GPU's memory is full: detection goes on on the processor")
        return _PROCESSOR

    def _device(self) -> str | None:
        return None if self._processor is None else _PROCESSOR

    async def _return_to_gpu(self) -> None:
        """Try the GPU again now and then; the processor works until that has succeeded."""
        away = self._processor
        if away is None or self._clocks.monotonic() < away.due_s:
            return
        try:
            made = await self._made(None, self._times.load_s, retires=True)
        except Exception as error:  # noqa: BLE001 - whatever it is, the processor goes on
            _log.info("detection stays on the processor: %s", error)
            away.wait_s = min(2 * away.wait_s, _LONGEST_RETURN_S)
            away.due_s = self._clocks.monotonic() + away.wait_s
            return
        self._take_over(made)
        self._processor = None
        _log.info("detection is on %s again", made.model.device)
        self._changed()

    async def _made(
        self, device: str | None, limit_s: float | None, *, retires: bool = False
    ) -> Shift:
        """Return a loaded shift.

        A thread of its own loads it, since one that hangs must hold up nothing else.

        Args:
            device: Where it is to run; None for what the config says.
            limit_s: Longest wait, seconds; None for as long as it takes.
            retires: Whether the shift before, which is well, ends as soon as that is done.

        Raises:
            ModelError: It can't be loaded.
            HeatwallError: It was not loaded in time.
        """
        thread = SideThread("model", 1)

        def made() -> Shift:
            shift = self._analyst.loaded(device)
            if retires:
                self._analyst.give_up(_LAST_BATCH_S)
            return shift

        loading = thread.begin(made)
        try:
            await asyncio.wait({loading}, timeout=limit_s)
            if loading.done():
                return loading.result()
            self._record.hung_loads += 1
            raise HeatwallError(f"the model could not be loaded within {limit_s:g} s")
        finally:
            loading.cancel()
            await thread.close(_END_S)


def _clock_time(at: float) -> str:
    """Return a time as this machine's clocks show it."""
    return datetime.fromtimestamp(at, UTC).astimezone().strftime("%H:%M")
