"""Configs as people write them, for tests that edit them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

from heatwall.config.written import Shapes, written

LINES: list[dict[str, Any]] = [
    {"from": [0.1, 0.7], "to": [0.9, 0.7], "inside": "below"},
    {"from": [0.1, 0.7], "to": [0.8, 0.6], "inside": "above"},
    {"from": [0.5, 0.0], "to": [0.5, 1.0], "inside": "left"},
    {"from": [0.1234, 0.7], "to": [0.9, 0.7001], "inside": "below"},
]
ZONES: list[dict[str, Any]] = [
    {"polygon": [[0.0, 0.5], [1.0, 0.5], [1.0, 1.0], [0.0, 1.0]]},
    {"polygon": [[0.0, 0.5], [1.0, 0.5], [0.9, 0.9], [0.0, 1.0]]},
    {"polygon": [[0.1, 0.1], [0.4, 0.1], [0.4, 0.4]]},
]
NAMES = ["door", "back", "a-1", "7", "on", "null"]
"""Among them names that are no words to YAML."""


@dataclass(frozen=True, slots=True)
class YamlWall:
    """A config's text.

    Attributes:
        text: All of it.
        head: What stands before the camera `cam`.
        tail: What stands after it.
        before: The lines and zones of the camera.
        whole: Texts of its lines and zones, with the comments in them, by section and name.
        comments: Comments of the camera that belong to none of these.
    """

    text: str
    head: str
    tail: str
    before: dict[str, Shapes]
    whole: dict[tuple[str, str], str]
    comments: list[str]


@dataclass(slots=True)
class _Pen:
    """Writes one camera, a row at a time."""

    draw: st.DrawFn
    step: int
    rows: list[str] = field(default_factory=list)
    whole: dict[tuple[str, str], str] = field(default_factory=dict)
    comments: list[str] = field(default_factory=list)
    count: int = 0

    def comment(self) -> str:
        self.count += 1
        return f"# comment {self.count} {{of: [it, 'is: a"

    def tail(self, *, is_own: bool = True) -> str:
        """Return what may stand behind a value."""
        if not self.draw(st.booleans()):
            return ""
        text = self.comment()
        if is_own:
            self.comments.append(text)
        return f"  {text}"

    def above(self) -> None:
        """Write what may stand above a key."""
        for _ in range(self.draw(st.integers(0, 2))):
            text = self.comment()
            self.comments.append(text)
            self.rows.append(f"{' ' * self.draw(st.integers(0, 9))}{text}")
            if self.draw(st.booleans()):
                self.rows.append("")

    def section(self, section: str, shapes: Shapes, indent: int) -> None:
        self.above()
        pad = " " * indent
        styles = ["block", "flow", "spread"] if shapes else ["bare", "null", "~", "{}", "{ }"]
        style = self.draw(st.sampled_from(styles))
        if style == "block":
            self.rows.append(f"{pad}{section}:{self.tail()}")
            for name, shape in shapes.items():
                self.shape(section, name, shape, indent + self.step)
        elif style == "flow":
            comma = self.draw(st.sampled_from(["", ",", ", "]))
            entries = ", ".join(f"{name}: {written(shape)}" for name, shape in shapes.items())
            self.rows.append(f"{pad}{section}: {{{entries}{comma}}}{self.tail()}")
            self.whole |= {
                (section, name): f"{name}: {written(shape)}" for name, shape in shapes.items()
            }
        elif style == "spread":
            self.rows.append(f"{pad}{section}: {{{self.tail()}")
            for name, shape in shapes.items():
                is_last = name == [*shapes][-1]
                comma = "," if not is_last or self.draw(st.booleans()) else ""
                entry = f"{name}: {written(shape)}"
                self.rows.append(f"{pad} {entry}{comma}{self.tail()}")
                self.whole[section, name] = entry
            self.rows.append(f"{pad} }}{self.tail()}")
        else:
            value = "" if style == "bare" else f" {style}"
            self.rows.append(f"{pad}{section}:{value}{self.tail()}")

    def shape(self, section: str, name: str, shape: dict[str, Any], indent: int) -> None:
        self.above()
        pad, begin = " " * indent, len(self.rows)
        if self.draw(st.booleans()):
            self.rows.append(f"{pad}{name}: {written(shape)}{self.tail(is_own=False)}")
        else:
            self.rows.append(f"{pad}{name}:{self.tail(is_own=False)}")
            for key, value in shape.items():
                self.value(key, value, indent + self.step)
        self.whole[section, name] = "\n".join(self.rows[begin:])

    def value(self, key: str, value: Any, indent: int) -> None:
        pad = " " * indent
        if isinstance(value, list) and self.draw(st.booleans()):
            self.rows.append(f"{pad}{key}:{self.tail(is_own=False)}")
            inner = " " * (indent + self.draw(st.sampled_from([0, self.step])))
            for item in value:
                self.rows.append(f"{inner}- {written(item)}{self.tail(is_own=False)}")
            return
        quote = self.draw(st.sampled_from(["", "'", '"'])) if isinstance(value, str) else ""
        self.rows.append(f"{pad}{key}: {quote}{written(value)}{quote}{self.tail(is_own=False)}")


def shapes(of: list[dict[str, Any]]) -> st.SearchStrategy[Shapes]:
    """Return some lines or zones under some names."""
    return st.dictionaries(st.sampled_from(NAMES), st.sampled_from(of), max_size=4)


@st.composite
def yaml_walls(draw: st.DrawFn) -> YamlWall:
    """Return a wall of a few cameras, written in one of many ways."""
    step, base = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    pen = _Pen(draw, step)
    before: dict[str, Shapes] = {"lines": {}, "zones": {}}
    is_flow = draw(st.integers(0, 3)) == 0
    has = {"lines": draw(st.booleans()), "zones": draw(st.booleans())}
    kinds = {"lines": LINES, "zones": ZONES}
    for section in (one for one in has if has[one]):
        before[section] = draw(shapes(kinds[section]))
    if is_flow:
        own = "".join(f", {one}: {written(before[one])}" for one in has if has[one])
        pen.rows.append(f"{' ' * base}cam: {{url: 'rtsp://h/1'{own}}}{pen.tail()}")
    else:
        pen.rows.append(f"{' ' * base}cam:{pen.tail()}")
        places = draw(st.permutations(["url", *(one for one in has if has[one])]))
        for key in places:
            if key == "url":
                pen.above()
                pen.rows.append(f"{' ' * (base + step)}url: rtsp://h/1{pen.tail()}")
            else:
                pen.section(key, before[key], base + step)
    head_rows = ["# a wall", "defaults: {conf: 0.3}", "cameras: # all"]
    if draw(st.booleans()):
        head_rows.append(f"{' ' * base}one: {{url: 'rtsp://h/0'}}  # the first")
    tail_rows = draw(
        st.sampled_from(
            [
                [],
                ["# the end"],
                [f"{' ' * base}two:", f"{' ' * (base + 1)}url: rtsp://h/2  # the last"],
                ["", "model: {path: demo}"],
            ]
        )
    )
    line_end = draw(st.sampled_from(["\n", "\r\n"]))
    end = line_end if draw(st.booleans()) else ""
    mark = draw(st.sampled_from(["", "\ufeff"]))
    head = mark + "".join(f"{row}{line_end}" for row in head_rows)
    middle = line_end.join(pen.rows)
    tail = "".join(f"{line_end}{row}" for row in tail_rows) + end
    whole = {key: text.replace("\n", line_end) for key, text in pen.whole.items()}
    return YamlWall(head + middle + tail, head, tail, before, whole, pen.comments)
