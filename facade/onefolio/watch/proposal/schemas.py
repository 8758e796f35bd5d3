"""Schemas and made-up values for observed types."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from ..shapes import EMPTY, HIDDEN, LIST, NULL, OBJECT

_TYPES: Mapping[str, tuple[str, str | None, Any]] = {
    "boolean": ("boolean", None, True),
    "integer": ("integer", None, 1),
    "number": ("number", None, 1.5),
    "string": ("string", None, "text"),
    "string, integer": ("string", None, "1"),
    "string, decimal": ("string", "decimal", "1.50"),
    "string, format date": ("string", "date", "2024-01-02"),
    "string, format date-time": ("string", "date-time", "2024-01-02T03:04:05Z"),
    "string, format uuid": ("string", "uuid", "00000000-0000-4000-8000-000000000000"),
    "string, format email": ("string", "email", "person@example.com"),
    "string, format uri": ("string", "uri", "https://example.com/"),
    EMPTY: ("string", None, ""),
    OBJECT: ("object", None, {}),
    LIST: ("array", None, []),
}
"""The type, the format and a made-up value of each shape."""

_DECIMAL_PATTERN = r"'^-?[0-9]{1,78}(\.[0-9]{1,38})?$'"

ENOUGH = 20
"""Objects from which a field that all of them have is proposed as required."""


class Observed:
    """The types of the values of one operation's responses.

    Args:
        counts: the number of values by place and shape.
    """

    def __init__(self, counts: Mapping[tuple[str, str], int]) -> None:
        self._shapes: dict[str, Counter[str]] = {}
        for (place, shape), count in counts.items():
            self._shapes.setdefault(place, Counter())[shape] += count

    def shapes(self, place: str) -> Counter[str]:
        """Return the number of values of each shape at a place."""
        return self._shapes.get(place, Counter())

    def is_nullable(self, place: str) -> bool:
        """Return whether null was seen at a place."""
        return bool(self.shapes(place)[NULL])

    def present(self, place: str) -> tuple[int, int]:
        """Return the number of values at a place, and the number of objects that could have one."""
        parent = place.rpartition("/")[0]
        return self.shapes(place).total(), self.shapes(parent)[OBJECT]

    def is_required(self, place: str) -> bool:
        """Return whether every one of many objects had a value at a place."""
        present, objects = self.present(place)
        return present == objects >= ENOUGH

    def evidence(self, place: str) -> str:
        """Return the counts at a place in words."""
        present, objects = self.present(place)
        shapes = ", ".join(f"{count} {shape}" for shape, count in self.shapes(place).most_common())
        return f"observed in {present} of {objects} objects" + (f" ({shapes})" if shapes else "")

    def schema(self, place: str) -> list[str]:
        """Return the lines of the YAML schema of the values at a place."""
        shapes = self._known_shapes(place)
        types = sorted({_TYPES[shape][0] for shape in shapes}) or ["string"]
        types += ["null"] if self.is_nullable(place) else []
        names = ['"null"' if each == "null" else each for each in types]
        lines = [f"type: {names[0]}" if len(names) == 1 else f"type: [{', '.join(names)}]"]
        formats = {_TYPES[shape][1] for shape in shapes if _TYPES[shape][0] == "string" and shape != EMPTY}
        if len(formats) == 1 and (found := formats.pop()) and EMPTY not in shapes:
            lines.append(f"format: {found}")
            lines += (
                [f"pattern: {_DECIMAL_PATTERN}"]
                if found == "decimal" and types in (["string"], ["string", "null"])
                else []
            )
        if "object" in types:
            lines += self._object(place)
        if "array" in types:
            below = self.schema(f"{place}/*") if self.shapes(f"{place}/*") else ["{}"]
            lines += ["items: {}"] if below == ["{}"] else ["items:", *_indented(below)]
        return lines

    def value(self, place: str) -> Any:
        """Return a made-up value of the most frequent type at a place."""
        shapes = self._known_shapes(place)
        if not shapes:
            return None
        shape = max(shapes, key=lambda each: self.shapes(place)[each])
        if shape == OBJECT:
            return {name: self.value(f"{place}/{name}") for name in self._names(place) if name != HIDDEN}
        if shape == LIST:
            return [self.value(f"{place}/*")] if self.shapes(f"{place}/*") else []
        return _TYPES[shape][2]

    def _object(self, place: str) -> list[str]:
        names = self._names(place)
        lines: list[str] = []
        if required := [name for name in names if self.is_required(f"{place}/{name}") and name != HIDDEN]:
            lines += ["required:", *(f"  - {name}" for name in required)]
        if known := [name for name in names if name != HIDDEN]:
            lines.append("properties:")
            for name in known:
                lines += [f"  {name}:", *_indented(_indented(self.schema(f"{place}/{name}")))]
        if HIDDEN in names:
            lines += ["additionalProperties:", *_indented(self.schema(f"{place}/{HIDDEN}"))]
        return lines

    def _names(self, place: str) -> list[str]:
        depth = place.count("/") + 1
        start = f"{place}/"
        return [
            each[len(start) :]
            for each in self._shapes
            if each.startswith(start) and each.count("/") == depth and not each.endswith("/*")
        ]

    def _known_shapes(self, place: str) -> list[str]:
        return [shape for shape in self.shapes(place) if shape in _TYPES]


def _indented(lines: list[str]) -> list[str]:
    return [f"  {line}" for line in lines]
