from __future__ import annotations

import pytest

from heatwall.analysis.shortage import is_shortage


class OutOfMemoryError(RuntimeError):
    """As torch names it."""


@pytest.mark.parametrize(
    "error",
    [
        OutOfMemoryError("CUDA: tried to allocate 2.00 GiB"),
        MemoryError(),
        RuntimeError("CUDA error: out of memory"),
        RuntimeError("MPS backend out of memory (MPS allocated: 9.0 GB)"),
        RuntimeError("cuDNN error: CUDNN_STATUS_ALLOC_FAILED"),
        RuntimeError("CUBLAS_STATUS_ALLOC_FAILED when calling cublasCreate(handle)"),
        RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried …"),
        RuntimeError("BFCArena::AllocateRawInternal Failed to allocate memory for requested …"),
        RuntimeError("[defaultAllocator.cpp] Error Code 2: OutOfMemory (no further information)"),
        RuntimeError("std::bad_alloc"),
        RuntimeError("[GPU] clEnqueueNDRangeKernel, error code: -5 CL_OUT_OF_RESOURCES"),
    ],
    ids=lambda error: str(error)[:30],
)
def test_what_the_runtimes_say_when_memory_is_out_is_known(error: Exception) -> None:
    assert is_shortage(error)


def test_a_lack_that_led_to_another_error_is_one_too() -> None:
    try:
        try:
            raise MemoryError
        except MemoryError as error:
            raise ValueError("the model failed") from error
    except ValueError as error:
        assert is_shortage(error)


def test_another_fault_is_no_lack_of_memory() -> None:
    looped = ValueError("shapes differ")
    looped.__cause__ = looped
    assert not is_shortage(RuntimeError("CUDA error: an illegal memory access was encountered"))
    assert not is_shortage(looped)
