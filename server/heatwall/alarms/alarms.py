"""The alarms of a running server."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from heatwall.alarms.book import Book, Told
from heatwall.alarms.courier import Courier, Sender
from heatwall.alarms.delivering import Result
from heatwall.alarms.events import Event
from heatwall.alarms.eyes import HEAT_EVERY_S, Cameras, Eyes, Heats
from heatwall.alarms.keeping import AlarmKeeper
from heatwall.alarms.memory import AlarmMemory
from heatwall.alarms.mqtt import Broker
from heatwall.alarms.outbox import Outbox
from heatwall.alarms.rules import watched_by
from heatwall.alarms.webhook import Webhook
from heatwall.clock import Clock
from heatwall.config import Config, TargetConfig
from heatwall.side_work import kept_up
from heatwall.status import AlarmStatus

_LOOK_EVERY_S = 1.0
"""As exact as `for: 30s` needs to be."""

_log = logging.getLogger(__name__)


class NoAlarms:
    """A server without alarms, as the API's tests have it."""

    def statuses(self) -> list[AlarmStatus]:
        """Return none."""
        return []

    def deliveries(self) -> Mapping[tuple[str, Result], int]:
        """Return none."""
        return {}

    def waiting(self) -> Mapping[str, int]:
        """Return none."""
        return {}


class AlarmsView(Protocol):
    """What the API and the metrics see of alarms."""

    def statuses(self) -> list[AlarmStatus]:
        """Return where each alarm stands, in the config's order."""

    def deliveries(self) -> Mapping[tuple[str, Result], int]:
        """Return what became of events, by target and result; totals."""

    def waiting(self) -> Mapping[str, int]:
        """Return how many events wait for each target."""


def sender_of(target: TargetConfig, wall: Clock) -> Sender:
    """Return how a target is told.

    Raises:
        ValueError: By nothing; the config lets no such target through.
    """
    if target.mqtt is not None:
        return Broker(target.mqtt.secret, target.topic)
    if target.webhook is None:
        raise ValueError("neither a webhook nor a broker")
    secret = None if target.secret is None else target.secret.get_secret_value()
    return Webhook(target.webhook.secret, secret, wall)


@dataclass(slots=True)
class _Post:
    """One target with its courier and the task that runs it."""

    config: TargetConfig
    courier: Courier
    task: asyncio.Task[None] | None = None


class Alarms:
    """Looks at cameras and zones every second and tells who is to be told. Event loop only.

    An event is written down before it is told, so that neither a crash nor a restart loses one;
    a receiver that gets one twice knows it by its id.

    Args:
        config: All settings.
        cameras: The wall.
        heats: The desk.
        monotonic: Monotonic seconds.
        wall: Seconds since 1970 UTC.
        sender: Makes what tells a target.
        look_every_s: How often is looked, seconds.
    """

    def __init__(
        self,
        config: Config,
        cameras: Cameras,
        heats: Heats,
        monotonic: Clock,
        wall: Clock,
        sender: Callable[[TargetConfig, Clock], Sender] = sender_of,
        look_every_s: float = _LOOK_EVERY_S,
    ) -> None:
        self._config = config
        self._monotonic = monotonic
        self._wall = wall
        self._make_sender = sender
        self._look_every_s = look_every_s
        self._eyes = Eyes(cameras, heats, monotonic)
        self._book = Book(watched_by(config))
        self._posts: dict[str, _Post] = {}
        self._ended_totals: Counter[tuple[str, Result]] = Counter()
        self._keeper = AlarmKeeper(config.server.state)
        self._is_unsaved = asyncio.Event()
        self._group: asyncio.TaskGroup | None = None

    # The view.

    def statuses(self) -> list[AlarmStatus]:
        """Return where each alarm stands, in the config's order."""
        return self._book.statuses

    def deliveries(self) -> Mapping[tuple[str, Result], int]:
        """Return what became of events, by target and result; totals."""
        totals = Counter(self._ended_totals)
        for target, post in self._posts.items():
            totals.update({(target, result): n for result, n in post.courier.totals.items()})
        return totals

    def waiting(self) -> Mapping[str, int]:
        """Return how many events wait for each target."""
        return {target: len(post.courier.outbox) for target, post in self._posts.items()}

    # Running.

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Look and tell until the context ends; what waits then is told after the next start."""
        memory = await self._keeper.load()
        self._book = Book(watched_by(self._config), memory.fired)
        try:
            async with asyncio.TaskGroup() as group:
                self._group = group
                for target, settings in self._config.alarms.notify.items():
                    self._post(target, settings, memory.waiting.get(target, ()))
                tasks = [
                    group.create_task(kept_up(name, work), name=name)
                    for name, work in (
                        ("alarms", self._keep_looking),
                        ("alarms heat", self._keep_reading_heats),
                        ("alarms saves", self._keep_saving),
                    )
                ]
                self._wake()
                try:
                    yield
                finally:
                    self._group = None
                    for task in (*tasks, *(post.task for post in self._posts.values())):
                        if task is not None:
                            task.cancel()
        finally:
            await self._keeper.save(self._memory())
            await self._keeper.close()

    def reconfigure(self, config: Config) -> None:
        """Watch and tell as another config says, from now on.

        What is about the same camera, zone and heat goes on as it stands, and a target that did
        not change keeps what waits for it.
        """
        self._config = config
        self._book.change(watched_by(config))
        wanted = config.alarms.notify
        kept: dict[str, tuple[Event, ...]] = {}
        for target, post in list(self._posts.items()):
            if wanted.get(target) == post.config:
                continue
            kept[target] = post.courier.outbox.waiting
            self._end(target)
        for target, settings in wanted.items():
            if target not in self._posts:
                self._post(target, settings, kept.pop(target, ()))
        for target, events in kept.items():
            self._ended_totals[target, Result.DROPPED] += len(events)
            if events:
                _log.warning("alarms: %s is told no more; %d waited", target, len(events))
        self._is_unsaved.set()

    def _post(self, target: str, settings: TargetConfig, waiting: Iterable[Event]) -> None:
        courier = Courier(
            target,
            self._make_sender(settings, self._wall),
            Outbox(waiting),
            lambda: self._book.current(target, self._wall()),
            self._is_unsaved.set,
            self._wall,
            random.random,
        )
        post = self._posts[target] = _Post(settings, courier)
        if self._group is not None:
            name = f"alarms to {target}"
            post.task = self._group.create_task(kept_up(name, courier.run), name=name)

    def _end(self, target: str) -> None:
        post = self._posts.pop(target)
        for result, count in post.courier.totals.items():
            self._ended_totals[target, result] += count
        if post.task is not None:
            post.task.cancel()

    async def _keep_looking(self) -> None:
        while True:
            values = self._eyes.values(self._book.watched)
            for told in self._book.look(values, self._monotonic(), self._wall()):
                self._tell(told)
            await asyncio.sleep(self._look_every_s)

    def _tell(self, told: Told) -> None:
        _log.info("alarm %s %s: %s", told.event.key, told.event.event, told.event.text)
        for target in told.to:
            if target in self._posts:
                self._posts[target].courier.put(told.event)
        self._is_unsaved.set()

    async def _keep_reading_heats(self) -> None:
        while True:
            await self._eyes.read_heats(self._book.watched)
            await asyncio.sleep(HEAT_EVERY_S)

    async def _keep_saving(self) -> None:
        while True:
            await self._is_unsaved.wait()  # for an alarm, which may not come for years
            self._is_unsaved.clear()
            await self._keeper.save(self._memory())
            self._wake()

    def _wake(self) -> None:
        for post in self._posts.values():
            post.courier.wake()

    def _memory(self) -> AlarmMemory:
        return AlarmMemory(
            fired=self._book.fired,
            waiting={
                target: post.courier.outbox.waiting
                for target, post in self._posts.items()
                if post.courier.outbox.waiting
            },
        )
