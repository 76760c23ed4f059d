from __future__ import annotations

from pathlib import Path

import pytest

from heatwall.config import Config, load_config
from heatwall.errors import ConfigError, ConfigFault

HASH = "$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHRzb21lc2FsdA$" + "A" * 43
TOKEN = "sha256:" + "0a" * 32
CAMERA = "cameras: {door: {url: 'rtsp://h/'}}\ngroups: {front: {cameras: [door]}}\n"
CANARY = "canary-4711"


def loaded(folder: Path, auth: str) -> Config:
    file = folder / "wall.yaml"
    file.write_text(f"{CAMERA}{auth}\n")
    return load_config(file, {})


def fault_of(folder: Path, auth: str) -> ConfigFault:
    with pytest.raises(ConfigError) as caught:
        loaded(folder, auth)
    (fault,) = caught.value.faults
    return fault


def test_without_the_section_nobody_logs_in_and_that_is_not_said_to_be_meant() -> None:
    auth = Config.model_validate({"cameras": {"door": {"url": "rtsp://h/"}}}).auth
    assert (auth.has_log_in, auth.is_open) == (False, False)


def test_none_says_that_everybody_may_look(tmp_path: Path) -> None:
    auth = loaded(tmp_path, "auth: none").auth
    assert (auth.has_log_in, auth.is_open) == (False, True)


def test_users_and_tokens_are_read(tmp_path: Path) -> None:
    auth = loaded(
        tmp_path,
        f"auth:\n  users: {{anna: {{password: '{HASH}', role: operator, cameras: [door]}}}}\n"
        f"  tokens: {{grafana: {{hash: '{TOKEN}', groups: [front]}}}}\n  session: 1h",
    ).auth
    assert auth.has_log_in
    assert not auth.is_open
    assert auth.users["anna"].cameras == ("door",)
    assert (auth.tokens["grafana"].role, auth.tokens["grafana"].groups) == ("viewer", ("front",))
    assert auth.session_s == 3600


@pytest.mark.parametrize(
    "password",
    [CANARY, f"$argon2i$v=19${CANARY}", HASH.replace("65536", "99999999"), "4711", HASH + "$"],
)
def test_a_password_that_is_no_hash_is_refused_and_not_shown(tmp_path: Path, password: str) -> None:
    fault = fault_of(tmp_path, f"auth: {{users: {{anna: {{password: '{password}'}}}}}}")
    assert fault.key == "auth.users.anna.password"
    assert fault.line == 3
    assert "heatwall passwd" in fault.allowed
    assert password not in str(fault)


def test_a_number_for_a_password_is_not_shown(tmp_path: Path) -> None:
    assert "4711" not in str(fault_of(tmp_path, "auth: {users: {anna: {password: 4711}}}"))


def test_a_token_itself_is_refused_and_not_shown(tmp_path: Path) -> None:
    fault = fault_of(tmp_path, f"auth: {{tokens: {{grafana: {{hash: {CANARY}}}}}}}")
    assert "heatwall token" in fault.allowed
    assert CANARY not in str(fault)


@pytest.mark.parametrize(
    ("grant", "key", "hint"),
    [
        ("cameras: [dor]", "auth.users.anna.cameras.0", "did you mean door?"),
        ("groups: [door]", "auth.users.anna.groups.0", "is not the id of a group"),
    ],
)
def test_cameras_and_groups_of_a_user_must_be_there(
    tmp_path: Path, grant: str, key: str, hint: str
) -> None:
    fault = fault_of(tmp_path, f"auth: {{users: {{anna: {{password: '{HASH}', {grant}}}}}}}")
    assert fault.key.replace("[", ".").replace("]", "") == key
    assert hint in fault.message


def test_another_word_than_none_is_refused(tmp_path: Path) -> None:
    assert "none" in fault_of(tmp_path, "auth: everybody").allowed


def test_a_dump_holds_no_hash(tmp_path: Path) -> None:
    config = loaded(tmp_path, f"auth: {{users: {{anna: {{password: '{HASH}'}}}}}}")
    assert HASH not in config.model_dump_json()
    assert HASH not in str(config.model_dump())
