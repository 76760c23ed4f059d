from __future__ import annotations

import struct

import pytest

from heatwall.camera.encoder import TierEncoder
from heatwall.capacity.arrivals import CameraClock
from heatwall.capacity.viewer import Slot
from heatwall.delivery.peer import packetise
from heatwall.simulator import barcode

CLOCK = CameraClock(epoch_s=500.0, fps=15, frames=300)


@pytest.fixture
def slot() -> Slot:
    return Slot("cam1", CLOCK)


def picture(
    encoder: TierEncoder, rtp_time: int, number: int | None, *, is_key: bool
) -> list[bytes]:
    """The payloads of a gray picture with a frame number, or without one."""
    for plane in encoder.planes:
        plane[:] = 128
    if number is not None:
        barcode.paint(encoder.planes[0], number)
    encoded = encoder.encode(rtp_time, is_key=is_key)
    assert encoded is not None
    return packetise(encoded[0])


def show(slot: Slot, payloads: list[bytes], rtp_time: int, arrival_s: float) -> None:
    for index, payload in enumerate(payloads):
        slot.look(payload, rtp_time, arrival_s, is_last=index == len(payloads) - 1)


def test_an_idr_with_a_number_tells_when_it_was_captured(slot: Slot) -> None:
    encoder = TierEncoder(640, 360, 15, 600_000)

    show(slot, picture(encoder, 90_000, 30, is_key=True), 90_000, 502.1)

    assert slot.times_known.is_set()
    assert not slot.wants_barcode
    assert slot.times.captured_s(90_000) == pytest.approx(502.0)


def test_a_number_that_can_not_be_read_is_waited_for(slot: Slot) -> None:
    encoder = TierEncoder(640, 360, 15, 600_000)

    show(slot, picture(encoder, 0, None, is_key=True), 0, 502.0)
    assert slot.wants_barcode
    show(slot, picture(encoder, 6000, 31, is_key=False), 6000, 502.2)

    assert slot.times.captured_s(6000) == pytest.approx(500 + 31 / 15)


def test_pictures_before_the_first_idr_are_left_alone(slot: Slot) -> None:
    encoder = TierEncoder(640, 360, 15, 600_000)
    picture(encoder, 0, 29, is_key=True)

    show(slot, picture(encoder, 6000, 30, is_key=False), 6000, 502.1)

    assert slot.wants_barcode


def test_looked_at_again_a_slot_keeps_its_times_until_a_number_is_read(slot: Slot) -> None:
    encoder = TierEncoder(640, 360, 15, 600_000)
    show(slot, picture(encoder, 0, 30, is_key=True), 0, 502.1)

    slot.look_again()
    assert slot.wants_barcode
    assert slot.times.is_known
    show(slot, picture(encoder, 6000, 40, is_key=True), 6000, 502.8)

    assert slot.times.captured_s(6000) == pytest.approx(500 + 40 / 15)


def test_a_report_tells_what_was_lost_since_the_one_before(slot: Slot) -> None:
    for sequence in (1, 2, 5, 6):
        slot.log.add(struct.pack("!BBHII", 0x80, 96, sequence, 0, 7), 1.0)

    first, second = slot.report(7), slot.report(7)

    assert (first.packets_lost, first.highest_sequence) == (2, 6)
    assert first.fraction_lost == pytest.approx(256 * 2 / 6, abs=1)
    assert (second.packets_lost, second.fraction_lost) == (2, 0)
