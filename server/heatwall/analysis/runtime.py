"""What an exported model says of itself, and how its runtime shares the machine."""

from __future__ import annotations

import ast
import importlib.util
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from heatwall.errors import ModelError

SUFFIXES = {
    "torchscript": ".torchscript",
    "onnx": ".onnx",
    "openvino": "_openvino_model",
    "engine": ".engine",
}
"""How the name of an exported model ends, by format; Ultralytics knows a format by it alone."""

PACKAGES = {"onnx": ("onnxruntime",), "openvino": ("openvino",), "engine": ("tensorrt",)}
"""What must be importable to run a format."""

_EXTRA = {"onnx": "onnx", "openvino": "openvino", "engine": "tensorrt"}
"""The group of optional dependencies that a format needs."""

_MOST_THREADS = 8
"""More threads than this gain nothing on networks of this size."""


def format_of(path: str) -> str | None:
    """Return the format of an exported model by its name; None for others, weights too."""
    name = Path(path).name
    return next((kind for kind, end in SUFFIXES.items() if name.endswith(end)), None)


def require_packages(kind: str, packages: tuple[str, ...], what: str) -> None:
    """Do nothing when all packages are there.

    Args:
        kind: The format.
        packages: Names as they are imported.
        what: Begins the error: who needs them.

    Raises:
        ModelError: One is missing; the text says how to install it.
    """
    missing = [name for name in packages if not _is_here(name)]
    if missing:
        raise ModelError(
            f"{what} needs {' and '.join(missing)}, which this Python has not; "
            f"install it: pip install 'heatwall[{_EXTRA[kind]}]'"
        )


def precision(*, is_half: bool) -> dict[str, Any]:
    """Return the argument that asks Ultralytics for half or full precision.

    `half` is on its way out; `quantize`, which replaces it, is younger than what we ask for.
    """
    from ultralytics.utils import DEFAULT_CFG_DICT

    if "quantize" not in DEFAULT_CFG_DICT:
        return {"half": is_half}
    return {"quantize": 16 if is_half else None}


def _is_here(package: str) -> bool:
    try:
        return importlib.util.find_spec(package) is not None
    except ValueError:  # imported without a spec
        return True


@dataclass(frozen=True, slots=True)
class ExportFacts:
    """What an exported model takes.

    Attributes:
        kind: Its format.
        task: What it was trained for, as Ultralytics calls it; None where it does not say.
        shape: The only (height, width) that it takes, pixels; None for any up to `largest`.
        largest: Longest side that it takes; None for any.
        batch: Most frames that it takes at once; None for any.
    """

    kind: str
    task: str | None
    shape: tuple[int, int] | None
    largest: int | None
    batch: int | None


def read_facts(path: str) -> ExportFacts | None:
    """Return what an exported model takes, by its metadata; None for weights.

    Metadata are those that Ultralytics writes into every export (docs.ultralytics.com,
    modes/export). An export without any is taken to be free in shape and batch.
    """
    kind = format_of(path)
    if kind is None:
        return None
    from ultralytics.nn.autobackend import AutoBackend

    known = _plain(AutoBackend._BACKEND_MAP[kind].read_metadata(path))  # noqa: SLF001 - the reader has no public name
    arguments = known.get("args")
    is_dynamic = bool(arguments.get("dynamic")) if isinstance(arguments, dict) else False
    imgsz = known.get("imgsz")
    shape = (int(imgsz[0]), int(imgsz[1])) if isinstance(imgsz, list | tuple) else None
    batch = int(known["batch"]) if "batch" in known else None
    # A dynamic engine has a profile, which ends at what it was built for. A TorchScript has the
    # shape it was traced with, and takes any batch.
    is_limited = kind == "engine" or not is_dynamic
    return ExportFacts(
        kind=kind,
        task=known.get("task"),
        shape=None if is_dynamic else shape,
        largest=max(shape) if shape and is_limited else None,
        batch=batch if is_limited and kind != "torchscript" else None,
    )


def _plain(metadata: dict[str, Any]) -> dict[str, Any]:
    """Return metadata with lists and numbers as such: ONNX keeps all of them as text."""
    plain: dict[str, Any] = {}
    for key, value in metadata.items():
        plain[key] = value
        if isinstance(value, str) and key in {"imgsz", "args", "batch"}:
            try:
                plain[key] = ast.literal_eval(value)
            except (ValueError, SyntaxError):
                del plain[key]
    return plain


def thread_count() -> int:
    """Return on how many threads a model may run beside the cameras' workers.

    Half of the cores, since decoding and encoding need the others: with as many threads as cores
    they wait for each other whenever a worker has a core (two cores with other work on them, runs
    one after the other: PyTorch on two threads took 1.6 to 10 times the CPU time of one).
    OMP_NUM_THREADS overrules it.
    """
    wanted = os.environ.get("OMP_NUM_THREADS", "")
    if wanted.isdecimal() and int(wanted):
        return int(wanted)
    return max(1, min(_MOST_THREADS, (os.cpu_count() or 1) // 2))


def limit_threads(backend: Any, path: str, torch: Any) -> None:
    """Let a loaded model run on `thread_count` threads, none of which spins while it waits.

    Args:
        backend: Ultralytics' AutoBackend, on the CPU.
        path: The model.
        torch: The library.
    """
    threads = thread_count()
    torch.set_num_threads(threads)
    if backend.format == "onnx":
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        # Threads that spin between two frames take the core from the cameras' workers.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        # Plans of memory are kept for each size of a batch, and sizes change all the time.
        options.enable_mem_pattern = False
        options.log_severity_level = 3  # errors alone
        backend.backend.session = onnxruntime.InferenceSession(
            path, options, providers=["CPUExecutionProvider"]
        )
    elif backend.format == "openvino":
        chosen = {
            **backend.compile_model.keywords["config"],
            "INFERENCE_NUM_THREADS": threads,
            # Processors that know bfloat16 would use it for any model, eight bits of a fraction for
            # twenty-three, and find other people than the original.
            "INFERENCE_PRECISION_HINT": "f32",
        }
        graph = str(next(Path(path).glob("*.xml")))
        backend.backend.ov_compiled_model = backend.compile_model(graph, config=chosen)
