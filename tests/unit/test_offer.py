from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heatwall.delivery.offer import MAX_M_LINES, quickened, read_offer
from heatwall.errors import DeliveryError
from support.sdp import Section, offer


def _refused(sdp: str) -> tuple[int, str]:
    with pytest.raises(DeliveryError) as caught:
        read_offer(sdp)
    return caught.value.status, caught.value.code


def test_every_video_m_line_is_a_slot() -> None:
    assert read_offer(offer(Section(), Section(), Section())).videos == 3


def test_audio_and_data_beside_video_are_no_slots() -> None:
    audio = Section(kind="audio", codecs=("111 opus/48000/2",))
    data = Section(kind="application", codecs=())
    assert read_offer(offer(audio, Section(), data)).videos == 1


def test_line_ends_may_be_bare() -> None:
    assert read_offer(offer(Section()).replace("\r\n", "\n")).videos == 1


def test_a_session_may_state_the_keys_for_all_m_lines() -> None:
    sdp = offer(Section())
    keys = [line for line in sdp.split("\r\n") if line.startswith(("a=ice-", "a=fingerprint"))]
    rest = [line for line in sdp.split("\r\n") if line not in keys]
    assert read_offer("\r\n".join([rest[0], *keys, *rest[1:]])).videos == 1


@pytest.mark.parametrize("text", ["", "v=1\r\n", "{}", "<html>", "\x00\x01", "v=0\r\nm=video"])
def test_what_is_no_sdp_is_refused(text: str) -> None:
    assert _refused(text)[0] == 400


def test_an_offer_without_video_is_refused() -> None:
    assert _refused(offer(Section(kind="audio"))) == (400, "no_video")
    assert _refused(offer()) == (400, "no_video")


def test_an_m_line_of_an_unknown_kind_is_refused() -> None:
    assert _refused(offer(Section(), Section(kind="text"))) == (400, "bad_sdp")


@pytest.mark.parametrize(
    "codecs",
    [
        (),
        ("96 VP8/90000",),
        ("96 H264/90000 profile-level-id=42e01f",),
        ("96 H264/90000 packetization-mode=0;profile-level-id=42e01f",),
        ("96 H264/90000 packetization-mode=1;profile-level-id=640c1f",),
        ("96 H264/90000 packetization-mode=1;profile-level-id=42001f",),
        ("96 H264/90000 packetization-mode=1;profile-level-id=zz",),
    ],
)
def test_an_offer_without_constrained_baseline_in_fragments_is_refused(
    codecs: tuple[str, ...],
) -> None:
    assert _refused(offer(Section(), Section(codecs=codecs))) == (406, "no_h264")


@pytest.mark.parametrize(
    "codec",
    [
        "96 h264/90000 packetization-mode=1",
        "96 H264/90000 level-asymmetry-allowed=1; Packetization-Mode=1; profile-level-id=42E01F",
        "96 H264/90000 packetization-mode=1;profile-level-id=42c034",
    ],
)
def test_constrained_baseline_is_known_in_all_its_spellings(codec: str) -> None:
    assert read_offer(offer(Section(codecs=("100 VP8/90000", codec)))).videos == 1


def test_too_many_m_lines_are_refused() -> None:
    assert read_offer(offer(*[Section()] * MAX_M_LINES)).videos == MAX_M_LINES
    assert _refused(offer(*[Section()] * (MAX_M_LINES + 1))) == (400, "too_many_m_lines")


@pytest.mark.parametrize("direction", ["sendonly", "inactive"])
def test_an_m_line_that_does_not_receive_is_refused(direction: str) -> None:
    assert _refused(offer(Section(direction=direction))) == (400, "not_receiving")


def test_an_m_line_that_was_switched_off_is_refused() -> None:
    assert _refused(offer(Section(port=0))) == (400, "not_receiving")


def test_an_m_line_without_a_word_on_its_direction_receives() -> None:
    assert read_offer(offer(Section(direction=""))).videos == 1


def test_m_lines_on_several_transports_are_refused() -> None:
    unbundled = offer(Section(), Section()).replace("a=group:BUNDLE 0 1", "a=group:BUNDLE 0")
    assert _refused(unbundled) == (400, "not_bundled")
    one_name = offer(Section(), Section()).replace("a=mid:1", "a=mid:0")
    assert _refused(one_name) == (400, "not_bundled")


@pytest.mark.parametrize(
    "attribute", ["a=ice-ufrag", "a=ice-pwd", "a=fingerprint", "a=setup", "a=rtcp-mux"]
)
def test_an_offer_without_what_a_connection_needs_is_refused(attribute: str) -> None:
    lines = [line for line in offer(Section()).split("\r\n") if not line.startswith(attribute)]
    assert _refused("\r\n".join(lines)) == (400, "bad_sdp")


@given(st.text(max_size=300))
def test_any_text_is_read_or_refused(text: str) -> None:
    for sdp in (text, "v=0\n" + text, offer(Section()) + text):
        try:
            read_offer(sdp)
        except DeliveryError as error:
            assert error.status in {400, 406}


_NAMED = "a=candidate:1 1 udp 2113937151 ac531814-204e.local 48064 typ host"
_PLAIN = "a=candidate:1 1 udp 2113937151 192.0.2.7 48064 typ host"
_LOCAL_USER = "a=candidate:2 1 udp 2113937151 192.0.2.8 48064 typ host ufrag x.local"


def test_candidates_that_hide_behind_a_name_are_not_waited_for() -> None:
    sdp = offer(Section()) + "\r\n".join([_NAMED, _PLAIN, _LOCAL_USER, "a=candidate:1", ""])
    assert _NAMED not in quickened(sdp)
    assert quickened(sdp).count("a=candidate") == 3


def test_a_viewer_that_leaves_it_open_begins_the_dtls_handshake() -> None:
    sdp = offer(Section(), Section())
    assert sdp.count("a=setup:actpass\r\n") == 2
    assert quickened(sdp) == sdp.replace("a=setup:actpass", "a=setup:active")
    passive = sdp.replace("actpass", "passive")
    assert quickened(passive) == passive


def test_a_quickened_offer_ends_its_lines_as_it_must() -> None:
    sdp = offer(Section())
    assert quickened(sdp.replace("\r\n", "\n")) == quickened(sdp)
