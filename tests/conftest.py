"""What every test begins with."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from heatwall.redaction import KNOWN


@pytest.fixture(autouse=True)
def _no_secrets_known() -> Iterator[None]:
    """Passwords of one test's config are plain words in the next."""
    KNOWN.clear()
    yield
    KNOWN.clear()
