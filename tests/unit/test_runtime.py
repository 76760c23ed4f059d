from __future__ import annotations

import pytest
from ultralytics import utils
from ultralytics.cfg import get_cfg

from heatwall.analysis.runtime import precision


@pytest.mark.parametrize("is_half", [False, True])
def test_precision_is_asked_for_in_words_that_this_ultralytics_does_not_warn_of(
    monkeypatch: pytest.MonkeyPatch, *, is_half: bool
) -> None:
    warned: list[tuple[str, ...]] = []
    monkeypatch.setattr("ultralytics.cfg.deprecation_warn", lambda *words: warned.append(words))

    asked = get_cfg(overrides=precision(is_half=is_half))

    assert (asked.quantize == 16) is is_half
    assert not warned


def test_an_older_ultralytics_is_asked_in_its_own_words(monkeypatch: pytest.MonkeyPatch) -> None:
    older = {key: value for key, value in utils.DEFAULT_CFG_DICT.items() if key != "quantize"}
    monkeypatch.setattr(utils, "DEFAULT_CFG_DICT", older)

    assert precision(is_half=True) == {"half": True}
    assert precision(is_half=False) == {"half": False}
