"""Lines and zones of one camera written into the text of a config, which else stays as it is."""

from __future__ import annotations

from heatwall.config import mapedit
from heatwall.config.outline import Entry, Part, outline_of
from heatwall.config.splice import Splice
from heatwall.config.written import Shapes, written
from heatwall.errors import EditError


def edited(text: str, camera: str, before: dict[str, Shapes], after: dict[str, Shapes]) -> str:
    """Return `text` with other lines and zones.

    What is the same before and after is not touched. Of what changed only the values that did are
    written anew, so that the comments beside them stay.

    Args:
        text: The text of a valid config.
        camera: The camera's id.
        before: Its `lines` and `zones`, as the text has them.
        after: Those that it is to have.

    Raises:
        EditError: The camera is not written in a way that can be edited.
    """
    root = outline_of(text)
    cameras = root.entry("cameras") if root else None
    entry = cameras.value.entry(camera) if cameras else None
    if entry is None:
        raise EditError(f"the camera {camera} is not written out below cameras:")
    changed = {section: new for section, new in after.items() if new != before[section]}
    return _CameraEdit(Splice(text), entry).result(changed, before) if changed else text


class _CameraEdit:
    """The edit of one camera's part of a text.

    Args:
        splice: The text.
        entry: The camera's key and what stands under it.
    """

    def __init__(self, splice: Splice, entry: Entry) -> None:
        self._splice = splice
        self._camera = entry.value
        entries = entry.value.entries
        self._indent = entries[0].column if entries else 0
        self._step = max(1, self._indent - entry.column)

    def result(self, after: dict[str, Shapes], before: dict[str, Shapes]) -> str:
        """Return the text with the sections `after` in place of those `before`."""
        if self._camera.form == "alias":
            self._extend_alias(after)
            return self._splice.result()
        # What is there comes first: a new section may begin where the last one there ends.
        missing = [section for section in after if self._camera.entry(section) is None]
        for section, shapes in after.items():
            entry = self._camera.entry(section)
            if entry is not None:
                self._change(entry, before[section], shapes)
        for section in missing:
            self._add(section, after[section])
        return self._splice.result()

    def _extend_alias(self, after: dict[str, Shapes]) -> None:
        """Merge the camera that an alias stands for, with sections of its own beside."""
        alias = self._splice.text[self._camera.start : self._camera.end]
        own = "".join(f", {section}: {written(shapes)}" for section, shapes in after.items())
        self._splice.replace(self._camera.start, self._camera.end, f"{{<<: {alias}{own}}}")

    def _add(self, section: str, shapes: Shapes) -> None:
        """Add a section that the camera has not."""
        camera = self._camera
        if camera.is_flow:
            new = f"{section}: {written(shapes)}"
            mapedit.add_to_flow(self._splice, camera, camera.entries, [new])
            return
        inner = " " * self._step
        rows = [f"{section}:", *(f"{inner}{row}" for row in _rows(shapes))]
        if not shapes:  # what a merged map has is not wanted
            rows = [f"{section}: {{}}"]
        mapedit.insert_rows(self._splice, camera.end, self._indent, rows)

    def _change(self, entry: Entry, before: Shapes, after: Shapes) -> None:
        """Change a section that the camera has."""
        part, splice = entry.value, self._splice
        if part.form == "map" and (part.entries or not mapedit.is_bare(splice, part)):
            self._change_shapes(part, before, after)
        elif mapedit.is_bare(splice, part) and not self._camera.is_flow:
            start = len(splice.text[: part.start].rstrip(" "))
            splice.replace(start, part.end, "")
            mapedit.insert_rows(splice, part.end, self._indent + self._step, _rows(after))
        else:
            mapedit.write(splice, part, after, entry.column)

    def _change_shapes(self, part: Part, before: Shapes, after: Shapes) -> None:
        """Change the lines or zones of a section that has some."""
        splice = self._splice
        own = {entry.key for entry in part.entries}
        gone = [one for one in part.entries if one.key in before and one.key not in after]
        kept = [one for one in part.entries if one not in gone]
        for entry in kept:
            if entry.key in after:
                wanted = after[entry.key]
                mapedit.patch(splice, entry.value, before[entry.key], wanted, entry.column)
        fresh = {
            name: shape
            for name, shape in after.items()
            if name not in own and shape != before.get(name)  # else a merged map has it
        }
        if part.is_flow:
            mapedit.remove_from_flow(splice, part, gone)
            mapedit.add_to_flow(splice, part, kept, _rows(fresh))
        else:
            mapedit.remove_from_block(splice, gone)
            mapedit.insert_rows(splice, part.end, part.entries[0].column, _rows(fresh))


def _rows(shapes: Shapes) -> list[str]:
    return [f"{name}: {written(shape)}" for name, shape in shapes.items()]
