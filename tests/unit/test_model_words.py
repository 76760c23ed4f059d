from __future__ import annotations

import pytest

from heatwall.analysis.model_words import reworded
from heatwall.errors import ModelError


@pytest.mark.parametrize(
    ("text", "here"),
    [
        ("model.path: there is no model at a/b.pt", "--model: there is no model at a/b.pt"),
        ("model.device is mps, and this has none", "--device is mps, and this has none"),
        (
            "model.path: a.pt is missing; put the weights beside the config, or fetch them there",
            "--model: a.pt is missing; fetch the weights there",
        ),
        ("the model a.pt failed: out of memory", "the model a.pt failed: out of memory"),
    ],
)
def test_an_error_names_what_there_is_instead_of_the_configs_keys(text: str, here: str) -> None:
    assert str(reworded(ModelError(text), "--model", "--device")) == here
