"""What the benchmark and its viewers' process say to each other, as lines of JSON."""

from __future__ import annotations

import msgspec

from heatwall.capacity.arrivals import CameraClock


class WatchOrder(msgspec.Struct, frozen=True):
    """What to watch.

    Attributes:
        address: Of the server.
        cameras: The clock of each camera by its id.
        viewers: How many peer connections, each with a slot for every camera.
        timeout_s: Longest wait for the first pictures, seconds.
    """

    address: str
    cameras: dict[str, CameraClock]
    viewers: int
    timeout_s: float


class Watching(msgspec.Struct, frozen=True):
    """How many slots there are, and how many of them show the camera's capture time."""

    slots: int
    anchored: int


class SlotReport(msgspec.Struct, frozen=True):
    """What one slot got since the last report.

    Attributes:
        camera: Its camera.
        pictures: Pictures that came whole.
        broken: Pictures that did not.
        packets: Packets that came.
        lost: Packets that did not.
        latency_ms: Capture to last packet of each picture in order of arrival; empty when no
            picture's barcode could be read.
    """

    camera: str
    pictures: int
    broken: int
    packets: int
    lost: int
    latency_ms: list[float]
