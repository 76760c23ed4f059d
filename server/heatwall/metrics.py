"""The figures for Prometheus, read from the wall when it scrapes.

Nothing is counted here: each scrape turns the totals that the rooms keep anyway into text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Protocol

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from heatwall.alarms.alarms import AlarmsView, NoAlarms
from heatwall.alarms.delivering import Result
from heatwall.alarms.watch import AlarmState
from heatwall.delivery.fanout import TierStatistics
from heatwall.delivery.peer import Loss
from heatwall.delivery.quality import Move
from heatwall.load import Pace
from heatwall.process_metrics import process_metrics
from heatwall.states import CameraState
from heatwall.status import (
    CameraCounters,
    CameraStatus,
    ConfigStatus,
    DetectionStatus,
    SavingStatus,
)
from heatwall.values import Tier

_STAGE_FRAMES: dict[str, Callable[[CameraCounters], int]] = {
    "decode": lambda counters: counters.decoded,
    "tile_scale": lambda counters: sum(counters.shown.values()),
    "overlay": lambda counters: sum(counters.shown.values()),
    "encode": lambda counters: sum(counters.shown.values()),
    "infer": lambda counters: counters.detected,
    "track_and_heat": lambda counters: counters.detected,
}
"""How many frames went through a stage. A stage that is not here has seconds only."""


class MeasuredWall(Protocol):
    """What is read of the cameras."""

    def statuses(self) -> Sequence[CameraStatus]:
        """Return the status of all cameras."""

    def counters(self) -> Mapping[str, CameraCounters]:
        """Return the totals of all cameras by id."""

    def config_status(self) -> ConfigStatus:
        """Return what became of the config file."""

    def config_loaded_at(self) -> float:
        """Return when the config that runs was taken over, seconds since 1970 UTC."""

    def worker_pids(self) -> Mapping[str, int | None]:
        """Return each camera's worker process; None between two of them."""

    def pace(self) -> Pace:
        """Return what is done of what the config asks for."""

    def detection(self) -> DetectionStatus:
        """Return how the detection of all cameras does."""

    def saving(self) -> SavingStatus:
        """Return how heat and counts are saved."""


class MeasuredSessions(Protocol):
    """What is read of the viewers' sessions and of the pictures that they get."""

    def __len__(self) -> int:
        """Return the number of sessions."""

    def viewers(self) -> Mapping[str, int]:
        """Return the slots that show each camera."""

    def statistics(self) -> Mapping[tuple[str, Tier], TierStatistics]:
        """Return the totals of every tier."""

    def losses(self) -> Sequence[Loss]:
        """Return what the viewers report."""

    def reduced(self) -> int:
        """Return the number of sessions that get a smaller tier than they want."""

    def moves(self) -> Mapping[Move, int]:
        """Return how often sessions were moved to other tiers."""


class Metrics:
    """The exposition of all figures in the Prometheus text format. Event loop only.

    Args:
        wall: The cameras.
        sessions: The viewers.
        alarms: What somebody is told of.
        lag_s: Returns the worst lag of the event loop lately, seconds.
        more: Collectors of other figures.
    """

    def __init__(
        self,
        wall: MeasuredWall,
        sessions: MeasuredSessions,
        alarms: AlarmsView = NoAlarms(),  # noqa: B008 - it has no state
        lag_s: Callable[[], float] = float,
        more: Iterable[Collector] = (),
    ) -> None:
        # Its own registry: the global one would bring figures that other libraries put there.
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        self._registry.register(_Figures(wall, sessions, alarms, lag_s))
        for collector in more:
            self._registry.register(collector)

    def exposition(self) -> tuple[str, bytes]:
        """Return the content type and the text of a scrape."""
        return CONTENT_TYPE_PLAIN_0_0_4, generate_latest(self._registry)


class _Figures(Collector):
    """Reads everything at each scrape."""

    def __init__(
        self,
        wall: MeasuredWall,
        sessions: MeasuredSessions,
        alarms: AlarmsView,
        lag_s: Callable[[], float],
    ) -> None:
        self._wall = wall
        self._lag_s = lag_s
        self._sessions = sessions
        self._alarms = alarms

    def describe(self) -> list[Metric]:
        """Return nothing, so that registering does not read a wall that is still starting."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Yield all metrics."""
        statuses = self._wall.statuses()
        counters = self._wall.counters()
        yield from _state_metrics(statuses)
        yield from _line_metrics(statuses)
        yield from _zone_metrics(statuses)
        yield from _work_metrics(counters)
        yield from _stage_metrics(counters)
        yield _pace_metric(self._wall.pace())
        yield GaugeMetricFamily(
            "heatwall_config_valid",
            "1 when the config file as it is now is used, 0 when it was refused.",
            value=float(self._wall.config_status().error is None),
        )
        yield GaugeMetricFamily(
            "heatwall_config_last_reload_timestamp_seconds",
            "When the config that runs was taken over, seconds since 1970 UTC.",
            value=self._wall.config_loaded_at(),
        )
        yield from _detection_metrics(self._wall.detection())
        yield from _saving_metrics(self._wall.saving())
        yield from _picture_metrics(self._sessions.statistics())
        yield from self._viewer_metrics([status.id for status in statuses])
        yield from _alarm_metrics(self._alarms)
        yield from process_metrics(self._wall.worker_pids(), self._lag_s())

    def _viewer_metrics(self, cameras: list[str]) -> Iterator[Metric]:
        yield GaugeMetricFamily(
            "heatwall_viewers", "Sessions of viewers now.", value=len(self._sessions)
        )
        slots = _gauge("heatwall_slots", "Slots of viewers that show the camera now.", "camera")
        viewers = self._sessions.viewers()
        for camera in cameras:
            slots.add_metric([camera], viewers.get(camera, 0))
        yield slots
        losses = [loss.share for loss in self._sessions.losses()]
        yield GaugeMetricFamily(
            "heatwall_viewer_worst_loss_ratio",
            "Largest share of packets lost that a slot last reported, 0 to 1.",
            value=max(losses, default=0.0),
        )
        yield GaugeMetricFamily(
            "heatwall_viewers_reduced",
            "Sessions that get smaller pictures than they want, since their path loses packets.",
            value=self._sessions.reduced(),
        )
        moves = _counter("heatwall_viewer_moves", "Moves of sessions between tiers.", "direction")
        for direction, count in self._sessions.moves().items():
            moves.add_metric([direction], count)
        yield moves


def _state_metrics(statuses: Sequence[CameraStatus]) -> Iterator[Metric]:
    state = _gauge("heatwall_camera_state", "1 for the camera's state, else 0.", "camera", "state")
    age = _gauge("heatwall_frame_age_seconds", "Age of the newest decoded frame.", "camera")
    people = _gauge("heatwall_people_now", "Tracks in the newest detect frame.", "camera")
    encoders = _gauge(
        "heatwall_encoders_running", "1 while the tier is encoded, else 0.", "camera", "tier"
    )
    for status in statuses:
        for word in CameraState:
            state.add_metric([status.id, word], float(status.state is word))
        for tier in Tier:
            encoders.add_metric([status.id, tier], float(tier in status.tiers))
        if status.frame_age_s is not None:
            age.add_metric([status.id], status.frame_age_s)
        if status.people_now is not None:
            people.add_metric([status.id], status.people_now)
    yield from (state, age, people, encoders)


def _alarm_metrics(alarms: AlarmsView) -> Iterator[Metric]:
    firing = _gauge(
        "heatwall_alarms_firing", "1 while the alarm is firing, else 0.", "rule", "camera"
    )
    for status in alarms.statuses():
        firing.add_metric([status.rule, status.camera], float(status.state == AlarmState.FIRING))
    deliveries = _counter(
        "heatwall_alarm_deliveries",
        "Events of alarms by what became of them; of failed ones each attempt counts.",
        *("target", "result"),
    )
    waiting = _gauge("heatwall_alarm_events_waiting", "Events not yet delivered.", "target")
    totals = alarms.deliveries()
    for target, count in alarms.waiting().items():
        waiting.add_metric([target], count)
    for target in dict.fromkeys([*alarms.waiting(), *(one for one, _ in totals)]):
        for result in Result:
            deliveries.add_metric([target, result], totals.get((target, result), 0))
    yield from (firing, deliveries, waiting)


def _pace_metric(pace: Pace) -> Metric:
    ratio = _gauge(
        "heatwall_pace_ratio",
        "Share of the wanted frames that the machine's load allows, 0 to 1: detect frames "
        "(detect) and encoded pictures (pictures).",
        "what",
    )
    ratio.add_metric(["detect"], pace.detect)
    ratio.add_metric(["pictures"], pace.pictures)
    return ratio


def _detection_metrics(detection: DetectionStatus) -> Iterator[Metric]:
    yield GaugeMetricFamily(
        "heatwall_detection_up",
        "1 while the model works, 0 while it is down and the pictures go on without it.",
        value=float(detection.is_up),
    )
    yield CounterMetricFamily(
        "heatwall_analyst_restarts",
        "Times the model was loaded anew after it had failed or hung.",
        value=detection.restarts,
    )
    yield GaugeMetricFamily(
        "heatwall_analyst_hung_threads",
        "Threads of the model that were given up and hang still.",
        value=detection.hung_threads,
    )


def _saving_metrics(saving: SavingStatus) -> Iterator[Metric]:
    yield GaugeMetricFamily(
        "heatwall_heat_saving_failed",
        "1 while heat and counts can't be saved, else 0.",
        value=float(saving.fault is not None),
    )
    if saving.saved_at is not None:
        yield GaugeMetricFamily(
            "heatwall_heat_saved_timestamp_seconds",
            "When heat and counts of all cameras were saved last, seconds since 1970 UTC.",
            value=saving.saved_at,
        )


def _line_metrics(statuses: Sequence[CameraStatus]) -> Iterator[Metric]:
    crossings = _counter(
        "heatwall_line_crossings",
        "Crossings of a counting line that ended inside (in) or outside (out).",
        *("camera", "line", "direction", "class"),
    )
    for status in statuses:
        for name, line in status.lines.items():
            for class_name, counts in line.classes.items():
                crossings.add_metric([status.id, name, "in", class_name], counts.in_count)
                crossings.add_metric([status.id, name, "out", class_name], counts.out_count)
    yield crossings


def _zone_metrics(statuses: Sequence[CameraStatus]) -> Iterator[Metric]:
    labels = ("camera", "zone")
    people = _gauge("heatwall_zone_people", "Who is in a zone now.", *labels)
    entries = _counter("heatwall_zone_entries", "Entries into a zone.", *labels, "class")
    exits = _counter("heatwall_zone_exits", "Exits from a zone.", *labels, "class")
    spent = _counter("heatwall_zone_person_seconds", "Person-seconds spent in a zone.", *labels)
    dwell = _gauge(
        "heatwall_zone_dwell_seconds",
        "Visits to a zone, those that still run included: their mean, median and 90th percentile.",
        *labels,
        "statistic",
    )
    for status in statuses:
        for name, zone in status.zones.items():
            place = [status.id, name]
            if zone.people_now is not None:
                people.add_metric(place, zone.people_now)
            spent.add_metric(place, zone.person_s)
            for class_name, counts in zone.classes.items():
                entries.add_metric([*place, class_name], counts.in_count)
                exits.add_metric([*place, class_name], counts.out_count)
            figures = {
                "mean": zone.dwell.mean_s,
                "median": zone.dwell.median_s,
                "p90": zone.dwell.p90_s,
            }
            for statistic, seconds in figures.items():
                if seconds is not None:
                    dwell.add_metric([*place, statistic], seconds)
    yield from (people, entries, exits, spent, dwell)


def _work_metrics(counters: Mapping[str, CameraCounters]) -> Iterator[Metric]:
    decoded = _counter("heatwall_frames_decoded", "Frames decoded.", "camera")
    detected = _counter("heatwall_frames_detected", "Frames that the detector saw.", "camera")
    shown = _counter("heatwall_frames_shown", "Frames encoded.", "camera", "tier")
    dropped = _counter("heatwall_frames_dropped", "Frames dropped.", "camera", "reason")
    connects = _counter("heatwall_camera_connects", "Times the stream was opened.", "camera")
    restarts = _counter("heatwall_worker_restarts", "Workers started again.", "camera")
    for camera, totals in counters.items():
        decoded.add_metric([camera], totals.decoded)
        detected.add_metric([camera], totals.detected)
        connects.add_metric([camera], totals.connects)
        restarts.add_metric([camera], totals.restarts)
        for tier, frames in totals.shown.items():
            shown.add_metric([camera, tier], frames)
        for reason, frames in totals.dropped.items():
            dropped.add_metric([camera, reason], frames)
    yield from (decoded, detected, shown, dropped, connects, restarts)


def _stage_metrics(counters: Mapping[str, CameraCounters]) -> Iterator[Metric]:
    """Seconds and frames by stage; the rate of one by that of the other is the time a frame."""
    seconds = _counter("heatwall_stage_seconds", "Seconds of work.", "camera", "stage")
    frames = _counter("heatwall_stage_frames", "Frames worked on.", "camera", "stage")
    for camera, totals in counters.items():
        for stage, stage_s in totals.stage_s.items():
            seconds.add_metric([camera, stage], stage_s)
            if (count := _STAGE_FRAMES.get(stage)) is not None:
                frames.add_metric([camera, stage], count(totals))
    yield from (seconds, frames)


def _picture_metrics(tiers: Mapping[tuple[str, Tier], TierStatistics]) -> Iterator[Metric]:
    sent = _counter("heatwall_pictures_sent", "Pictures sent, per viewer.", "camera", "tier")
    dropped = _counter(
        "heatwall_pictures_dropped", "Pictures dropped for slow viewers.", "camera", "tier"
    )
    idrs = _counter("heatwall_idr_requests", "IDRs asked of the encoder.", "camera", "tier")
    for (camera, tier), statistics in tiers.items():
        sent.add_metric([camera, tier], statistics.sent)
        dropped.add_metric([camera, tier], statistics.dropped)
        idrs.add_metric([camera, tier], statistics.idr_requests)
    yield from (sent, dropped, idrs)


def _gauge(name: str, text: str, *labels: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, text, labels=labels)


def _counter(name: str, text: str, *labels: str) -> CounterMetricFamily:
    """Return a counter; the exposition adds `_total` to its name."""
    return CounterMetricFamily(name, text, labels=labels)
