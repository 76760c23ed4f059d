from __future__ import annotations

import pickle
from typing import Any
from urllib.parse import quote

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heatwall.values import Detections, SecretUrl, Tier, Tracks, redact

PASSWORDS = [
    "hunter2",
    "p@ss",
    "a/b",
    "a:b",
    "a#b",
    "a?b",
    "a@b/c@d",
    "a b",
    "a://b",
    "%40",
    "'quoted'",
]


def detections(count: int) -> Detections:
    return Detections(
        np.zeros((count, 4), np.float32), np.zeros(count, np.float32), np.zeros(count, np.int32)
    )


@pytest.mark.parametrize("password", PASSWORDS)
def test_a_url_is_printed_without_user_and_password(password: str) -> None:
    url = SecretUrl(f"rtsp://admin:{password}@192.0.2.11:554/stream1")
    for text in (str(url), repr(url), f"{url}", f"{url!r}", f"{[url]}"):
        assert password not in text
        assert "admin" not in text
        if "?" not in password:
            assert "192.0.2.11:554/stream1" in text


def test_a_url_is_printed_without_the_values_of_its_query_and_without_its_fragment() -> None:
    url = SecretUrl("http://h/video?user=admin&password=hunter2&channel=1#hunter2")
    assert str(url) == "http://h/video?user=***&password=***&channel=***"


def test_a_url_without_credentials_is_printed_as_it_is() -> None:
    assert str(SecretUrl("rtsp://192.0.2.11/stream1")) == "rtsp://192.0.2.11/stream1"


@pytest.mark.parametrize(
    "broken", ["rtsp://[::1", "rtsp://a:hunter2@[bad/x", "a:hunter2@h", "http:/h?pw=hunter2", ""]
)
def test_a_broken_url_can_be_printed_too(broken: str) -> None:
    assert "hunter2" not in f"{SecretUrl(broken)} {SecretUrl(broken)!r}"


@given(st.text(min_size=1))
def test_an_encoded_password_never_shows(password: str) -> None:
    secret = quote(f"<{password}>", safe="")  # never a part of the rest of the URL
    assert secret not in str(SecretUrl(f"rtsp://u:{secret}@h/s"))


def test_a_secret_url_travels_and_compares_by_what_it_hides() -> None:
    url = SecretUrl("rtsp://u:p@h/s")
    assert pickle.loads(pickle.dumps(url)) == url  # noqa: S301 -- our own bytes
    assert url != SecretUrl("rtsp://u:q@h/s")


@pytest.mark.parametrize("password", [one for one in PASSWORDS if " " not in one])
def test_every_url_in_a_message_is_redacted(password: str) -> None:
    message = f"can't open rtsp://u:{password}@h1/a and http://v:{password}@h2/b: 401"
    told = redact(message)
    assert password not in told
    if "?" not in password:
        assert told == "can't open rtsp://***@h1/a and http://***@h2/b: 401"


@pytest.mark.parametrize("value", ["hunter2", "p@ss", "a=b", "a/b", "a?b"])
def test_the_query_of_a_url_in_a_message_is_redacted(value: str) -> None:
    told = redact(f"http://192.0.2.1/video?user=me&pw={value}: 404")
    assert value not in told
    assert "me" not in told
    assert told.startswith("http://")


def test_a_message_without_secrets_is_left_as_it_is() -> None:
    message = "rtsp://h/a answered 404; ask someone@example.org"
    assert redact(message) == message


def test_arrays_are_read_only_from_birth() -> None:
    found = detections(2)
    tracks = Tracks(
        1.0, np.ones(2, np.int32), np.zeros((2, 4), np.float32), found.confidence, found.class_id
    )
    for array in (found.xyxy, found.confidence, found.class_id, tracks.track_id, tracks.xyxy):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1
    assert (len(found), len(tracks), len(detections(0))) == (2, 2, 0)


def test_people_stand_at_the_bottom_centre_of_their_box() -> None:
    xyxy = np.array([[0.2, 0.1, 0.4, 0.9]], np.float32)
    one = np.ones(1, np.float32)
    tracks = Tracks(0.0, np.ones(1, np.int32), xyxy, one, np.zeros(1, np.int32))
    assert tracks.foot == pytest.approx(np.array([[0.3, 0.9]]))


def test_tiers_are_words_from_the_smallest_on() -> None:
    assert [str(tier) for tier in Tier] == ["preview", "tile", "focus"]


def tracks(count: int) -> Tracks:
    return Tracks(
        5.0,
        np.arange(1, count + 1, dtype=np.int32),
        np.zeros((count, 4), np.float32),
        np.ones(count, np.float32),
        np.zeros(count, np.int32),
        np.linspace(1.0, 4.0, count),
    )


def test_the_beginnings_of_tracks_are_read_only_too() -> None:
    begun_s = tracks(3).begun_s

    assert begun_s is not None
    with pytest.raises(ValueError, match="read-only"):
        begun_s[0] = 9.0


def test_tracks_can_be_chosen_by_a_mask() -> None:
    chosen = tracks(4).where(np.array([False, True, False, True]))

    assert chosen.time_s == 5.0
    assert chosen.track_id.tolist() == [2, 4]
    assert chosen.xyxy.shape == (2, 4)
    assert chosen.begun_s is not None
    assert chosen.begun_s.tolist() == [2.0, 4.0]
    assert len(chosen.where(np.zeros(2, bool))) == 0


def test_tracks_of_plain_lists_are_copies_in_the_right_types() -> None:
    boxes = np.array([[0.1, 0.2, 0.3, 0.8], [0.5, 0.1, 0.6, 0.4]])
    tracks = Tracks.of(3, boxes, np.array([4.0, 9.0]), confidence=[0.5, 0.25], class_id=[0, 1])
    boxes[:] = 0

    assert tracks.xyxy[0].tolist() == pytest.approx([0.1, 0.2, 0.3, 0.8])
    assert (tracks.time_s, tracks.track_id.tolist()) == (3.0, [4, 9])
    assert (tracks.confidence.tolist(), tracks.class_id.tolist()) == ([0.5, 0.25], [0, 1])
    kinds = (tracks.xyxy, tracks.track_id, tracks.confidence, tracks.class_id)
    assert [one.dtype for one in kinds] == [np.float32, np.int32, np.float32, np.int32]
    assert not any(one.flags.writeable for one in kinds)
    assert boxes.flags.writeable


def test_tracks_of_nobody_are_none_and_what_is_not_said_has_a_default() -> None:
    assert len(Tracks.of(0.0, [], [])) == 0
    one = Tracks.of(0.0, [[0, 0, 1, 1]], [1])
    assert (one.confidence.tolist(), one.class_id.tolist()) == ([1], [0])


@pytest.mark.parametrize(
    ("xyxy", "ids", "more", "words"),
    [
        ([[0, 0, 1]], [1], {}, r"xyxy is \(1, 3\); allowed: \(1, 4\)"),
        ([0, 0, 1, 1], [1], {}, r"xyxy is \(4,\); allowed: \(1, 4\)"),
        ([], [1], {}, r"xyxy is \(0, 4\); allowed: \(1, 4\)"),
        ([[288, 90, 352, 270]], [1], {}, "xyxy goes up to 352; .*divide x by its width"),
        ([[0, 0, 1, 1]], [[1]], {}, r"track_id is \(1, 1\); allowed: \(n,\)"),
        ([[0, 0, 1, 1]], [1.5], {}, r"track_id is \[1\.5\]; allowed: whole numbers"),
        ([[0, 0, 1, 1]], ["a"], {}, "track_id is .*allowed: whole numbers"),
        ([[0, 0, 1, 1]], [1], {"confidence": [1, 1]}, r"confidence is \(2,\); allowed: \(1,\)"),
        ([[0, 0, 1, 1]], [1], {"class_id": [0, 1]}, r"class_id is \(2,\); allowed: \(1,\)"),
    ],
)
def test_tracks_of_what_does_not_fit_are_refused(
    xyxy: Any, ids: Any, more: dict[str, Any], words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        Tracks.of(0.0, xyxy, ids, **more)
