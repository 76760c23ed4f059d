from __future__ import annotations

from itertools import product

import pytest

from heatwall.roles import OpenRole, Role, is_loopback, open_role

V, O, A = Role.VIEWER, Role.OPERATOR, Role.ADMIN  # noqa: E741 - three letters of one table


def test_each_role_may_do_what_those_before_it_may() -> None:
    may = {(one, other) for one, other in product(Role, Role) if one.includes(other)}
    assert may == {(V, V), (O, V), (O, O), (A, V), (A, O), (A, A)}


def test_roles_do_not_compare_as_words() -> None:
    with pytest.raises(TypeError):
        assert A < V  # type: ignore[operator]  # that it can't be written is what is tested


@pytest.mark.parametrize(
    ("host", "is_own"),
    [
        ("127.0.0.1", True),
        ("127.0.0.2", True),
        ("::1", True),
        ("localhost", True),
        ("LocalHost", True),
        ("0.0.0.0", False),
        ("::", False),
        ("", False),
        ("192.0.2.7", False),
        ("127.0.0.1.example", False),
        ("localhost.example", False),
        ("shop", False),
    ],
)
def test_an_address_that_leads_to_this_machine_alone_is_told_from_others(
    host: str, is_own: bool
) -> None:
    assert is_loopback(host) is is_own


@pytest.mark.parametrize(
    ("word", "host", "near", "far"),
    [
        ("auto", "127.0.0.1", A, V),
        ("auto", "::1", A, V),
        ("auto", "0.0.0.0", V, V),
        ("auto", "192.0.2.7", V, V),
        ("viewer", "127.0.0.1", V, V),
        ("operator", "0.0.0.0", O, O),
        ("admin", "192.0.2.7", A, A),
    ],
)
def test_auto_trusts_this_machine_alone_and_a_role_that_is_named_is_everybodys(
    word: str, host: str, near: Role, far: Role
) -> None:
    assert open_role(word, host) == OpenRole(near, far)


def test_a_role_that_is_not_there_is_refused() -> None:
    with pytest.raises(ValueError, match="boss"):
        open_role("boss", "127.0.0.1")
