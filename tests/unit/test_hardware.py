from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import av
import av.error
import pytest
from av.codec.context import CodecContext

from heatwall.camera import hardware
from heatwall.camera.decoder import open_decoder
from heatwall.camera.encoder import open_encoder
from heatwall.camera.hardware import Hardware, find_hardware
from heatwall.config import CameraConfig
from heatwall.errors import EncoderError
from heatwall.specs import missing_hardware
from heatwall.values import SecretUrl


class NoDriver(av.error.PermissionError):
    """As PyAV raises it where there is no driver."""

    def __init__(self) -> None:
        super().__init__(1, "Operation not permitted")


def test_without_a_gpu_the_processor_does_all_and_it_is_said_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(hardware, "CodecContext", FakeContext(fails=True))

    with caplog.at_level("INFO"):
        found = find_hardware()

    assert found == Hardware("cpu", "libx264")
    (line,) = caplog.messages
    assert "decoded by the processor (no NVDEC: no driver or no device)" in line
    assert "encoded by the processor (no NVENC: no driver or no device)" in line


class FakeContext:
    """Stands for PyAV's class where there is a GPU, or none."""

    def __init__(self, *, fails: bool) -> None:
        self._fails = fails

    def create(self, codec: str, mode: str, hwaccel: object = None) -> object:
        """Make a context, or fail as without a driver."""
        if self._fails:
            raise NoDriver
        if mode == "w":
            assert codec == "h264_nvenc"
            return CodecContext.create("libx264", "w")
        assert hwaccel is not None
        return CodecContext.create("h264", "r")


def test_where_both_open_the_gpu_does_both(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(hardware, "CodecContext", FakeContext(fails=False))

    with caplog.at_level("INFO"):
        found = find_hardware()

    assert found == Hardware("cuda", "h264_nvenc")
    assert caplog.messages == ["video is decoded by the GPU (NVDEC) and encoded by the GPU (NVENC)"]


def test_a_gpu_that_does_not_take_a_stream_leaves_it_to_the_processor(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse() -> object:
        raise NoDriver

    monkeypatch.setattr("heatwall.camera.decoder.nvdec", refuse)

    decoder = open_decoder("h264", b"", "cuda")

    assert not decoder.is_hwaccel


def test_where_nvenc_has_no_session_left_libx264_encodes_and_it_is_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    create = CodecContext.create

    def refuse(codec: Any, mode: Any) -> object:
        if codec == "h264_nvenc":
            raise NoDriver
        return create(codec, mode)

    monkeypatch.setattr("heatwall.camera.encoder.av.CodecContext", SimpleNamespace(create=refuse))

    encoder, notice = open_encoder("h264_nvenc", 320, 180, 15, 300_000, 0)

    assert notice == ("h264_nvenc can't encode 320×180: no driver or no device; libx264 is used")
    assert encoder.codec == "libx264"
    encoded = encoder.encode(0, is_key=True)
    assert encoded is not None
    assert encoded[1]


def test_libx264_has_nothing_to_fall_back_to() -> None:
    with pytest.raises(EncoderError, match="libx264 can't encode 3×3"):
        open_encoder("libx264", 3, 3, 15, 300_000, 0)


@pytest.mark.skipif(find_hardware().encoder != "h264_nvenc", reason="no NVENC on this machine")
def test_nvencs_pictures_can_be_decoded() -> None:
    encoder, notice = open_encoder("h264_nvenc", 320, 180, 15, 300_000, 0)
    units = [encoder.encode(number * 6000, is_key=number == 0) for number in range(10)]
    decoder = CodecContext.create("h264", "r")
    frames = [frame for unit in units if unit for frame in decoder.decode(av.Packet(unit[0]))]

    assert not notice
    assert len(frames) >= 9


@pytest.mark.parametrize(
    ("asked", "sentences"),
    [
        ({}, 0),
        ({"decoder": "cpu", "encoder": "libx264"}, 0),
        ({"decoder": "cuda"}, 1),
        ({"decoder": "cuda", "encoder": "h264_nvenc"}, 2),
    ],
)
def test_what_was_asked_for_and_is_not_there_is_said(asked: dict[str, str], sentences: int) -> None:
    settings = CameraConfig.model_validate({"url": SecretUrl("rtsp://127.0.0.1/"), **asked})

    assert len(missing_hardware(settings, Hardware())) == sentences
    assert missing_hardware(settings, Hardware("cuda", "h264_nvenc")) == ()


def test_this_machines_hardware_can_be_told() -> None:
    found = find_hardware()

    assert found.decoder in {"cpu", "cuda"}
    assert found.encoder in {"libx264", "h264_nvenc"}
