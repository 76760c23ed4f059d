"""The rules that values in a config file are held to, each with the sentence that says it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, ValidationInfo
from pydantic.fields import FieldInfo
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from heatwall.config.units import (
    BITRATE_FORM,
    DURATION_FORM,
    format_bitrate,
    format_duration,
    parse_bitrate,
    parse_duration,
)

JsonSchema = dict[str, Any]
"""A piece of a JSON Schema."""


@dataclass(frozen=True, slots=True)
class FromFile:
    """Validation context: the values come from a file, so durations need their unit.

    Attributes:
        folder: The folder of the config file, which relative paths in it start from.
        state: Where the server keeps its state unless the file says otherwise; None for nowhere.
    """

    folder: Path
    state: Path | None = None


class PartError(ValueError):
    """Raised by a rule for a fault in a part of its value.

    Attributes:
        at: The keys of maps and places in lists that lead to the part.
        allowed: What that part may be.
    """

    def __init__(self, at: tuple[str | int, ...], message: str, allowed: str) -> None:
        super().__init__(message)
        self.at = at
        self.allowed = allowed


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule for one value, used as metadata of `Annotated`.

    Attributes:
        parse: Turns what stands in the file into the value; ValueError says what is wrong.
            Its second argument is the file, None when the value comes from code.
        allowed: What would be right, for people.
        schema: The JSON Schema of the value as it is written in the file.
        write: Turns the value back into what stands in a file.
    """

    parse: Callable[[Any, FromFile | None], Any]
    allowed: str
    schema: JsonSchema
    write: Callable[[Any], Any] = field(default=lambda value: value)

    def _check(self, value: Any, info: ValidationInfo) -> Any:
        file = info.context if isinstance(info.context, FromFile) else None
        try:
            return self.parse(value, file)
        except PartError as error:
            raise fault(str(error), error.allowed, error.at) from None
        except ValueError as error:
            raise fault(str(error), self.allowed) from None

    def __get_pydantic_core_schema__(
        self, _source: Any, _handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        """Return the validator that pydantic runs for the annotated value."""
        return core_schema.with_info_plain_validator_function(
            self._check,
            # In every mode: a dump to Python values would otherwise hold the URL's password.
            serialization=core_schema.plain_serializer_function_ser_schema(self.write),
        )

    def __get_pydantic_json_schema__(
        self, _schema: CoreSchema, _handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """Return the JSON Schema of the value as people write it."""
        return dict(self.schema)


def fault(message: str, allowed: str, at: tuple[str | int, ...] = ()) -> PydanticCustomError:
    """Return the error that a validator raises; `at` leads from its value to the wrong part."""
    # The text goes through the context: braces in it are no template.
    notes = {"message": message, "allowed": allowed, "at": at}
    return PydanticCustomError("rule", "{message}", notes)


def rule_of(field: FieldInfo) -> Rule | None:
    """Return the rule of a field, or of its items when it is a list."""
    for note in field.metadata:
        if isinstance(note, Rule):
            return note
    return _rule_in(field.annotation)


def _rule_in(annotation: Any) -> Rule | None:
    for part in get_args(annotation):
        found = part if isinstance(part, Rule) else _rule_in(part)
        if found is not None:
            return found
    return None


def whole(low: int, high: int, *, step: int = 1) -> Rule:
    """Return the rule for a whole number from `low` to `high`, a multiple of `step`."""

    def parse(value: Any, _file: FromFile | None) -> int:
        number = read_number(value)
        if not number.is_integer():
            raise ValueError("is not a whole number")
        if not low <= number <= high:
            raise ValueError("is out of range")
        if number % step:
            raise ValueError(f"is not a multiple of {step}")
        return int(number)

    schema: JsonSchema = {"type": "integer", "minimum": low, "maximum": high}
    kind = "a whole number"
    if step != 1:
        schema["multipleOf"] = step
        kind = f"a multiple of {step}"
    return Rule(parse, f"{kind} from {low} to {high}", schema)


def number(low: float, high: float) -> Rule:
    """Return the rule for a number from `low` to `high`."""

    def parse(value: Any, _file: FromFile | None) -> float:
        result = read_number(value)
        if not low <= result <= high:
            raise ValueError("is out of range")
        return result

    schema = {"type": "number", "minimum": low, "maximum": high}
    return Rule(parse, f"a number from {low:g} to {high:g}", schema)


def flag() -> Rule:
    """Return the rule for a yes or no."""
    return Rule(lambda value, _file: parse_flag(value), "true or false", {"type": "boolean"})


def text(longest: int, what: str = "text") -> Rule:
    """Return the rule for a text of 1 to `longest` characters on one line."""

    def parse(value: Any, _file: FromFile | None) -> str:
        if not isinstance(value, str):
            raise ValueError("is not text; put it in quotes")
        if not value.strip():
            raise ValueError("is empty")
        if len(value) > longest:
            raise ValueError("is too long")
        if not value.isprintable():
            raise ValueError("has characters that can't be printed")
        return value

    schema = {"type": "string", "minLength": 1, "maxLength": longest}
    return Rule(parse, f"{what} of 1 to {longest} characters on one line", schema)


def choice(options: Sequence[str]) -> Rule:
    """Return the rule for one of a few words, in any case."""

    def parse(value: Any, _file: FromFile | None) -> str:
        word = value.strip().lower() if isinstance(value, str) else value
        if word not in options:
            raise ValueError(f"is not one of {', '.join(options)}")
        return str(word)

    return Rule(parse, " or ".join(options), {"type": "string", "enum": list(options)})


def duration(low_s: float, high_s: float) -> Rule:
    """Return the rule for a duration with a unit, from `low_s` to `high_s` seconds."""

    def parse(value: Any, file: FromFile | None) -> float:
        seconds = read_duration(value, file)
        if not low_s <= seconds <= high_s:
            raise ValueError("is out of range")
        return seconds

    bounds = f"from {format_duration(low_s)} to {format_duration(high_s)}"
    return Rule(parse, f"{DURATION_FORM}; {bounds}", DURATION_SCHEMA, format_duration)


def bitrate(low_bps: int, high_bps: int) -> Rule:
    """Return the rule for a bitrate from `low_bps` to `high_bps`."""

    def parse(value: Any, _file: FromFile | None) -> int:
        if not isinstance(value, str | int):
            raise ValueError("is not a bitrate")
        bps = parse_bitrate(value)
        if not low_bps <= bps <= high_bps:
            raise ValueError("is out of range")
        return bps

    bounds = f"from {format_bitrate(low_bps)} to {format_bitrate(high_bps)}"
    schema = {
        "anyOf": [
            {"type": "string", "pattern": r"^\s*\d+(\.\d+)?[kKmM]?(bit/s|bps|bit)?\s*$"},
            {"type": "integer", "minimum": low_bps, "maximum": high_bps},
        ]
    }
    return Rule(parse, f"{BITRATE_FORM}; {bounds}", schema, format_bitrate)


DURATION_SCHEMA: JsonSchema = {
    "type": "string",
    "pattern": r"^\s*(\d+(\.\d+)?(ms|s|m|h|d))+\s*$",
}
"""The JSON Schema of a duration."""


def read_duration(value: Any, file: FromFile | None) -> float:
    """Return seconds; a bare number is only taken outside of files, where its unit is known.

    Raises:
        ValueError: The value is no duration.
    """
    if isinstance(value, str):
        return parse_duration(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("is not a duration")
    if file is not None:
        raise ValueError(f"has no unit; for seconds write {value}s")
    return float(value)


def parse_flag(value: Any) -> bool:
    """Return the truth of `value`, which may be text that came from the environment.

    Raises:
        ValueError: The value is neither true nor false.
    """
    words = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.strip().lower() in words:
        return words[value.strip().lower()]
    raise ValueError("is not true or false")


def read_number(value: Any) -> float:
    """Return a finite float; text counts, since the environment has nothing else.

    Raises:
        ValueError: The value is no finite number.
    """
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError("is not a number")
    try:
        result = float(value)
    except (ValueError, OverflowError):
        raise ValueError("is not a number") from None
    if not math.isfinite(result):
        raise ValueError("is not a number")
    return result
