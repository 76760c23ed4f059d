from __future__ import annotations

import itertools
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from heatwall.errors import ModelError
from heatwall.simulator import training_pictures, weights
from heatwall.simulator.scene import Sighting
from heatwall.simulator.training_card import Score, Training, card
from heatwall.simulator.training_pictures import (
    DETECT,
    FIRST_SEED,
    HELD_OUT_SEED,
    Label,
    Labelled,
    degraded,
    labels_of,
    stacked,
    write_dataset,
)
from heatwall.simulator.weights import demo_export, demo_weights, model_file


def seen(visible: float, height: float = 0.4, kind: int = 0) -> Sighting:
    box = (0.2, 0.1, 0.4, 0.1 + height)
    return Sighting(1, kind, box, box, (0.3, 0.5), visible)


def test_a_label_is_class_centre_and_size() -> None:
    picture = np.zeros((DETECT[1], DETECT[0], 3), np.uint8)
    item = Labelled(picture, labels_of((seen(1.0, kind=1),)))
    assert item.lines() == "1 0.300000 0.300000 0.200000 0.400000"


def test_what_is_hidden_or_tiny_is_not_labelled() -> None:
    assert labels_of((seen(0.1), seen(1.0, height=0.02))) == ()


def test_a_degraded_picture_has_the_size_of_the_detect_frame() -> None:
    picture = np.full((360, 640, 3), 120, np.uint8)
    shown = degraded(picture, np.random.default_rng(3))
    assert shown.shape == (DETECT[1], DETECT[0], 3)
    assert abs(float(shown.mean()) - 120) < 60


def test_a_square_holds_a_whole_picture_and_a_band_with_moved_labels() -> None:
    upper = Labelled(np.full((180, 320, 3), 10, np.uint8), (Label(0, (0.0, 0.0, 20.0, 180.0)),))
    inside, cut = Label(0, (50.0, 30.0, 60.0, 70.0)), Label(1, (0.0, 0.0, 9.0, 22.0))
    lower = Labelled(np.full((180, 320, 3), 20, np.uint8), (inside, cut))
    square = stacked(upper, lower, first_row=20)
    assert square.picture.shape == (320, 320, 3)
    assert square.picture[179, 0, 0] == 10
    assert square.picture[180, 0, 0] == 20
    assert square.labels == (upper.labels[0], Label(0, (50.0, 190.0, 60.0, 230.0)))


def test_training_and_evaluation_never_share_a_shop() -> None:
    shops = 100_000
    assert FIRST_SEED + shops < HELD_OUT_SEED


def test_a_dataset_has_a_label_file_for_every_picture(tmp_path: Path) -> None:
    sheet = write_dataset(tmp_path, pictures=3, held_out=2)
    assert "0: person" in sheet.read_text(encoding="utf-8")
    for split, count in (("train", 3), ("val", 2)):
        images = sorted(path.stem for path in (tmp_path / "images" / split).iterdir())
        labels = sorted(path.stem for path in (tmp_path / "labels" / split).iterdir())
        assert images == labels
        assert len(images) == count
    text = (tmp_path / "labels" / "train" / "00000.txt").read_text(encoding="utf-8")
    numbers = [float(word) for word in itertools.chain(*(row.split() for row in text.split("\n")))]
    assert numbers
    assert all(0 <= number <= 1 for number in numbers)


TRAINING = Training(
    epochs=20,
    pictures=2400,
    first_seed=FIRST_SEED,
    minutes=67.0,
    seed=7,
    image_px=320,
    width=0.125,
    confidence=0.25,
    size_bytes=940_000,
    score=Score({"person": 0.953}, {"person": 0.578}, 240),
    clips={},
    start=None,
)


def test_the_card_says_how_to_make_the_weights_again() -> None:
    text = card(TRAINING)

    assert f"| seeds of training shops | from {FIRST_SEED} |" in text
    assert "Made with `python -m heatwall.simulator.train --epochs 20 --pictures 2400`." in text


def test_the_card_names_other_shops_and_the_weights_it_goes_on_from() -> None:
    text = card(replace(TRAINING, first_seed=1_100_000, start="demo.pt"))

    assert "| seeds of training shops | from 1100000 |" in text
    assert "--pictures 2400 --shops 1100000 --start demo.pt`, which goes on from" in text


def test_pictures_of_one_shop_differ() -> None:
    first, second = itertools.islice(training_pictures.training_pictures(2, FIRST_SEED), 2)
    assert not np.array_equal(first.picture, second.picture)


def test_the_demo_model_is_bundled_and_small() -> None:
    assert demo_weights().stat().st_size < 1_500_000


def test_a_missing_demo_model_is_said_in_plain_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(weights, "files", lambda _: tmp_path)
    with pytest.raises(ModelError, match="demo model is missing"):
        demo_weights()
    with pytest.raises(ModelError, match="demo model is missing"):
        model_file("demo", tmp_path, "cpu")


def test_a_model_is_the_bundled_one_a_file_in_the_folder_or_what_its_name_says(
    tmp_path: Path,
) -> None:
    (tmp_path / "own.pt").touch()

    assert model_file("demo", tmp_path, "cuda") == str(demo_weights())
    assert model_file("own.pt", tmp_path, "auto") == str(tmp_path / "own.pt")
    assert model_file("yolo26n.pt", tmp_path, "auto") == "yolo26n.pt"


def test_on_a_processor_the_demo_model_runs_by_onnx_runtime_where_that_is_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("heatwall.simulator.weights._GPU_DEVICES", tmp_path)
    assert model_file("demo", tmp_path, "cpu") == str(demo_export())
    assert model_file("demo", tmp_path, "auto") == str(demo_export())

    (tmp_path / "nvidia0").touch()
    assert model_file("demo", tmp_path, "cpu") == str(demo_export())
    assert model_file("demo", tmp_path, "auto") == str(demo_weights())

    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    assert model_file("demo", tmp_path, "cpu") == str(demo_weights())
