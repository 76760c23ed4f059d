"""Taking secrets out of whatever is printed, logged or told."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Mapping
from html import escape
from urllib.parse import quote, quote_plus, unquote, urlsplit

HIDDEN = "***"
"""What stands in a secret's place."""

SHORTEST_SECRET = 4
"""Characters. A shorter password is known only where it stands in a URL, a header or a pair: to
hide each `ab` would make logs unreadable and still protect nothing."""

_PLAIN_WORD = 8
"""Characters. A shorter secret counts only as a word of its own, so that the password `door` does
not take the doors out of `indoors`."""

_MOST_SECRETS = 4096
"""Each camera has one or two, each user and token one; what was known longest is forgotten."""

_AFTER_SCHEME = re.compile(r"(?<=://)\S+")
_USERINFO = re.compile(r"^.*@", re.DOTALL)
_QUERY_VALUE = re.compile(r"=[^&]*")

_NAMES = r"[\w-]*(?:password|passwd|passphrase|pwd|token|secret|credential|api_?key)s?"
_RULES = (
    # Header fields that prove who somebody is (RFC 9110 section 11.6, RFC 6265 section 4), to
    # the end of their line.
    re.compile(r"(?i)(\b(?:proxy-)?authorization['\"]?\s*[:=]\s*)[^\r\n]+()"),
    re.compile(r"(?i)(\b(?:set-)?cookie:\s*)[^\r\n]+()"),
    re.compile(r"(?i)(\bbearer\s+)[\w.~+/=-]{8,}()"),  # RFC 6750 section 2.1
    re.compile(rf"(?i)(\b{_NAMES}=)[^\s&\"',;)]+()"),
    re.compile(rf"(?i)(['\"]{_NAMES}['\"]\s*:\s*b?(['\"]))(?:(?!\2)[^\\]|\\.)*(?=\2)"),
    re.compile(r"(\ba=ice-pwd:)\S+()"),  # RFC 8839 section 5.4
    re.compile(r"(\$argon2(?:id|i|d)\$)\S+()"),
    re.compile(r"(\bsha256:)[0-9a-fA-F]{32,}()"),
)
"""What is hidden by how it looks; the first group stays."""


def redact(text: str) -> str:
    """Return `text` without secrets.

    These are: the user, the password and the query values of every URL in it; what stands in
    headers and pairs that hold a password or a token; and every secret that is known, wherever it
    stands.

    Rather too much is hidden than too little: a password that is not percent-encoded may hold
    any sign that ends it by RFC 3986, so all up to the last @ of a word is taken for one.
    """
    text = _AFTER_SCHEME.sub(lambda match: hide_in_url(match[0]), text)
    for rule in _RULES:
        text = rule.sub(rf"\g<1>{HIDDEN}", text)
    return KNOWN.hide(text)


def hide_in_url(rest: str) -> str:
    """Return what follows `://` in a URL without its secrets."""
    place, mark, query = rest.partition("?")
    if "@" in query:
        return HIDDEN  # a password with a question mark, or a query with an @: nobody can tell
    place = _USERINFO.sub(f"{HIDDEN}@", place)
    return place + mark + _QUERY_VALUE.sub(f"={HIDDEN}", query)


def environment_without_secrets(env: Mapping[str, str]) -> dict[str, str]:
    """Return an environment without what looks like a secret, for a process that needs none.

    `/proc/PID/environ`, and what a library prints of its environment, have none then.

    Args:
        env: Of this process.
    """
    return {
        name: value
        for name, value in env.items()
        if not KNOWN.is_in(value) and not re.fullmatch(f"(?i){_NAMES}", name)
    }


def secrets_in_url(url: str) -> tuple[str, ...]:
    """Return the password and the query's values of a URL, as they are written there.

    So too the account as it is sent by Basic (RFC 7617 section 2), which a camera or a proxy may
    repeat in what it answers.
    """
    try:
        parts = urlsplit(url)
        password = parts.password
    except ValueError:
        return ()
    pairs = (pair.partition("=") for pair in parts.query.split("&"))
    values = [value for name, _, value in pairs if re.fullmatch(f"(?i){_NAMES}|pw|pass", name)]
    if password:
        account = f"{unquote(parts.username or '')}:{unquote(password)}"
        values.append(base64.b64encode(account.encode()).decode("ascii"))
    return tuple(one for one in (password, *values) if one)


class KnownSecrets:
    """Passwords, tokens and the like that this process has read. Safe from any thread.

    Each is known in all the forms in which it could come out: as written, percent-encoded and
    decoded, and escaped as in JSON, HTML and Python.
    """

    def __init__(self) -> None:
        self._forms: dict[str, None] = {}
        self._pattern: re.Pattern[str] | None = None

    def add(self, secrets: Iterable[str]) -> None:
        """Hide these from now on."""
        forms = dict.fromkeys(form for secret in secrets for form in _forms_of(secret))
        if forms.keys() <= self._forms.keys():
            return
        # A new dict and a new pattern each time: who hides meanwhile has the old ones.
        together = [*(form for form in self._forms if form not in forms), *forms]
        self._forms = dict.fromkeys(together[-_MOST_SECRETS:])
        # The longest first, so that no part of it is hidden in its place.
        words = sorted(self._forms, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(_pattern_of, words)))

    def clear(self) -> None:
        """Forget all."""
        self._forms, self._pattern = {}, None

    def hide(self, text: str) -> str:
        """Return `text` with `***` in place of each secret."""
        pattern = self._pattern
        return text if pattern is None else pattern.sub(HIDDEN, text)

    def is_in(self, text: str) -> bool:
        """Return whether a secret stands in `text`."""
        pattern = self._pattern
        return pattern is not None and pattern.search(text) is not None


KNOWN = KnownSecrets()
"""Those of this process. One for all, as the log is: what nobody handed on is hidden too."""


def _forms_of(secret: str) -> set[str]:
    plain = unquote(secret)
    forms = {secret, plain, quote(plain, safe=""), quote(plain), quote_plus(plain)}
    forms |= {json.dumps(plain)[1:-1], repr(plain)[1:-1], escape(plain)}
    return {form for form in forms if len(form) >= SHORTEST_SECRET}


def _pattern_of(form: str) -> str:
    written = re.escape(form)
    return written if len(form) >= _PLAIN_WORD else rf"(?<![A-Za-z0-9]){written}(?![A-Za-z0-9])"
