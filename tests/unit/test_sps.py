from __future__ import annotations

import pytest

from heatwall.camera.encoder import TierEncoder
from heatwall.delivery.annexb import NAL_SPS, TYPE_MASK, units
from heatwall.delivery.sps import read_sps
from support.h264 import TestEncoder


def _sps(annexb: bytes) -> bytes:
    return next(unit for unit in units(annexb) if unit[0] & TYPE_MASK == NAL_SPS)


def _tier_sps(fps: float, parameter_set: int = 0) -> bytes:
    encoded = TierEncoder(640, 360, fps, 400_000, parameter_set).encode(0, is_key=True)
    assert encoded is not None
    return _sps(encoded[0])


@pytest.mark.parametrize("size", [(640, 360), (1920, 1080), (320, 180), (16, 16), (222, 126)])
def test_an_encoders_size_is_read_from_its_sps(size: tuple[int, int]) -> None:
    sps = read_sps(_sps(TestEncoder("door", size=size).picture().annexb))
    assert (sps.width, sps.height) == size


def test_another_rate_is_the_same_coding_and_another_parameter_set_is_not() -> None:
    usual, slow, other = _tier_sps(15.0), _tier_sps(7.0), _tier_sps(15.0, parameter_set=3)
    assert usual != slow, "the VUI tells the rate"
    assert read_sps(usual).coding == read_sps(slow).coding
    assert read_sps(usual).coding != read_sps(other).coding


def test_a_quicker_rate_may_need_a_higher_level() -> None:
    usual, quick = read_sps(_tier_sps(15.0)), read_sps(_tier_sps(60.0))
    assert quick.level > usual.level
    assert quick.coding == usual.coding


def test_an_interlaced_picture_has_twice_the_rows_of_a_field() -> None:
    # ue(0)=1 id, ue(0) frame num, ue(2)=011 order kind, ue(1)=010 refs, 0, 20 columns, 9 rows of
    # fields (each of two macroblocks), fields, not adaptive, direct, cropped by 1 row at the bottom
    bits = "1" + "1" + "011" + "010" + "0" + "000010100" + "0001001" + "0" + "0" + "1"
    bits += "1" + "1" + "1" + "1" + "010"
    raw = int(bits.ljust(-(-len(bits) // 8) * 8, "0"), 2).to_bytes(-(-len(bits) // 8), "big")
    sps = read_sps(bytes((0x67, 77, 0, 30)) + raw)
    assert (sps.width, sps.height) == (20 * 16, 9 * 32 - 4)


def test_an_order_of_kind_1_is_passed_over() -> None:
    bits = "1" + "1" + "010" + "1" + "011" + "010" + "011" + "010" + "010" + "010" + "0"
    bits += "011" + "011" + "1" + "1" + "0"  # 2+1 columns and rows would be ue(2)
    raw = int(bits.ljust(-(-len(bits) // 8) * 8, "0"), 2).to_bytes(-(-len(bits) // 8), "big")
    sps = read_sps(bytes((0x67, 66, 0xC0, 30)) + raw)
    assert (sps.width, sps.height) == (48, 48)


@pytest.mark.parametrize("length", range(9))
def test_an_sps_that_is_cut_off_is_an_error_and_no_crash(length: int) -> None:
    whole = _sps(TestEncoder("door").picture().annexb)
    with pytest.raises(ValueError, match="SPS"):
        read_sps(whole[:length])


def test_a_profile_that_no_encoder_here_uses_is_an_error() -> None:
    with pytest.raises(ValueError, match="Baseline"):
        read_sps(bytes.fromhex("6764001fac"))


def test_a_number_without_an_end_is_an_error() -> None:
    with pytest.raises(ValueError, match="too long"):
        read_sps(bytes((0x67, 66, 0, 30)) + bytes(8))
