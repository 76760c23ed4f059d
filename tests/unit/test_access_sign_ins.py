from __future__ import annotations

import stat
from pathlib import Path

import pytest

from heatwall.access.keeping import read_sign_ins, write_sign_ins
from heatwall.access.sign_ins import Lifetimes, SignIns, mark_of

TIMES = Lifetimes(idle_s=100, longest_s=250)


def test_a_log_in_that_is_used_goes_on_and_ends_at_its_longest() -> None:
    sign_ins = SignIns(TIMES, 5)
    sign_ins.begin("secret", "anna", "stamp", 0)
    mark = mark_of("secret")
    for now in (90, 180, 240):
        assert sign_ins.find(mark, now)
    assert sign_ins.find(mark, 251) is None
    assert len(sign_ins) == 0


def test_a_log_in_that_nobody_uses_ends() -> None:
    sign_ins = SignIns(TIMES, 5)
    sign_ins.begin("secret", "anna", "stamp", 0)
    assert sign_ins.find(mark_of("secret"), 100) is None


def test_beyond_the_limit_the_one_used_longest_ago_ends() -> None:
    sign_ins = SignIns(TIMES, 2)
    for now, secret in enumerate(("first", "second")):
        sign_ins.begin(secret, "anna", "stamp", now)
    sign_ins.find(mark_of("first"), 5)
    sign_ins.begin("other", "bert", "stamp", 6)
    sign_ins.begin("third", "anna", "stamp", 6)
    assert sign_ins.find(mark_of("second"), 7) is None
    assert all(sign_ins.find(mark_of(one), 7) for one in ("first", "third", "other"))


def test_a_clock_that_is_set_back_makes_no_log_in_longer() -> None:
    sign_ins, after = SignIns(TIMES, 5), SignIns(TIMES, 5)
    sign_ins.begin("secret", "anna", "stamp", 1_000_000)
    after.restore(sign_ins.all(), 0)
    assert after.find(mark_of("secret"), 101) is None


def test_log_ins_are_kept_for_their_owner_alone_and_without_a_cookie(tmp_path: Path) -> None:
    sign_ins = SignIns(TIMES, 5)
    sign_ins.begin("canary-4711", "anna", "stamp", 0)
    write_sign_ins(tmp_path / "state", sign_ins.all())
    (file,) = (tmp_path / "state").iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert "canary" not in file.read_text()
    assert read_sign_ins(tmp_path / "state") == sign_ins.all()


def test_nothing_kept_is_nothing(tmp_path: Path) -> None:
    assert read_sign_ins(tmp_path) == ()


@pytest.mark.parametrize("text", ["", "{}", "[1]", '{"edition": 9, "log_ins": []}', "\x00"])
def test_a_damaged_file_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "log-ins.json").write_text(text)
    with pytest.raises(ValueError, match=r"."):
        read_sign_ins(tmp_path)
