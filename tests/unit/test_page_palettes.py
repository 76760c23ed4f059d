"""The page's swatches have the colours of the heat in the picture."""

from __future__ import annotations

import re

import cv2
import numpy as np
import pytest

from heatwall.colormaps import COLORMAPS
from support.palettes import ORDER, STOPS, TABLE, with_table

FAR_STEPS, MEAN_STEPS = 24, 2
"""Of 255: how far a gradient may be from a map anywhere, and in the mean; an eye that compares two
swatches sees neither."""


def table() -> dict[str, str]:
    return dict(re.findall(r'^  (\w+): "([0-9a-f]+)",$', TABLE.read_text(), re.MULTILINE))


def test_the_page_offers_every_colour_map_of_the_config_once() -> None:
    assert sorted(table()) == sorted(COLORMAPS)
    assert tuple(table()) == ORDER


def test_the_table_is_what_its_script_writes() -> None:
    assert with_table(TABLE.read_text()) == TABLE.read_text()


@pytest.mark.parametrize("name", COLORMAPS)
def test_a_swatch_has_the_colours_of_opencvs_map(name: str) -> None:
    ramp = np.arange(256, dtype=np.uint8).reshape(256, 1)
    drawn = cv2.applyColorMap(ramp, COLORMAPS.index(name))[:, 0, ::-1].astype(np.float64)
    stops = np.frombuffer(bytes.fromhex(table()[name]), np.uint8).reshape(STOPS, 3)
    places = np.linspace(0, 255, STOPS)
    swatch = np.column_stack([np.interp(np.arange(256), places, stops[:, c]) for c in range(3)])

    assert np.abs(swatch - drawn).max() <= FAR_STEPS
    assert np.abs(swatch - drawn).mean() <= MEAN_STEPS
