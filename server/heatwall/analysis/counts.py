"""The counting lines and zones of one camera."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from heatwall.analysis.spec import LineSpec, Polygon
from heatwall.camera.link import MarkedLine, MarkedZone
from heatwall.counting.line import LineCounter, LineCounts
from heatwall.counting.zone import ZoneCounter, ZoneState
from heatwall.status import DwellStatus, InOut, LineStatus, ZoneStatus
from heatwall.values import Tracks


@dataclass(frozen=True, slots=True)
class Counters:
    """Lines and zones, each with the one that counts there, by name."""

    lines: Mapping[str, tuple[LineSpec, LineCounter]]
    zones: Mapping[str, tuple[Polygon, ZoneCounter]]

    def changed(self, lines: Mapping[str, LineSpec], zones: Mapping[str, Polygon]) -> Counters:
        """Return the counters of other lines and zones; what has not changed counts on."""
        return Counters(
            {
                name: self.lines[name]
                if name in self.lines and self.lines[name][0] == line
                else (line, LineCounter(line.start, line.end, line.inside))
                for name, line in lines.items()
            },
            {
                name: self.zones[name]
                if name in self.zones and self.zones[name][0] == polygon
                else (polygon, ZoneCounter(polygon))
                for name, polygon in zones.items()
            },
        )


class CameraCounts:
    """Counts who crosses the lines and who is in the zones. One thread at a time.

    Args:
        lines: Lines by name.
        zones: Corners of the zones by name.
        names: Class names of the model by id.

    Attributes:
        counters: The lines and zones, which may be changed.
        total_tracks: Different tracks since the counts began.
    """

    def __init__(
        self,
        lines: Mapping[str, LineSpec],
        zones: Mapping[str, Polygon],
        names: Mapping[int, str],
    ) -> None:
        self.counters = Counters({}, {}).changed(lines, zones)
        self._names = names
        self._highest_id = 0
        self.total_tracks = 0

    def update(self, tracks: Tracks) -> None:
        """Take the tracks of one moment."""
        # Ids are given in order and never twice, so that those above the highest are new.
        fresh = tracks.track_id[tracks.track_id > self._highest_id]
        if fresh.size:
            self.total_tracks += int(fresh.size)
            self._highest_id = int(fresh.max())
        for _, line in self.counters.lines.values():
            line.update(tracks)
        for _, zone in self.counters.zones.values():
            zone.update(tracks)

    def gap(self) -> None:
        """Say that the stream was interrupted: nobody crossed anything meanwhile."""
        for _, line in self.counters.lines.values():
            line.gap()
        for _, zone in self.counters.zones.values():
            zone.gap()

    def reset(self) -> None:
        """Count from zero; who is in the picture is counted again."""
        self.total_tracks = self._highest_id = 0
        for _, line in self.counters.lines.values():
            line.reset()
        for _, zone in self.counters.zones.values():
            zone.reset()

    def lines(self) -> dict[str, LineStatus]:
        """Return what the lines have counted, by name."""
        lines = self.counters.lines
        return {name: self._line_status(line.counts()) for name, (_, line) in lines.items()}

    def zones(self) -> dict[str, ZoneStatus]:
        """Return what happens in the zones, by name."""
        zones = self.counters.zones
        return {name: self._zone_status(zone) for name, (_, zone) in zones.items()}

    def marked_lines(self, lines: Mapping[str, LineStatus]) -> tuple[MarkedLine, ...]:
        """Return the lines as they are drawn, with what `lines` has told."""
        return tuple(
            MarkedLine(
                name, spec.start, spec.end, spec.inside, lines[name].in_count, lines[name].out_count
            )
            for name, (spec, _) in self.counters.lines.items()
        )

    def marked_zones(self, zones: Mapping[str, ZoneStatus]) -> tuple[MarkedZone, ...]:
        """Return the zones as they are drawn, with what `zones` has told."""
        return tuple(
            MarkedZone(
                name,
                polygon,
                zones[name].people_now or 0,
                zones[name].in_count,
                zones[name].out_count,
            )
            for name, (polygon, _) in self.counters.zones.items()
        )

    def line_states(self) -> dict[str, LineCounts]:
        """Return what the lines must keep over a restart, by name."""
        return {name: line.state() for name, (_, line) in self.counters.lines.items()}

    def zone_states(self) -> dict[str, ZoneState]:
        """Return what the zones must keep over a restart, by name."""
        return {name: zone.state() for name, (_, zone) in self.counters.zones.items()}

    def restore(
        self,
        lines: Mapping[str, LineCounts],
        zones: Mapping[str, ZoneState],
        total_tracks: int,
    ) -> None:
        """Take over the counts of a run before; lines and zones that are gone are left out."""
        self.total_tracks = total_tracks
        for name, counts in lines.items():
            if name in self.counters.lines:
                self.counters.lines[name][1].restore(counts)
        for name, state in zones.items():
            if name in self.counters.zones:
                self.counters.zones[name][1].restore(state)

    def _line_status(self, counts: LineCounts) -> LineStatus:
        return LineStatus(
            in_count=counts.total_in,
            out_count=counts.total_out,
            classes=self._in_out(counts.inward, counts.outward),
        )

    def _zone_status(self, zone: ZoneCounter) -> ZoneStatus:
        figures = zone.figures()
        return ZoneStatus(
            people_now=sum(figures.people.values()),
            classes_now={self._name(key): count for key, count in figures.people.items()},
            in_count=sum(figures.entries.values()),
            out_count=sum(figures.exits.values()),
            classes=self._in_out(figures.entries, figures.exits),
            person_s=round(figures.person_s, 3),
            dwell=DwellStatus(
                visits=figures.all.count,
                mean_s=_rounded(figures.all.mean_s),
                median_s=_rounded(figures.all.median_s),
                p90_s=_rounded(figures.all.p90_s),
            ),
        )

    def _in_out(self, inward: Mapping[int, int], outward: Mapping[int, int]) -> dict[str, InOut]:
        return {
            self._name(key): InOut(inward.get(key, 0), outward.get(key, 0))
            for key in sorted({*inward, *outward})
        }

    def _name(self, class_id: int) -> str:
        return self._names.get(class_id, str(class_id))


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 2)
