"""Who comes in: by a cookie, by a token, or because the door is open."""

from __future__ import annotations

import asyncio
import hmac
import ipaddress
import logging
import math
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from heatwall import clock
from heatwall.access.grants import Grant, token_grants, user_grants
from heatwall.access.keeping import read_sign_ins, write_sign_ins
from heatwall.access.passwords import LONGEST, decoy_of, is_password, is_weak
from heatwall.access.sign_ins import Lifetimes, SignIns, mark_of, stamp_of
from heatwall.access.throttle import Patience, Throttle
from heatwall.clock import Clock
from heatwall.config import AuthConfig, Config
from heatwall.errors import DeliveryError
from heatwall.roles import OpenRole, Role
from heatwall.side_thread import SideThread
from heatwall.side_work import kept_up

COOKIE_BYTES = 32
"""Random bytes of a cookie; OWASP asks for 16 at least (Session Management Cheat Sheet)."""

_OF_AN_ADDRESS = Patience(free=5, first_s=1.0, longest_s=300.0)
"""People mistype a few times; the sixth guess waits, and then each one twice as long."""

_OF_A_USER = Patience(free=20, first_s=1.0, longest_s=30.0)
"""Over all addresses. More free and never long: others must not keep somebody out by guessing."""

_MOST_WAITING = 8
"""Log-ins that may wait for their turn: half a second of work, after which others come again."""

_VERIFY_S = 10.0
"""Longest wait for a password to be checked, on a machine that is busy."""

_SAVE_EVERY_S = 60.0
"""How old the kept times of use may be after a crash; log-ins themselves are kept at once."""

_END_S = 2.0
_MOST_KNOWN = 1000
_LOG_EVERY_S = 10.0
"""One line for each address that guesses, with how often it did."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, eq=False)
class Pass:
    """What somebody has shown to come in; what it opens is looked up anew each time.

    Attributes:
        owner: Whose it is; None for everybody's.
        find: Returns what it opens now; None once it opens nothing any more.
    """

    owner: str | None
    find: Callable[[], Grant | None]

    @property
    def grant(self) -> Grant | None:
        """What it opens now."""
        return self.find()

    @property
    def is_valid(self) -> bool:
        """Whether it still opens anything."""
        return self.find() is not None

    def sees(self, camera: str) -> bool:
        """Return whether a camera may be seen now."""
        grant = self.find()
        return grant is not None and grant.sees(camera)


class Access:
    """Tells who may what. Event loop only; passwords are checked in a thread of its own.

    An async context manager: it knows those who were logged in before, and keeps them at the end.

    Args:
        config: Users, tokens and how long log-ins hold.
        open_role: The role of everybody, while nobody has to log in.
        monotonic: Monotonic seconds.
        wall: Seconds since 1970 UTC, which alone goes on over a restart.
        folder: Where log-ins are kept; None for nowhere.
    """

    def __init__(
        self,
        config: Config,
        open_role: OpenRole,
        monotonic: Clock,
        wall: Clock,
        folder: Path | None = None,
    ) -> None:
        self._open_role = open_role
        self._monotonic = monotonic
        self._wall = wall
        self._folder = folder
        self._sign_ins = SignIns(_lifetimes(config.auth), config.server.max_sessions_per_user)
        self._by_address, self._by_user = Throttle(_OF_AN_ADDRESS), Throttle(_OF_A_USER)
        self._known: dict[tuple[str, str], None] = {}
        self._logged: dict[str, tuple[float, int]] = {}
        self._checker = SideThread("log-in", _MOST_WAITING)
        self._writer = SideThread("log-ins-kept", 2)
        self._saver: asyncio.Task[None] | None = None
        self._changed = asyncio.Event()
        self._take(config)

    async def __aenter__(self) -> Self:
        """Know again who was logged in."""
        if self._folder is not None:
            folder = self._folder
            try:
                kept = await self._writer.begin(lambda: read_sign_ins(folder))
                self._sign_ins.restore(kept, self._wall())
            except (OSError, ValueError) as error:
                _log.warning("The log-ins of before can't be read, all log in anew: %s", error)
            self._saver = asyncio.create_task(kept_up("log-ins", self._keep_saving), name="log-ins")
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Keep who is logged in."""
        if self._saver is not None:
            self._saver.cancel()
            await asyncio.gather(self._saver, return_exceptions=True)
            try:
                async with asyncio.timeout(_END_S):
                    await self._save()
            except TimeoutError:
                _log.warning("The log-ins were not kept: the disk does not answer")
        await self._checker.close(_END_S)
        await self._writer.close(_END_S)

    @property
    def has_log_in(self) -> bool:
        """Whether nobody sees anything before it is known who asks."""
        return self._auth.has_log_in

    @property
    def longest_session_s(self) -> float:
        """How long a log-in holds at most."""
        return self._auth.longest_session_s

    def reconfigure(self, config: Config) -> None:
        """Let other users and tokens hold.

        Log-ins of users that are gone or have another password end; other roles, cameras and
        groups hold at once for those that are logged in. A file that has lost its `auth` opens
        nothing: those who could log in before still must, unless `auth: none` says otherwise.
        """
        auth = config.auth
        if self.has_log_in and not (auth.has_log_in or auth.is_open):
            _log.error("the config has no auth any more; who could log in before still must")
            return
        self._sign_ins.reconfigure(_lifetimes(config.auth), config.server.max_sessions_per_user)
        self._take(config)

    def by_token(self, token: str) -> Pass | None:
        """Return the pass of a program's token; None when there is no such token."""
        mark = f"sha256:{mark_of(token)}"
        found = None
        for name, settings in self._auth.tokens.items():
            if hmac.compare_digest(settings.hash, mark):
                found = name
        if found is None:
            return None
        name = found
        return Pass(f"token {name}", lambda: self._token_grant(name, mark))

    def by_cookie(self, cookie: str) -> Pass | None:
        """Return the pass of a browser in which somebody is logged in; None for any other."""
        # Found by its hash, of which nobody can choose a part: the time tells nothing of it.
        mark = mark_of(cookie)
        sign_in = self._sign_ins.find(mark, self._wall())
        if sign_in is None or self._sign_in_grant(mark) is None:
            return None
        return Pass(f"user {sign_in.user}", lambda: self._sign_in_grant(mark))

    def by_the_open_door(self, *, is_near: bool) -> Pass | None:
        """Return everybody's pass; None where people have to log in."""
        if self.has_log_in:
            return None
        role = self._open_role.near if is_near else self._open_role.far
        grant = Grant(None, None, role)
        return Pass(None, lambda: None if self.has_log_in else grant)

    async def log_in(self, user: str, password: str, address: str) -> tuple[str, Grant]:
        """Log a user in.

        Args:
            user: The name, as it was typed.
            password: The password.
            address: Where the request came from.

        Returns:
            The cookie's secret, and what it opens.

        Raises:
            DeliveryError: 401 for a wrong name or password, which of them is not told; 429 after
                too many tries; 503 when too many log in at once.
        """
        place, now_s = _place_of(address), self._monotonic()
        is_known = (user, place) in self._known
        throttles = [(self._by_address, place)]
        if not is_known:  # who has been here before is not kept out by what others guess
            throttles.append((self._by_user, user[:64]))
        wait_s = max(throttle.wait_s(key, now_s) for throttle, key in throttles)
        if wait_s > 0:
            self._note_failure(user, address, "too many tries")
            raise DeliveryError(
                429,
                "too_many_tries",
                f"Too many tries; the next one is possible in {math.ceil(wait_s)} s.",
                retry_after_s=math.ceil(wait_s),
            )
        for throttle, key in throttles:
            throttle.charge(key, now_s)
        try:
            is_right = await self._is_right(user, password)
        except BaseException:  # also cancelled: it was no guess that anything was learnt from
            for throttle, key in throttles:
                throttle.refund(key, now_s)
            raise
        grant = self._users.get(user)
        if not is_right or grant is None:
            self._note_failure(user, address, "wrong name or password")
            raise DeliveryError(401, "bad_login", "The name or the password is wrong.")
        self._by_address.refund(place, now_s)
        self._by_user.forgive(user[:64])
        self._remember(user, place)
        return self._begin(user, address), grant

    def log_out(self, cookie: str) -> None:
        """End a log-in; what it had opened ends within a second."""
        ended = self._sign_ins.end(mark_of(cookie))
        if ended is not None:
            self._changed.set()
            _log.info("user %s has logged out", ended.user)

    def _take(self, config: Config) -> None:
        self._auth = config.auth
        self._users, self._tokens = user_grants(config), token_grants(config)
        self._stamps = {name: stamp_of(user.password) for name, user in config.auth.users.items()}
        kept = next((user.password for user in config.auth.users.values()), None)
        self._decoy = decoy_of(kept)
        if config.auth.users and not any(
            user.role == "admin" for user in config.auth.users.values()
        ):
            _log.warning("auth.users has no admin: nobody can save lines and zones from the page")

    def _token_grant(self, name: str, mark: str) -> Grant | None:
        settings = self._auth.tokens.get(name)
        return self._tokens[name] if settings is not None and settings.hash == mark else None

    def _sign_in_grant(self, mark: str) -> Grant | None:
        sign_in = self._sign_ins.find(mark, self._wall())
        if sign_in is None or self._stamps.get(sign_in.user) != sign_in.stamp:
            return None
        return self._users[sign_in.user]

    async def _is_right(self, user: str, password: str) -> bool:
        settings = self._auth.users.get(user)
        kept = self._decoy if settings is None else settings.password
        if len(password.encode()) > LONGEST:
            return False
        checked = self._checker.begin(lambda: is_password(password, kept))
        try:
            async with asyncio.timeout(_VERIFY_S):
                is_right = await checked
        except TimeoutError:
            raise DeliveryError(503, "busy", "The server is too busy to check it.") from None
        if is_right and is_weak(kept):
            _log.warning(
                "The password of user %s was hashed with other settings than those of today; "
                "`heatwall passwd` makes a new hash",
                user,
            )
        return is_right

    def _begin(self, user: str, address: str) -> str:
        secret = secrets.token_urlsafe(COOKIE_BYTES)
        self._sign_ins.begin(secret, user, self._stamps[user], self._wall())
        self._changed.set()
        _log.info("user %s has logged in from %s", user, address)
        return secret

    def _remember(self, user: str, place: str) -> None:
        self._known[user, place] = None
        if len(self._known) > _MOST_KNOWN:
            self._known.pop(next(iter(self._known)))

    def _note_failure(self, user: str, address: str, why: str) -> None:
        now_s = self._monotonic()
        last_s, more = self._logged.get(address, (-math.inf, 0))
        if now_s - last_s < _LOG_EVERY_S:
            self._logged[address] = (last_s, more + 1)
            return
        self._logged[address] = (now_s, 0)
        if len(self._logged) > _MOST_KNOWN:
            self._logged.pop(next(iter(self._logged)))
        before = f", and {more} times more before" if more else ""
        # What is no user's name may be a password that was typed into the wrong field.
        name = f"user {user}" if user in self._users else "an unknown user"
        _log.warning("log-in of %s from %s failed: %s%s", name, address, why, before)

    async def _keep_saving(self) -> None:
        while True:
            try:
                async with asyncio.timeout(_SAVE_EVERY_S):
                    await self._changed.wait()
            except TimeoutError:
                pass  # the times of use have moved on
            self._changed.clear()
            await self._save()

    async def _save(self) -> None:
        folder, kept = self._folder, self._sign_ins.all()
        if folder is None:
            return
        try:
            await self._writer.begin(lambda: write_sign_ins(folder, kept))
        except (OSError, DeliveryError) as error:
            _log.warning("The log-ins could not be kept for the next start: %s", error)


def open_to_all(role: Role) -> Access:
    """Return an access where everybody has one role."""
    config = Config.model_validate({"cameras": {}, "auth": "none"})
    return Access(config, OpenRole(role, role), clock.monotonic, clock.wall)


def _lifetimes(auth: AuthConfig) -> Lifetimes:
    return Lifetimes(auth.session_s, auth.longest_session_s)


def _place_of(address: str) -> str:
    """Return what guesses are counted by: of IPv6 the network, which one customer has whole."""
    if ":" not in address:
        return address
    try:
        found = ipaddress.IPv6Address(address.partition("%")[0])
    except ValueError:
        return address
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(ipaddress.IPv6Network((found, 64), strict=False))
