"""Whether a runtime's error says that there was no memory left."""

from __future__ import annotations

_SAYINGS = (
    "out of memory",  # torch ("CUDA out of memory", "MPS backend out of memory"), CUDA itself
    "outofmemory",  # TensorRT: "Error Code 2: OutOfMemory"
    "failed to allocate memory",  # ONNX Runtime's arenas
    "can't allocate memory",  # torch's allocator on a processor
    "not enough memory",
    "cudnn_status_alloc_failed",
    "cublas_status_alloc_failed",
    "cudaerrormemoryallocation",
    "cl_out_of_resources",  # OpenVINO on a GPU
    "cl_mem_object_allocation_failure",
    "bad_alloc",  # C++: std::bad_alloc
)
"""What the runtimes write, in small letters: most raise one kind of error for everything."""

_DEPTH = 8
"""Most causes that are followed; no library nests them so deep."""


def is_shortage(error: BaseException) -> bool:
    """Return whether an error, or what led to it, is a lack of memory."""
    step: BaseException | None = error
    for _ in range(_DEPTH):
        if step is None:
            return False
        if isinstance(step, MemoryError) or type(step).__name__ == "OutOfMemoryError":
            return True
        if any(saying in str(step).lower() for saying in _SAYINGS):
            return True
        step = step.__cause__ or step.__context__
    return False
