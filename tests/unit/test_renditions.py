from __future__ import annotations

from collections import defaultdict

import av
import pytest

from heatwall.camera.encoder import TierEncoder
from heatwall.camera.link import TierSpec
from heatwall.camera.renditions import Rendition
from heatwall.camera.source import DecodedFrame
from heatwall.values import Tier
from support.ink import INK

_SPS, _PPS = 7, 8


def _exp_golomb(bits: str) -> int:
    """Return the unsigned number at the beginning (ITU-T H.264 section 9.1)."""
    zeros = bits.index("1")
    return int(bits[zeros : 2 * zeros + 1], 2) - 1


def _bits(unit: bytes) -> str:
    return "".join(f"{byte:08b}" for byte in unit)


def _parameter_sets(annexb: bytes) -> tuple[int, int]:
    """Return the ids of the SPS and the PPS (ITU-T H.264 sections 7.3.2.1 and 7.3.2.2)."""
    units = {unit[0] & 0x1F: unit for unit in annexb.split(b"\x00\x00\x01")[1:]}
    # After its header the SPS tells profile, constraints and level, one byte each.
    return _exp_golomb(_bits(units[_SPS][4:8])), _exp_golomb(_bits(units[_PPS][1:5]))


def test_each_tier_has_parameter_sets_of_its_own() -> None:
    """A decoder that missed a new tier's SPS must not take that of another tier for it."""
    frame = av.VideoFrame(640, 360, "yuv420p")
    found = set()
    for tier in Tier:
        rendition = Rendition(tier.value, TierSpec(320, 180, 5, 120_000), INK)
        picture = rendition.render(DecodedFrame(frame, None, 640, 360), 1.0, defaultdict(float))
        assert picture is not None
        assert picture.is_key
        found.add(_parameter_sets(picture.annexb))
    assert found == {(0, 0), (1, 1), (2, 2)}


@pytest.mark.parametrize("parameter_set", [0, 3, 31])
def test_an_encoder_numbers_its_parameter_sets_as_told(parameter_set: int) -> None:
    encoder = TierEncoder(320, 180, 5, 120_000, parameter_set)
    encoded = encoder.encode(0, is_key=True)
    assert encoded is not None
    assert _parameter_sets(encoded[0]) == (parameter_set, parameter_set)
