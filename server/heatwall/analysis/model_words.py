"""What is wrong with a model, in the words of who has no config."""

from __future__ import annotations

from heatwall.errors import ModelError


def reworded(error: ModelError, model: str, device: str) -> ModelError:
    """Return an error of the model as it is told where no config names it.

    Args:
        error: As `Detector` raises it, in the words of the config.
        model: What stands for `model.path` here, such as `--model`.
        device: What stands for `model.device`.
    """
    text = str(error)
    for there, here in (
        ("model.path:", f"{model}:"),
        ("model.device ", f"{device} "),
        ("put the weights beside the config, or fetch them", "fetch the weights"),
    ):
        text = text.replace(there, here)
    return ModelError(text)
