from __future__ import annotations

import os
import subprocess
import sys
import time

from heatwall.capacity import proc
from support.eventually import eventually

_NAME_WITH_BRACKET = "4711 (a) b) S 12 4711 1 0"


def test_a_process_name_with_brackets_does_not_shift_the_fields() -> None:
    assert proc._stat_fields(_NAME_WITH_BRACKET) == ["S", "12", "4711", "1", "0"]


def test_cpu_time_grows_with_work() -> None:
    before_s, began_s = proc.cpu_s(os.getpid()), time.process_time()
    while time.process_time() - began_s < 0.05:
        sum(range(1000))

    assert proc.cpu_s(os.getpid()) > before_s


def test_what_a_process_works_the_whole_machine_works() -> None:
    before_s, began_s = proc.machine_busy_s(), time.process_time()
    while time.process_time() - began_s < 0.1:
        sum(range(1000))

    assert proc.machine_busy_s() > before_s


def test_children_are_found_while_they_live() -> None:
    command = [sys.executable, "-c", "import sys; sys.stdin.read()"]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as process:
        assert process.pid in proc.children(os.getpid())
    eventually(lambda: process.pid not in proc.children(os.getpid()))


def test_private_memory_is_a_part_of_what_is_resident() -> None:
    memory = proc.memory(os.getpid())

    assert 0 < memory.private_bytes < memory.resident_bytes
