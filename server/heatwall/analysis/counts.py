"""The counting lines and zones of one camera."""

from __future__ import annotations

from collections.abc import Mapping

from heatwall.analysis.spec import LineSpec, Polygon
from heatwall.camera.link import MarkedLine, MarkedZone
from heatwall.counting.line import LineCounter, LineCounts
from heatwall.counting.zone import ZoneCounter, ZoneState
from heatwall.status import DwellStatus, InOut, LineStatus, ZoneStatus
from heatwall.values import Tracks


class CameraCounts:
    """Counts who crosses the lines and who is in the zones. One thread at a time.

    Args:
        lines: Lines by name.
        zones: Corners of the zones by name.
        names: Class names of the model by id.
    """

    def __init__(
        self,
        lines: Mapping[str, LineSpec],
        zones: Mapping[str, Polygon],
        names: Mapping[int, str],
    ) -> None:
        self._line_specs = dict(lines)
        self._polygons = dict(zones)
        self._names = names
        self._lines = {
            name: LineCounter(line.start, line.end, line.inside) for name, line in lines.items()
        }
        self._zones = {name: ZoneCounter(polygon) for name, polygon in zones.items()}
        self._highest_id = 0
        self.total_tracks = 0

    def update(self, tracks: Tracks) -> None:
        """Take the tracks of one moment."""
        # Ids are given in order and never twice, so that those above the highest are new.
        fresh = tracks.track_id[tracks.track_id > self._highest_id]
        if fresh.size:
            self.total_tracks += int(fresh.size)
            self._highest_id = int(fresh.max())
        for line in self._lines.values():
            line.update(tracks)
        for zone in self._zones.values():
            zone.update(tracks)

    def gap(self) -> None:
        """Say that the stream was interrupted: nobody crossed anything meanwhile."""
        for line in self._lines.values():
            line.gap()
        for zone in self._zones.values():
            zone.gap()

    def reset(self) -> None:
        """Count from zero; who is in the picture is counted again."""
        self.total_tracks = self._highest_id = 0
        for line in self._lines.values():
            line.reset()
        for zone in self._zones.values():
            zone.reset()

    def lines(self) -> dict[str, LineStatus]:
        """Return what the lines have counted, by name."""
        return {name: self._line_status(line.counts()) for name, line in self._lines.items()}

    def zones(self) -> dict[str, ZoneStatus]:
        """Return what happens in the zones, by name."""
        return {name: self._zone_status(zone) for name, zone in self._zones.items()}

    def marked_lines(self, lines: Mapping[str, LineStatus]) -> tuple[MarkedLine, ...]:
        """Return the lines as they are drawn, with what `lines` has told."""
        return tuple(
            MarkedLine(
                name, spec.start, spec.end, spec.inside, lines[name].in_count, lines[name].out_count
            )
            for name, spec in self._line_specs.items()
        )

    def marked_zones(self, zones: Mapping[str, ZoneStatus]) -> tuple[MarkedZone, ...]:
        """Return the zones as they are drawn, with what `zones` has told."""
        return tuple(
            MarkedZone(
                name, polygon, zones[name].people_now, zones[name].in_count, zones[name].out_count
            )
            for name, polygon in self._polygons.items()
        )

    def line_states(self) -> dict[str, LineCounts]:
        """Return what the lines must keep over a restart, by name."""
        return {name: line.state() for name, line in self._lines.items()}

    def zone_states(self) -> dict[str, ZoneState]:
        """Return what the zones must keep over a restart, by name."""
        return {name: zone.state() for name, zone in self._zones.items()}

    def restore(
        self,
        lines: Mapping[str, LineCounts],
        zones: Mapping[str, ZoneState],
        total_tracks: int,
    ) -> None:
        """Take over the counts of a run before; lines and zones that are gone are left out."""
        self.total_tracks = total_tracks
        for name, counts in lines.items():
            if name in self._lines:
                self._lines[name].restore(counts)
        for name, state in zones.items():
            if name in self._zones:
                self._zones[name].restore(state)

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
