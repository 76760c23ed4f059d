from __future__ import annotations

from dataclasses import replace

from heatwall.notices import Work, notices_of, saving_notices
from heatwall.status import SavingStatus

FINE = Work(
    detect_fps=5,
    tile_fps=15,
    detect_share=1,
    picture_share=1,
    decoded_fps=25,
    detected_fps=4.9,
    late_fps=0,
)


def test_nothing_is_said_while_all_is_done() -> None:
    assert notices_of(FINE) == ()


def test_slower_detection_is_said_with_both_rates() -> None:
    (text,) = notices_of(replace(FINE, detect_share=0.5, detected_fps=2.5))

    assert text == "the machine is busy: detection at 2.5 of 5 a second"


def test_slower_pictures_are_said_too() -> None:
    (text,) = notices_of(
        replace(FINE, detect_share=0.2, picture_share=1 / 3, detected_fps=1.0, late_fps=3)
    )

    assert text == "the machine is busy: detection at 1 of 5 and pictures at 5 of 15 a second"


def test_a_stream_that_is_too_much_for_its_process_is_said() -> None:
    (text,) = notices_of(replace(FINE, late_fps=4))

    assert "too much for one processor" in text


def test_a_model_that_is_too_slow_is_said() -> None:
    (text,) = notices_of(replace(FINE, detected_fps=2.1))

    assert text == "the model keeps up with 2.1 of 5 frames a second"


def test_a_camera_of_few_frames_is_no_slow_model() -> None:
    assert notices_of(replace(FINE, decoded_fps=2, detected_fps=2)) == ()


def test_of_a_model_that_has_only_begun_nothing_is_said() -> None:
    assert notices_of(replace(FINE, detected_fps=None)) == ()


def test_heat_that_is_not_saved_is_said_with_the_reason() -> None:
    assert saving_notices(SavingStatus()) == ()
    assert saving_notices(SavingStatus("No space left on device", 5.0)) == (
        "heat and counts are not being saved: No space left on device",
    )
