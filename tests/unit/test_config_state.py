from __future__ import annotations

from pathlib import Path

import pytest

from heatwall.config import Config, ServerConfig, load_config
from heatwall.errors import ConfigError, ConfigFault

CAMERA = "cameras: {door: {url: rtsp://h/}}\n"


def state_of(folder: Path, text: str = "", env: dict[str, str] | None = None) -> Path | None:
    file = folder / "wall.yaml"
    file.write_text(text + CAMERA)
    return load_config(file, {"HOME": "/home/ann"} if env is None else env).server.state


@pytest.mark.parametrize("text", ["", "server:\n", "server: {state: auto}\n"])
def test_state_is_kept_below_the_users_state_folder_unless_told_otherwise(
    tmp_path: Path, text: str
) -> None:
    home = Path("/home/ann/.local/state/heatwall")
    state = state_of(tmp_path, text)
    assert state is not None
    assert state.parent == home
    assert state.name.startswith("wall-")
    assert not state.exists()


def test_each_config_file_has_a_state_of_its_own_however_it_is_reached(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "a")
    states = [state_of(tmp_path / name) for name in ("a", "b", "link", "a/../a")]
    assert states[0] != states[1]
    assert states[0] == states[2] == states[3]


def test_the_state_home_of_the_environment_is_used_when_it_is_absolute(tmp_path: Path) -> None:
    state = state_of(tmp_path, env={"XDG_STATE_HOME": "/var/state", "HOME": "/home/ann"})
    assert state is not None
    assert state.parent == Path("/var/state/heatwall")
    relative = state_of(tmp_path, env={"XDG_STATE_HOME": "state", "HOME": "/home/ann"})
    assert relative is not None
    assert relative.parent == Path("/home/ann/.local/state/heatwall")


def test_without_a_home_nothing_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def nowhere() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", nowhere)
    assert state_of(tmp_path, env={}) is None


def test_a_folder_is_found_from_the_folder_of_the_config(tmp_path: Path) -> None:
    assert state_of(tmp_path, "server: {state: kept/heat}\n") == tmp_path / "kept" / "heat"
    assert state_of(tmp_path, "server: {state: /srv/heat}\n") == Path("/srv/heat")
    assert state_of(tmp_path, "server: {state: '${D}'}\n", {"D": "/srv/x"}) == Path("/srv/x")
    assert state_of(tmp_path, "server: {state: ~/heat}\n") == Path.home() / "heat"


def test_none_keeps_nothing(tmp_path: Path) -> None:
    assert state_of(tmp_path, "server: {state: None}\n") is None


def test_a_config_made_in_code_keeps_nothing_unless_it_names_a_folder() -> None:
    assert Config.model_validate({"cameras": {"a": {"url": "rtsp://h/"}}}).server.state is None
    assert ServerConfig().state is None
    assert ServerConfig(state=Path("/srv/heat")).state == Path("/srv/heat")


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("wall.yaml", "is there and is not a folder"),
        ("", "is not a folder"),
        ("5", "is not a folder"),
        ("[a]", "is not a folder"),
    ],
)
def test_what_is_no_folder_is_a_fault(tmp_path: Path, value: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        state_of(tmp_path, f"server:\n  state: {value}\n")
    (fault,) = caught.value.faults
    assert isinstance(fault, ConfigFault)
    assert (fault.line, fault.key) == (2, "server.state")
    assert message in fault.message
    assert "auto, none" in fault.allowed
