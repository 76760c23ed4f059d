from __future__ import annotations

import numpy as np
import pytest

from heatwall.analysis.reading import HEAT_UNIT, HeatReading


def test_a_reading_tells_its_unit_and_sum_and_can_not_be_written_to() -> None:
    shares = np.full((4, 6), 0.25, np.float32)
    reading = HeatReading(30.0, None, shares, shares * 2, 12.0, 0.25, {})

    assert reading.unit == HEAT_UNIT
    assert reading.person_s == pytest.approx(12.0)
    for array in (reading.share, reading.mass_s):
        with pytest.raises(ValueError, match="read-only"):
            array[0, 0] = 1
