from __future__ import annotations

import re

import pytest

from heatwall import errors
from heatwall.errors import (
    ConfigError,
    ConfigFault,
    DeliveryError,
    HeatwallError,
    ModelError,
    PortInUseError,
    SourceError,
    SourceRefusedError,
    SourceUnsupportedError,
    StartError,
)


@pytest.mark.parametrize(
    ("fault", "text"),
    [
        (
            ConfigFault("a.yaml", 7, "cameras.door.conf", "2", "is out of range", "0 to 1"),
            "a.yaml:7: cameras.door.conf: is out of range (found 2; allowed: 0 to 1)",
        ),
        (ConfigFault("a.yaml", None, "", None, "is empty"), "a.yaml: is empty"),
        (ConfigFault("a.yaml", 1, "", "", "is odd"), "a.yaml:1: is odd (found )"),
        (
            ConfigFault("a.yaml", 3, "url", None, "is missing", "rtsp://"),
            "a.yaml:3: url: is missing (allowed: rtsp://)",
        ),
    ],
)
def test_a_fault_is_one_line_with_all_that_is_known(fault: ConfigFault, text: str) -> None:
    assert str(fault) == text


def test_a_config_error_tells_every_fault_on_a_line_of_its_own() -> None:
    faults = [ConfigFault("a", 1, "x", None, "is bad"), ConfigFault("a", 2, "y", None, "is worse")]
    error = ConfigError(faults)
    assert error.faults == tuple(faults)
    assert str(error).splitlines() == ["a:1: x: is bad", "a:2: y: is worse"]


def test_what_is_refused_or_unsupported_is_still_a_failure_of_the_source() -> None:
    assert issubclass(SourceRefusedError, SourceError)
    assert issubclass(SourceUnsupportedError, SourceError)
    assert issubclass(ModelError, StartError)
    assert issubclass(PortInUseError, StartError)


def test_a_delivery_error_has_a_status_for_http_and_a_word_for_programs() -> None:
    error = DeliveryError(404, "unknown_camera", "there is no camera `x`")
    assert (error.status, error.code, str(error)) == (
        404,
        "unknown_camera",
        "there is no camera `x`",
    )


def test_the_tree_in_the_documentation_is_the_tree_in_the_code() -> None:
    drawn = set(re.findall(r"[├└]── (\w+)", errors.__doc__ or ""))
    defined = {
        name
        for name, value in vars(errors).items()
        if isinstance(value, type) and issubclass(value, HeatwallError)
    }
    assert defined == drawn | {"HeatwallError"}
