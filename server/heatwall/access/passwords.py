"""Passwords, by Argon2id. Slow on purpose: never on the event loop."""

from __future__ import annotations

import base64
import re
import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY

LONGEST = 1024
"""Bytes of a password that is looked at; whoever sends more wants the server to be busy."""

SHORTEST = 8
"""Characters of a new password (NIST SP 800-63B section 5.1.1.2)."""

_HASHER = PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)
"""64 MiB, three passes, four lanes: the second choice of RFC 9106 section 4, made for machines that
have other work too."""

_COST = re.compile(r"m=\d+,t=\d+,p=\d+")
_SALT_BYTES, _HASH_BYTES = 16, 32


def hash_password(password: str) -> str:
    """Return what is to be kept of a password, in the PHC string format."""
    return _HASHER.hash(password)


def is_password(password: str, kept: str) -> bool:
    """Return whether `kept` was made of `password`. Takes as long as `kept` says."""
    try:
        return _HASHER.verify(kept, password)
    except (VerificationError, InvalidHashError):
        return False


def is_weak(kept: str) -> bool:
    """Return whether a new hash of the same password would be better."""
    return _HASHER.check_needs_rehash(kept)


def decoy_of(kept: str | None) -> str:
    """Return a hash that no password has and that takes as long to check as `kept`.

    It is checked for a user that there is not, so that the time of the answer does not tell.
    """
    found = _COST.search(kept or "")
    profile = RFC_9106_LOW_MEMORY
    cost = (
        found[0]
        if found
        else f"m={profile.memory_cost},t={profile.time_cost},p={profile.parallelism}"
    )
    return f"$argon2id$v=19${cost}${_random(_SALT_BYTES)}${_random(_HASH_BYTES)}"


def _random(count: int) -> str:
    return base64.b64encode(secrets.token_bytes(count)).decode().rstrip("=")
