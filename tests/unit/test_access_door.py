from __future__ import annotations

from pathlib import Path

import pytest

from heatwall.access.door import Access
from heatwall.access.passwords import decoy_of, hash_password, is_password, is_weak
from heatwall.config import Config
from heatwall.errors import DeliveryError
from heatwall.roles import OpenRole, Role
from support.access import PASSWORD, guarded_config, quick_hash

ADMIN = OpenRole(Role.ADMIN, Role.ADMIN)


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


async def test_a_log_in_outlives_the_server(tmp_path: Path) -> None:
    clock, config = Clock(), guarded_config()
    async with Access(config, ADMIN, clock, clock, tmp_path) as access:
        cookie, grant = await access.log_in("admin", PASSWORD, "192.0.2.1")
        assert grant.role is Role.ADMIN
    async with Access(config, ADMIN, clock, clock, tmp_path) as again:
        assert again.by_cookie(cookie)
        again.log_out(cookie)
    async with Access(config, ADMIN, clock, clock, tmp_path) as last:
        assert last.by_cookie(cookie) is None


async def test_a_damaged_file_lets_all_log_in_anew(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "log-ins.json").write_text("{")
    clock = Clock()
    async with Access(guarded_config(), ADMIN, clock, clock, tmp_path) as access:
        assert await access.log_in("admin", PASSWORD, "192.0.2.1")
    assert "all log in anew" in caplog.text


async def test_guesses_from_elsewhere_do_not_keep_out_who_has_been_here() -> None:
    clock = Clock()
    async with Access(guarded_config(), ADMIN, clock, clock) as access:
        await access.log_in("admin", PASSWORD, "192.0.2.1")
        for number in range(40):
            with pytest.raises(DeliveryError):
                await access.log_in("admin", "no", f"198.51.100.{number}")
        with pytest.raises(DeliveryError) as caught:
            await access.log_in("admin", PASSWORD, "198.51.100.200")
        assert caught.value.code == "too_many_tries"
        assert await access.log_in("admin", PASSWORD, "192.0.2.1")
        clock.now += 30
        assert await access.log_in("admin", PASSWORD, "198.51.100.201")


async def test_the_log_names_no_unknown_user_and_no_password_and_is_short(
    caplog: pytest.LogCaptureFixture,
) -> None:
    clock = Clock()
    async with Access(guarded_config(), ADMIN, clock, clock) as access:
        for _ in range(20):
            with pytest.raises(DeliveryError):
                await access.log_in("canary-4711\n", "canary-4712", "2001:db8::1")
    assert "canary" not in caplog.text
    assert len(caplog.messages) == 1


async def test_addresses_of_one_ipv6_network_wait_together() -> None:
    clock = Clock()
    async with Access(guarded_config(), ADMIN, clock, clock) as access:
        for number in range(6):
            with pytest.raises(DeliveryError):
                await access.log_in("admin", "no", f"2001:db8::{number}")
        with pytest.raises(DeliveryError) as caught:
            await access.log_in("operator", PASSWORD, "2001:db8::ffff")
        assert caught.value.code == "too_many_tries"


def test_a_new_hash_is_argon2id_by_rfc_9106_and_fits_the_password() -> None:
    kept = hash_password("canary-4711")
    assert kept.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert is_password("canary-4711", kept)
    assert not is_password("canary-4712", kept)
    assert not is_weak(kept)
    assert is_weak(quick_hash())


def test_a_decoy_takes_what_the_users_take_and_fits_nothing() -> None:
    decoy = decoy_of(quick_hash())
    assert decoy.split("$")[3] == quick_hash().split("$")[3]
    assert not is_password("", decoy)
    assert "m=65536,t=3,p=4" in decoy_of(None)


async def test_a_file_that_has_lost_its_auth_opens_nothing() -> None:
    clock = Clock()
    bare = {"cameras": {"door": {"url": "rtsp://h/"}}}
    async with Access(guarded_config(), ADMIN, clock, clock) as access:
        access.reconfigure(Config.model_validate(bare))
        assert access.by_the_open_door(is_near=False) is None
        access.reconfigure(Config.model_validate(bare | {"auth": "none"}))
        assert access.by_the_open_door(is_near=False)
