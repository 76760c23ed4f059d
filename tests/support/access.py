"""Users and tokens for tests, with passwords that are checked at once."""

from __future__ import annotations

import json
from typing import Any

from argon2 import PasswordHasher

from heatwall.access.sign_ins import mark_of
from heatwall.config import Config

PASSWORD = "correct horse 4711"
TOKEN = "token-of-a-test-4711"
_QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


def quick_hash(password: str = PASSWORD) -> str:
    """Return a hash that costs nothing to check."""
    return _QUICK.hash(password)


def guarded_config(**more: Any) -> Config:
    """Return a config with a user of each role, one who sees one camera, and a token likewise.

    Args:
        more: Further settings of `auth`, or other users in place of these.
    """
    users: dict[str, dict[str, Any]] = {
        role: {"password": quick_hash(), "role": role} for role in ("operator", "admin")
    }
    users["viewer"] = {"password": quick_hash(), "role": "viewer", "cameras": ["door"]}
    users["boss"] = {"password": quick_hash(), "role": "operator", "groups": ["front"]}
    tokens: dict[str, dict[str, Any]] = {
        "screen": {"hash": f"sha256:{mark_of(TOKEN)}", "cameras": ["door"]},
        "prometheus": {"hash": f"sha256:{mark_of(f'{TOKEN}-of-all')}"},
    }
    cameras = {camera: {"url": "rtsp://h/"} for camera in ("door", "till")}
    return Config.model_validate(
        {
            "server": {"max_sessions_per_user": 2},
            "cameras": cameras,
            "groups": {"front": {"cameras": ["door"]}},
            "auth": {"users": users, "tokens": tokens, **more},
        }
    )


def log_in_body(user: str, password: str = PASSWORD) -> bytes:
    """Return the body of a log-in."""
    return json.dumps({"user": user, "password": password}).encode()
