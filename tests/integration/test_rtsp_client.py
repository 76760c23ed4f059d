"""The RTSP client against cameras whose every byte is written here."""

from __future__ import annotations

import random
import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from itertools import islice

import pytest

from heatwall.camera import rtsp_client, rtsp_dialogue
from heatwall.camera.rtsp_client import RtspClient
from heatwall.camera.rtsp_dialogue import UnsuitedError
from heatwall.errors import SourceError, SourceRefusedError, SourceUnsupportedError
from heatwall.values import SecretUrl
from support.eventually import eventually
from support.rtp import Stream, annexb
from support.scripted_camera import (
    TRANSPORT,
    Request,
    ScriptedCamera,
    framed,
    reply,
    scripted_camera,
)

TIMEOUT_S = 5.0
SHORT_S = 0.3
KEY = b"\x65\x88key"
SLICE = b"\x41\x9bslice"
STEPS = ["DESCRIBE", "SETUP", "PLAY"]


def pictures(stream: Stream, count: int, channel: int = 0) -> bytes:
    return b"".join(framed(packet, channel) for _ in range(count) for packet in stream.picture(KEY))


@contextmanager
def playing(camera: ScriptedCamera, timeout_s: float = TIMEOUT_S) -> Iterator[RtspClient]:
    with scripted_camera(camera), closing(RtspClient(camera.url, timeout_s)) as client:
        yield client


def opened(camera: ScriptedCamera, account: str = "", timeout_s: float = TIMEOUT_S) -> None:
    with scripted_camera(camera):
        url = SecretUrl(camera.url.secret.replace("://", f"://{account}"))
        try:
            RtspClient(url, timeout_s).close()
        except UnsuitedError as error:
            error.release()
            error.release()
            raise


def drained(client: RtspClient) -> int:
    return sum(1 for _ in client.arrivals())


def test_a_single_picture_is_given_out_though_no_other_follows() -> None:
    camera = ScriptedCamera(video=pictures(Stream(), 1))
    with playing(camera) as client:
        arrival = next(client.arrivals())
        assert arrival.unit.annexb == annexb(KEY)
        assert arrival.unit.is_key
        assert not client.is_behind
    assert camera.methods[:3] == STEPS
    assert [request.url for request in camera.requests[:3]] == [
        camera.url.secret,
        f"{camera.url.secret}/track1",
        f"{camera.url.secret}/",
    ]
    assert camera.requests[2].headers["session"] == "s1"


def test_it_is_behind_while_more_waits() -> None:
    camera = ScriptedCamera(video=pictures(Stream(), 3))
    with playing(camera) as client:
        arrivals = client.arrivals()
        next(arrivals)
        assert client.is_behind
        times = [one.arrival_s for one in islice(arrivals, 2)]
        assert times == sorted(times)
        assert not client.is_behind
        camera.send(b"$")
        assert eventually(lambda: client.is_behind)


def test_video_that_overtakes_the_answer_to_play_is_not_lost() -> None:
    early = pictures(Stream(), 2)
    camera = ScriptedCamera(answers={"PLAY": lambda request: early + reply(request)})
    with playing(camera) as client:
        assert len(list(islice(client.arrivals(), 2))) == 2


def test_the_camera_may_choose_other_channels() -> None:
    transport = TRANSPORT.replace("0-1", "4-5")
    camera = ScriptedCamera(
        answers={
            "SETUP": lambda request: reply(request, 200, f"Transport: {transport}", "Session: s")
        },
        video=framed(b"\x80" * 20, 0) + pictures(Stream(), 1, channel=4),
    )
    with playing(camera) as client:
        assert next(client.arrivals()).unit.annexb == annexb(KEY)


def test_its_session_ends_with_a_teardown() -> None:
    camera = ScriptedCamera()
    with scripted_camera(camera):
        client = RtspClient(camera.url, TIMEOUT_S)
        client.close()
        client.close()
        eventually(lambda: camera.methods[-1:] == ["TEARDOWN"])
    assert camera.methods.count("TEARDOWN") == 1


@pytest.mark.parametrize("method", STEPS)
def test_a_camera_that_falls_silent_is_named_so(method: str) -> None:
    camera = ScriptedCamera(answers={method: lambda _: b""})
    with pytest.raises(SourceError, match=r"no answer within 0.3 s"):
        opened(camera, timeout_s=SHORT_S)


@pytest.mark.parametrize("method", STEPS)
def test_a_camera_that_hangs_up_is_named_so(method: str) -> None:
    with pytest.raises(SourceError, match="the camera ended the stream"):
        opened(ScriptedCamera(answers={method: lambda _: None}))


def test_a_camera_that_trickles_is_not_waited_for_without_end() -> None:
    # A blank line each time before the deadline, and never the reply.
    camera = ScriptedCamera(answers={"DESCRIBE": lambda _: b"\r\n" * 100_000})
    with pytest.raises(SourceError, match="no answer"):
        opened(camera, timeout_s=SHORT_S)


def test_silence_within_the_stream_ends_it_though_replies_and_reports_come() -> None:
    camera = ScriptedCamera(video=pictures(Stream(), 1) + framed(b"\x81\xc9\x00\x01" + bytes(4), 1))
    with (
        playing(camera, SHORT_S) as client,
        pytest.raises(SourceError, match=r"no answer within 0.3 s"),
    ):
        drained(client)


def test_a_port_without_a_listener_is_named_so() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(SourceError, match="connection refused"):
        RtspClient(SecretUrl(f"rtsp://127.0.0.1:{port}/"), TIMEOUT_S)


@pytest.mark.parametrize("host", ["nowhere.invalid", "x" * 70, "a..b"])
def test_an_unknown_host_is_named_so(host: str) -> None:
    with pytest.raises(SourceError, match="unknown host, or no network"):
        RtspClient(SecretUrl(f"rtsp://{host}/"), TIMEOUT_S)


@pytest.mark.parametrize("url", ["rtsp://", "rtsp://h:x/", "rtsp://[::1/"])
def test_a_url_that_can_not_be_read_is_left_to_libavformat(url: str) -> None:
    with pytest.raises(UnsuitedError):
        RtspClient(SecretUrl(url), TIMEOUT_S)


@pytest.mark.parametrize(
    ("status", "kind", "text"),
    [
        (401, SourceRefusedError, "refused the user or password"),
        (403, SourceRefusedError, "refused the user or password"),
        (302, UnsuitedError, None),
        (461, UnsuitedError, None),
        (500, UnsuitedError, None),
    ],
)
@pytest.mark.parametrize("method", STEPS)
def test_a_refusal_is_named_or_left_to_libavformat(
    method: str, status: int, kind: type[Exception], text: str | None
) -> None:
    with pytest.raises(kind, match=text):
        opened(ScriptedCamera(answers={method: lambda request: reply(request, status)}))


def test_a_stream_of_sound_alone_is_named_so() -> None:
    with pytest.raises(SourceUnsupportedError, match="holds no video"):
        opened(ScriptedCamera(sdp="v=0\r\nm=audio 0 RTP/AVP 0\r\n"))


@pytest.mark.parametrize("sdp", ["", "v=0\r\nm=video 0 RTP/AVP 26\r\n"])
def test_a_stream_of_another_kind_is_left_to_libavformat(sdp: str) -> None:
    with pytest.raises(UnsuitedError):
        opened(ScriptedCamera(sdp=sdp))


def test_a_path_that_the_camera_does_not_know_is_named_so() -> None:
    camera = ScriptedCamera(answers={"DESCRIBE": lambda request: reply(request, 404)})
    with pytest.raises(SourceError, match="does not know this path"):
        opened(camera)


def test_a_stream_that_the_camera_does_not_know_is_left_to_libavformat() -> None:
    # It may put the stream's URL together in another way.
    with pytest.raises(UnsuitedError):
        opened(ScriptedCamera(answers={"SETUP": lambda request: reply(request, 404)}))


def test_a_base_that_is_no_url_is_not_used() -> None:
    camera = ScriptedCamera()
    camera.answers["DESCRIBE"] = lambda request: reply(
        request, 200, "Content-Base: /live/", body=camera.sdp
    )
    opened(camera)
    assert camera.requests[1].url == f"{camera.url.secret}/track1"


@pytest.mark.parametrize("channels", ["255", "300-301", "0-256"])
def test_channels_that_can_not_be_are_left_to_libavformat(channels: str) -> None:
    header = f"Transport: RTP/AVP/TCP;interleaved={channels}"
    with pytest.raises(UnsuitedError):
        opened(ScriptedCamera(answers={"SETUP": lambda request: reply(request, 200, header)}))


def test_a_camera_that_insists_on_udp_is_left_to_libavformat() -> None:
    header = "Transport: RTP/AVP;unicast;client_port=5-6"
    with pytest.raises(UnsuitedError):
        opened(ScriptedCamera(answers={"SETUP": lambda request: reply(request, 200, header)}))


def test_a_password_is_sent_once_asked_for_and_not_again_when_it_is_wrong() -> None:
    camera = ScriptedCamera(
        answers={
            "DESCRIBE": lambda request: reply(
                request, 401, 'WWW-Authenticate: Digest realm="r", nonce="1"'
            )
        }
    )
    with pytest.raises(SourceRefusedError):
        opened(camera, "viewer:canary@")
    assert ["authorization" in request.headers for request in camera.requests] == [False, True]
    assert all("canary" not in str(request) for request in camera.requests)


def test_a_nonce_that_grows_old_is_replaced() -> None:
    def guarded(request: Request) -> bytes:
        if 'nonce="2"' in request.headers.get("authorization", ""):
            return reply(request, 200, "Session: s", f"Transport: {TRANSPORT}")
        nonce = 'nonce="2", stale=true' if "authorization" in request.headers else 'nonce="1"'
        return reply(request, 401, f'WWW-Authenticate: Digest realm="r", {nonce}')

    camera = ScriptedCamera(answers={"SETUP": guarded})
    opened(camera, "viewer:secret@")
    assert camera.methods[:5] == ["DESCRIBE", "SETUP", "SETUP", "SETUP", "PLAY"]


def test_an_escaped_account_is_proved_as_it_is_and_not_in_the_url() -> None:
    def guarded(request: Request) -> bytes:
        if request.headers.get("authorization") == "Basic dmlld2VyOnBAc3M6dy9yZA==":
            return reply(request, 404)
        return reply(request, 401, 'WWW-Authenticate: Basic realm="r"')

    camera = ScriptedCamera(answers={"DESCRIBE": guarded})
    with pytest.raises(SourceError, match="path"):
        opened(camera, "viewer:p%40ss%3Aw%2Frd@")
    assert {request.url for request in camera.requests} == {camera.url.secret}


def test_a_way_of_asking_that_nobody_knows_is_left_to_libavformat() -> None:
    header = "WWW-Authenticate: Bearer x"
    camera = ScriptedCamera(answers={"DESCRIBE": lambda request: reply(request, 401, header)})
    with pytest.raises(UnsuitedError):
        opened(camera, "viewer:secret@")


@pytest.mark.parametrize(
    ("is_known", "methods"), [(True, {"GET_PARAMETER"}), (False, {"GET_PARAMETER", "OPTIONS"})]
)
def test_signs_of_life_are_sent_as_the_camera_knows_them(
    monkeypatch: pytest.MonkeyPatch, is_known: bool, methods: set[str]
) -> None:
    monkeypatch.setattr(rtsp_client, "_QUIET_S", (0.1, 0.1))
    camera = ScriptedCamera(
        answers={"GET_PARAMETER": lambda request: reply(request, 200 if is_known else 501)}
    )
    stream = Stream()
    with playing(camera) as client:
        arrivals = client.arrivals()

        def sent() -> set[str]:
            camera.send(pictures(stream, 1))
            next(arrivals)
            return set(camera.methods[3:])

        eventually(lambda: sent() == methods and len(camera.methods) > 6)
        assert camera.requests[-1].headers["session"] == "s1"
    if not is_known:
        assert camera.methods.count("GET_PARAMETER") == 1


def test_a_session_that_the_camera_has_forgotten_has_ended(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rtsp_client, "_QUIET_S", (0.05, 0.05))
    camera = ScriptedCamera(answers={"GET_PARAMETER": lambda request: reply(request, 454)})
    with playing(camera) as client, pytest.raises(SourceError, match="ended"):
        drained(client)


def test_reports_are_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rtsp_client, "_REPORT_EVERY_S", 0.05)
    camera = ScriptedCamera(video=pictures(Stream(), 2))
    with playing(camera, 1.0) as client, suppress(SourceError):
        drained(client)
    channel, report = camera.packets[0]
    assert channel == 1
    assert report[:2] == b"\x81\xc9"
    assert int.from_bytes(report[16:20], "big") == 65_531


def test_a_farewell_ends_the_stream() -> None:
    bye = framed(b"\x81\xcb\x00\x01" + bytes(4), 1)
    camera = ScriptedCamera(video=pictures(Stream(), 1) + bye)
    with playing(camera) as client, pytest.raises(SourceError, match="ended"):
        drained(client)


@pytest.mark.parametrize("method", ["TEARDOWN", "REDIRECT"])
def test_a_camera_that_takes_its_leave_ends_the_stream(method: str) -> None:
    camera = ScriptedCamera(video=f"{method} rtsp://h/ RTSP/1.0\r\nCSeq: 1\r\n\r\n".encode())
    with playing(camera) as client, pytest.raises(SourceError, match="ended"):
        drained(client)


def test_what_the_camera_asks_is_answered_and_its_video_goes_on() -> None:
    asked = b"OPTIONS * RTSP/1.0\r\nCSeq: 31\r\n\r\n"
    stream = Stream()
    camera = ScriptedCamera(video=pictures(stream, 1) + asked + pictures(stream, 1))
    with playing(camera) as client:
        assert len(list(islice(client.arrivals(), 2))) == 2
        eventually(lambda: camera.replies == ["RTSP/1.0 501 Not Implemented"])


def test_stray_bytes_between_packets_cost_no_picture() -> None:
    stream = Stream()
    video = b"".join(pictures(stream, 1) + b"stray $ bytes\r\n" for _ in range(5))
    with playing(ScriptedCamera(video=video)) as client:
        assert len(list(islice(client.arrivals(), 5))) == 5
        assert (client.lost, client.broken) == (0, 0)


def test_missing_packets_are_counted() -> None:
    stream = Stream()
    packets = [p for _ in range(4) for p in stream.picture(KEY, SLICE)]
    video = b"".join(framed(packet) for index, packet in enumerate(packets) if index != 3)
    with playing(ScriptedCamera(video=video)) as client:
        assert len(list(islice(client.arrivals(), 4))) == 4
        assert (client.lost, client.broken) == (1, 1)


def test_a_stream_of_nothing_but_garbage_ends_with_a_clear_error() -> None:
    garbage = random.Random(5).randbytes(8_000_000)
    camera = ScriptedCamera(video=garbage.replace(b"$", b"%"))
    with playing(camera) as client, pytest.raises(SourceError, match="not RTSP"):
        drained(client)


@pytest.mark.parametrize("seed", range(40))
def test_whatever_a_camera_says_only_errors_of_a_source_come_out(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(seed)

    def spoilt(request: Request) -> bytes:
        text = bytearray(
            reply(request, 200, f"Transport: {TRANSPORT}", "Session: s;timeout=9", body=camera.sdp)
            + pictures(Stream(), 3)
        )
        for _ in range(chance.randrange(1, 12)):
            at = chance.randrange(len(text))
            text[at : at + chance.randrange(6)] = chance.randbytes(chance.randrange(6))
        return bytes(text)

    camera = ScriptedCamera(answers={chance.choice(STEPS): spoilt}, video=pictures(Stream(), 2))
    monkeypatch.setattr(rtsp_dialogue, "_MOST_TRIES", 1)
    with scripted_camera(camera), suppress(SourceError):
        try:
            client = RtspClient(camera.url, 0.1)
        except UnsuitedError as error:
            error.release()
            return
        with closing(client):
            drained(client)
