"""The log-ins that hold now, each known by the hash of its cookie."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

_MOST = 10_000
"""Log-ins that are kept in all."""


@dataclass(frozen=True, slots=True)
class SignIn:
    """One browser in which a user is logged in; times are seconds since 1970 UTC.

    Attributes:
        mark: SHA-256 of the cookie, hexadecimal: who reads this can't log in with it.
        user: The user's name.
        stamp: Mark of the password that it was begun with; another one ends it.
        began_at: When the user logged in.
        used_at: When it was used last.
    """

    mark: str
    user: str
    stamp: str
    began_at: float
    used_at: float


@dataclass(frozen=True, slots=True)
class Lifetimes:
    """How long a log-in holds, seconds.

    Attributes:
        idle_s: Without use.
        longest_s: At most.
    """

    idle_s: float
    longest_s: float


def mark_of(secret: str) -> str:
    """Return the mark of a cookie or a token.

    One round of SHA-256 does, since they have 256 random bits: nobody can try them out, as words
    that people think of can be (for those Argon2 makes each try slow).
    """
    return hashlib.sha256(secret.encode()).hexdigest()


def stamp_of(password_hash: str) -> str:
    """Return the mark of a user's password."""
    return hashlib.sha256(password_hash.encode()).hexdigest()[:16]


class SignIns:
    """All log-ins.

    Args:
        lifetimes: How long each holds.
        most_per_user: Browsers of one user.
    """

    def __init__(self, lifetimes: Lifetimes, most_per_user: int) -> None:
        self._lifetimes = lifetimes
        self._most_per_user = most_per_user
        self._by_mark: dict[str, SignIn] = {}

    def __len__(self) -> int:
        """Return the number of log-ins, those among them that nobody has asked for since."""
        return len(self._by_mark)

    def reconfigure(self, lifetimes: Lifetimes, most_per_user: int) -> None:
        """Let other limits hold, for those that are logged in too."""
        self._lifetimes = lifetimes
        self._most_per_user = most_per_user

    def all(self) -> tuple[SignIn, ...]:
        """Return all log-ins, to be kept."""
        return tuple(self._by_mark.values())

    def restore(self, kept: Iterable[SignIn], now: float) -> None:
        """Take over what was kept. One that was begun later than now counts from now."""
        for one in kept:
            began, used = min(one.began_at, now), min(one.used_at, now)
            self._by_mark[one.mark] = SignIn(one.mark, one.user, one.stamp, began, used)
        self.prune(now)

    def begin(self, secret: str, user: str, stamp: str, now: float) -> None:
        """Log a user in; beyond the limit the log-in that was used longest ago ends."""
        self.prune(now)
        own = [one for one in self._by_mark.values() if one.user == user]
        self._drop_oldest(own, len(own) - self._most_per_user + 1)
        self._drop_oldest(list(self._by_mark.values()), len(self._by_mark) - _MOST + 1)
        mark = mark_of(secret)
        self._by_mark[mark] = SignIn(mark, user, stamp, now, now)

    def find(self, mark: str, now: float) -> SignIn | None:
        """Return a log-in that holds, which is a use of it."""
        found = self._by_mark.get(mark)
        if found is None:
            return None
        if not self._holds(found, now):
            del self._by_mark[mark]
            return None
        used = max(now, found.used_at)
        self._by_mark[mark] = SignIn(mark, found.user, found.stamp, found.began_at, used)
        return found

    def end(self, mark: str) -> SignIn | None:
        """Log out; returns what was ended."""
        return self._by_mark.pop(mark, None)

    def prune(self, now: float) -> None:
        """Forget those that do not hold any more."""
        self._by_mark = {m: one for m, one in self._by_mark.items() if self._holds(one, now)}

    def _holds(self, one: SignIn, now: float) -> bool:
        return (
            now - one.used_at < self._lifetimes.idle_s
            and now - one.began_at < self._lifetimes.longest_s
        )

    def _drop_oldest(self, among: list[SignIn], count: int) -> None:
        for one in sorted(among, key=lambda one: one.used_at)[: max(0, count)]:
            self._by_mark.pop(one.mark, None)
