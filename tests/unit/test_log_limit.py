from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from aiohttp.http_exceptions import BadHttpMessage

from heatwall.config import LogConfig
from heatwall.log_limit import BURST, WINDOW_S, LimitedLines
from heatwall.logs import begin_log
from support.faketime import FakeTime


@dataclass
class Log:
    logger: logging.Logger
    handler: LimitedLines
    stream: io.StringIO
    clock: FakeTime

    def lines(self) -> list[str]:
        return self.stream.getvalue().splitlines()


@pytest.fixture
def log() -> Iterator[Log]:
    clock, stream = FakeTime(), io.StringIO()
    handler = LimitedLines(stream, clock)
    handler.setFormatter(logging.Formatter("%(levelname)s %(message)s"))
    logger = logging.getLogger("heatwall.limited")
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    logger.propagate = False
    yield Log(logger, handler, stream, clock)
    logger.removeHandler(handler)
    handler.close()


def test_what_repeats_itself_is_written_ten_times_and_then_counted(log: Log) -> None:
    for number in range(100):
        log.logger.warning("frame %d is broken", number)
    assert len(log.lines()) == BURST
    log.clock.advance(WINDOW_S)
    log.logger.warning("frame %d is broken", 100)
    assert log.lines()[BURST:] == [
        "WARNING frame 99 is broken (90 more like this were left out)",
        "WARNING frame 100 is broken",
    ]


def test_one_camera_that_floods_the_log_leaves_the_others_their_lines(log: Log) -> None:
    for _ in range(50):
        log.logger.info("gone", extra={"camera": "door"})
    log.logger.info("gone", extra={"camera": "till"})
    log.logger.info("all others too")
    assert len(log.lines()) == BURST + 2


def test_what_was_left_out_is_told_even_when_it_never_comes_again(log: Log) -> None:
    for _ in range(BURST + 5):
        log.logger.error("no")
    log.clock.advance(WINDOW_S + 1)
    log.logger.info("something else")
    assert log.lines()[BURST:] == [
        "ERROR no (5 more like this were left out)",
        "INFO something else",
    ]


def test_the_end_tells_what_was_left_out(log: Log) -> None:
    for _ in range(BURST + 1):
        log.logger.error("no")
    log.handler.close()
    assert log.lines()[-1] == "ERROR no (1 more like this were left out)"


def test_kinds_of_lines_are_remembered_up_to_a_number(log: Log) -> None:
    for number in range(5000):
        log.logger.info("kind %s" % number)  # noqa: G002, UP031 - each shall be a kind of its own
    assert len(log.handler._windows) <= 1024
    assert len(log.lines()) == 5000


def test_debug_lines_are_all_written(log: Log) -> None:
    for _ in range(50):
        log.logger.debug("packet")
    assert len(log.lines()) == 50


def test_the_newest_lines_are_kept_and_counted_by_level(log: Log) -> None:
    for number in range(300):
        log.logger.debug("line %d", number)
    log.logger.error("last")
    assert log.handler.recent()[-2:] == ["DEBUG line 299", "ERROR last"]
    assert len(log.handler.recent()) == 200
    assert log.handler.written() == {"debug": 300, "error": 1}


def test_a_log_that_can_not_be_written_ends_nothing(log: Log) -> None:
    log.stream.close()
    log.logger.error("into the void")


def test_the_log_begins_anew_with_other_settings() -> None:
    root = logging.getLogger()
    before, level = tuple(root.handlers), root.level
    root.handlers.clear()
    stream = io.StringIO()
    try:
        begin_log(LogConfig(format="json", level="warning"), stream)
        logging.getLogger("heatwall.x").info("too little")
        logging.getLogger("aioice.ice").info("too much")
        logging.getLogger("heatwall.x").warning("enough")
        begin_log(LogConfig(), stream)
        logging.getLogger("heatwall.x").info("plain")
        first, second = stream.getvalue().splitlines()
        assert '"message": "enough"' in first
        assert second.endswith(" INFO plain")
    finally:
        logging.captureWarnings(capture=False)
        for handler in tuple(root.handlers):
            root.removeHandler(handler)
        for handler in before:
            root.addHandler(handler)
        root.setLevel(level)


def test_what_a_client_sends_that_is_no_http_fills_no_log() -> None:
    """aiohttp logs it as an error with a traceback and with what was sent: perhaps a token."""
    root, server = logging.getLogger(), logging.getLogger("aiohttp.server")
    before, level = tuple(root.handlers), root.level
    root.handlers.clear()
    stream = io.StringIO()
    try:
        begin_log(LogConfig(), stream)
        for error in (BadHttpMessage("b'Bearer canary-4711'"), ValueError("our own")):
            server.error("Error handling request", exc_info=error)
        assert "canary-4711" not in stream.getvalue()
        assert "ValueError: our own" in stream.getvalue()
    finally:
        logging.captureWarnings(capture=False)
        for handler in tuple(root.handlers):
            root.removeHandler(handler)
        for handler in before:
            root.addHandler(handler)
        root.setLevel(level)
