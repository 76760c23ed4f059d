"""What the options of `heatwall export` ask for."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from heatwall.analysis.exporter import ExportSpec
from heatwall.analysis.runtime import SUFFIXES, format_of
from heatwall.errors import ConfigError, ConfigFault

FORMATS = ("onnx", "openvino", "engine", "torchscript")

_ALSO_CALLED = {"tensorrt": "engine", "trt": "engine"}
"""Names that Ultralytics takes too."""

_FREE = ("onnx", "openvino")
"""Formats that cost little for taking any batch and shape: on one core of a CPU next to nothing
with ONNX Runtime, and with OpenVINO up to a quarter for one frame at a time. Ultralytics replays an
engine as one CUDA graph only if it is fixed, and a TorchScript is always fixed in its shape."""

_STRIDE = 32
_SIDES_PX = (64, 1920)
"""Those of `model.imgsz`."""
_MOST_BATCH = 256


@dataclass(frozen=True, slots=True)
class ExportPlan:
    """What is to be made, and where.

    Attributes:
        source: The weights, with `demo` already resolved.
        spec: What to make.
        out: Where to.
    """

    source: str
    spec: ExportSpec
    out: Path


@dataclass(frozen=True, slots=True)
class Wishes:
    """What was written on the command line; None where nothing was."""

    kind: str
    imgsz: str | None
    batch: int
    is_dynamic: bool | None
    half: bool
    device: str
    out: Path | None


def make_plan(model: str, source: str, wishes: Wishes, default_px: int) -> ExportPlan:
    """Return the plan.

    Args:
        model: What the user calls the model.
        source: What to load.
        wishes: The options.
        default_px: Side without --imgsz.

    Raises:
        ConfigError: Something can't be; all faults at once.
    """
    faults: list[ConfigFault] = []
    kind = _ALSO_CALLED.get(wishes.kind.lower(), wishes.kind.lower())
    if kind not in FORMATS:
        faults.append(_fault("--format", wishes.kind, "not a format", ", ".join(FORMATS)))
    shape = _shape(wishes.imgsz or str(default_px), faults)
    if not 1 <= wishes.batch <= _MOST_BATCH:
        allowed = f"a whole number from 1 to {_MOST_BATCH}"
        faults.append(_fault("--batch", str(wishes.batch), "not a batch size", allowed))
    if wishes.is_dynamic and kind == "torchscript":
        faults.append(_fault("--dynamic", kind, "its shape is always fixed", "--no-dynamic"))
    if format_of(source) is not None:
        allowed = "the weights (.pt) it was made from"
        faults.append(_fault("MODEL", model, "is an export already", allowed))
    out = wishes.out or Path(f"{Path(model).stem}{SUFFIXES.get(kind, '')}")
    if not faults:
        _check_out(out, kind, faults)
    if faults:
        raise ConfigError(faults)
    is_dynamic = kind in _FREE if wishes.is_dynamic is None else wishes.is_dynamic
    spec = ExportSpec(kind, shape, wishes.batch, is_dynamic, wishes.half, wishes.device)
    return ExportPlan(source, spec, out)


def _shape(text: str, faults: list[ConfigFault]) -> tuple[int, int]:
    """Return (height, width); one number is a square, as Ultralytics has it."""
    low, high = _SIDES_PX
    sides = text.lower().replace(",", "x").split("x")
    numbers = [int(side) for side in sides if side.strip().isdecimal()]
    is_right = len(numbers) == len(sides) and len(sides) in (1, 2)
    if not is_right or any(not low <= one <= high or one % _STRIDE for one in numbers):
        allowed = (
            f"one multiple of {_STRIDE} from {low} to {high} for a square, or HEIGHTxWIDTH "
            "such as 384x640"
        )
        faults.append(_fault("--imgsz", text, "not a size of pictures", allowed))
        return low, low
    return numbers[0], numbers[-1]


def _check_out(out: Path, kind: str, faults: list[ConfigFault]) -> None:
    suffix = SUFFIXES[kind]
    if not out.name.endswith(suffix):
        allowed = f"a name that ends in {suffix}, by which the format is known"
        faults.append(_fault("--output", str(out), "not the name of such a model", allowed))
    elif not out.absolute().parent.is_dir():
        faults.append(_fault("--output", str(out), "its folder does not exist", "one that does"))
    elif out.is_dir() and (kind != "openvino" or not _is_replaceable(out)):
        message = "is a folder that no export made"
        faults.append(_fault("--output", str(out), message, "a new name, or an older export"))
    elif kind == "openvino" and out.is_file():
        faults.append(_fault("--output", str(out), "is a file", "a folder, which this format is"))


def _is_replaceable(folder: Path) -> bool:
    return not any(folder.iterdir()) or (folder / "metadata.yaml").is_file()


def _fault(option: str, found: str, message: str, allowed: str) -> ConfigFault:
    return ConfigFault(option, None, "", found, message, allowed)
