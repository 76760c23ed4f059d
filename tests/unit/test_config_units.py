from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heatwall.config.units import format_bitrate, format_duration, parse_bitrate, parse_duration


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("500ms", 0.5),
        ("0s", 0.0),
        ("30s", 30.0),
        ("10m", 600.0),
        ("2h", 7200.0),
        ("1d", 86400.0),
        ("1.5s", 1.5),
        ("1h30m", 5400.0),
        (" 10M ", 600.0),
    ],
)
def test_a_duration_is_read_in_every_unit(text: str, seconds: float) -> None:
    assert parse_duration(text) == pytest.approx(seconds)


@pytest.mark.parametrize(
    "text", ["", "s", "30", "-1s", "1 s", "1w", "1s2", "infs", "1e3s", "9" * 400 + "d", "٣s"]
)
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a duration"):
        parse_duration(text)


@given(st.integers(0, 10_000_000))
def test_a_duration_that_is_written_is_read_as_the_same(milliseconds: int) -> None:
    seconds = milliseconds / 1000
    assert parse_duration(format_duration(seconds)) == pytest.approx(seconds, rel=1e-9)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0ms"),
        (0.01, "10ms"),
        (1.5, "1.5s"),
        (90, "90s"),
        (600, "10m"),
        (7200, "2h"),
        (86400, "1d"),
    ],
)
def test_a_duration_is_written_in_its_largest_whole_unit(seconds: float, text: str) -> None:
    assert format_duration(seconds) == text


@pytest.mark.parametrize(
    ("value", "bps"),
    [
        ("600k", 600_000),
        ("3M", 3_000_000),
        ("1.5m", 1_500_000),
        ("64000", 64_000),
        (64_000, 64_000),
        ("600kbps", 600_000),
        ("3Mbit/s", 3_000_000),
    ],
)
def test_a_bitrate_is_read_with_and_without_a_unit(value: str | int, bps: int) -> None:
    assert parse_bitrate(value) == bps


@pytest.mark.parametrize("value", ["", "k", "-1k", "3G", "3 Mb", True, "9" * 400, "٣k"])
def test_what_is_no_bitrate_is_refused(value: str | int) -> None:
    with pytest.raises(ValueError, match="is not a bitrate"):
        parse_bitrate(value)


@given(st.integers(1, 100_000_000))
def test_a_bitrate_that_is_written_is_read_as_the_same(bps: int) -> None:
    assert parse_bitrate(format_bitrate(bps)) == bps


def test_a_bitrate_is_written_in_its_largest_whole_unit() -> None:
    assert [format_bitrate(bps) for bps in (600_000, 3_000_000, 1_234)] == ["600k", "3M", "1234"]
