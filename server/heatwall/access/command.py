"""The commands that make the lines of `auth` in the config."""

from __future__ import annotations

import getpass
import secrets
import sys
from typing import Annotated

import typer

from heatwall.access.passwords import LONGEST, SHORTEST, hash_password
from heatwall.access.sign_ins import mark_of
from heatwall.errors import HeatwallError

_TOKEN_BYTES = 32
"""Random bytes of a token: nobody guesses it, so its hash need not be slow."""


def add_access(app: typer.Typer) -> None:
    """Add `passwd` and `token` to the command line."""
    app.command()(passwd)
    app.command()(token)


def passwd(
    user: Annotated[str, typer.Argument(help="The user's name.")] = "USER",
    stdin: Annotated[
        bool, typer.Option("--stdin", help="Read the password from a pipe instead of asking.")
    ] = False,
) -> None:
    """Ask for a password and print the lines of the config that let USER log in with it."""
    password = sys.stdin.readline().rstrip("\r\n") if stdin else _asked()
    if len(password) < SHORTEST:
        raise HeatwallError(f"the password is too short; at least {SHORTEST} characters")
    if len(password.encode()) > LONGEST:
        raise HeatwallError(f"the password is too long; at most {LONGEST} bytes")
    typer.echo(f"auth:\n  users:\n    {user}:\n      password: {hash_password(password)}")


def token(name: Annotated[str, typer.Argument(help="What the token is for.")]) -> None:
    """Make a token for a program and print the lines of the config that let it in."""
    secret = secrets.token_urlsafe(_TOKEN_BYTES)
    typer.echo(f"Token, shown this once: {secret}", err=True)
    typer.echo(f"auth:\n  tokens:\n    {name}:\n      hash: sha256:{mark_of(secret)}")


def _asked() -> str:
    """Return a password that was typed twice, unseen.

    Raises:
        HeatwallError: It was not typed alike, or nobody can be asked.
    """
    try:
        first, second = getpass.getpass("Password: "), getpass.getpass("Again: ")
    except EOFError:
        raise HeatwallError("nobody can be asked for the password; --stdin reads a pipe") from None
    if first != second:
        raise HeatwallError("the passwords are not alike")
    return first
