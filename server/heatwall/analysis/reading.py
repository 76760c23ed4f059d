"""The heat of one camera as it is handed out: for the API, files and programs."""

from __future__ import annotations

from dataclasses import dataclass, field

from heatwall.values import FloatArray

HEAT_UNIT = "share of recent time"
"""What a heat of 1 means: that somebody stood there all the time."""


@dataclass(frozen=True, slots=True)
class HeatReading:
    """One camera's heat at one moment.

    Attributes:
        half_life_s: Its half-life, seconds; None for a lifetime sum.
        class_name: The class that it is of; None for all that count.
        share: float32 (rows, columns), share of recent time that somebody stood there, 0 to 1
            for one person, under a kernel about a person wide; read-only.
        mass_s: float32 (rows, columns), decayed person-seconds by foot point; read-only.
        age_s: Seconds since it began or was reset, interruptions included.
        scale: Share at full colour, as the picture has it.
        zones_person_s: Decayed person-seconds in each zone, by name.
        zones_peak: Share at the hottest place in each zone, by name.
    """

    half_life_s: float | None
    class_name: str | None
    share: FloatArray
    mass_s: FloatArray
    age_s: float
    scale: float
    zones_person_s: dict[str, float]
    zones_peak: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Make the arrays read-only."""
        for array in (self.share, self.mass_s):
            array.flags.writeable = False

    @property
    def unit(self) -> str:
        """What the numbers of `share` mean."""
        return HEAT_UNIT

    @property
    def person_s(self) -> float:
        """Decayed person-seconds in the whole picture."""
        return float(self.mass_s.sum())
