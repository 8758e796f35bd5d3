"""Change YAML and JSON files in single places, and leave every other character as it is."""

from __future__ import annotations

import json
from typing import Any

from onefolio_runtime import parse_pointer

from ..._core.extras import require_extra


class YamlFile:
    """The text of a YAML or JSON file with changes.

    Args:
        text: the content of the file.

    Raises:
        ConfigurationError: PyYAML is not installed.
    """

    def __init__(self, text: str) -> None:
        with require_extra("drift", "a proposal"):
            import yaml  # type: ignore[import-untyped]  # it has no types of its own
        self._text = text
        self._edits: dict[tuple[int, int], str] = {}
        self._loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        self.root: Any = yaml.compose(text, Loader=self._loader)

    def text(self) -> str:
        """Return the changed content."""
        text = self._text
        for (start, end), replacement in sorted(self._edits.items(), reverse=True):
            text = text[:start] + replacement + text[end:]
        return text

    def find(self, node: Any, *names: str) -> Any:
        """Return the node at a path of fields and list indexes, references followed, or None."""
        for name in names:
            node = self.resolve(node)
            if node is None:
                return None
            if node.id == "mapping":
                node = next((value for key, value in node.value if key.value == name), None)
            elif node.id == "sequence" and name.isdigit() and int(name) < len(node.value):
                node = node.value[int(name)]
            else:
                return None
        return self.resolve(node)

    def find_all(self, node: Any, *names: str) -> list[Any]:
        """Return the nodes at a path of fields, with `*` for every item of a list."""
        found = [self.resolve(node)]
        for name in names:
            if name == "*":
                found = [self.resolve(item) for each in found if each.id == "sequence" for item in each.value]
            else:
                found = [self.find(each, name) for each in found]
            found = [each for each in found if each is not None]
        return found

    def resolve(self, node: Any) -> Any:
        """Return the target of a node's reference in the same file, or the node itself."""
        for _ in range(20):
            reference = self.reference(node)
            if reference is None or not reference.startswith("#/"):
                return node
            node = self.find(self.root, *parse_pointer(reference[1:]))
        return None

    @staticmethod
    def reference(node: Any) -> str | None:
        """Return the `$ref` of a node, or None."""
        if node is None or node.id != "mapping":
            return None
        return next((value.value for key, value in node.value if key.value == "$ref"), None)

    def names(self, node: Any) -> list[str]:
        """Return the fields of an object, or the strings of a list."""
        return [key.value for key, _ in node.value] if node.id == "mapping" else [each.value for each in node.value]

    def add_field(self, mapping: Any, name: str, lines: list[str]) -> None:
        """Add a field at the end of a mapping in block style.

        Args:
            mapping: the mapping; it is not empty.
            name: the name of the field.
            lines: its value, in lines with relative indentation.
        """
        key, value = mapping.value[-1]
        indent = " " * key.start_mark.column
        added = [f"{indent}{_scalar(name)}:", *(f"{indent}  {line}" for line in lines)]
        self._insert(self._line_end(value), "".join(f"\n{line}" for line in added))

    def add_item(self, sequence: Any, text: str) -> None:
        """Add a string at the end of a list."""
        last = sequence.value[-1]
        if sequence.flow_style:
            self._insert(last.end_mark.index, f", {_scalar(text)}")
            return
        indent = " " * (last.start_mark.column - 2)
        self._insert(self._line_end(last), f"\n{indent}- {_scalar(text)}")

    def add_lines(self, sequence: Any, lines: list[str]) -> None:
        """Add lines, which contain whole items, at the end of a list in block style."""
        self._insert(self._line_end(sequence), "".join(f"\n{line}" for line in lines))

    def remove_item(self, sequence: Any, text: str) -> bool:
        """Remove a string from a list of several; return whether it is removed."""
        items = sequence.value
        place = next((index for index, each in enumerate(items) if each.value == text), None)
        if place is None or len(items) == 1:
            return False
        if place:
            self._edits[items[place - 1].end_mark.index, items[place].end_mark.index] = ""
        else:
            self._edits[items[0].start_mark.index, items[1].start_mark.index] = ""
        return True

    def replace(self, node: Any, text: str) -> None:
        """Replace a scalar."""
        self._edits[node.start_mark.index, node.end_mark.index] = text

    def add_json_field(self, mapping: Any, name: str, value: Any) -> None:
        """Add a field at the end of an object in a JSON file, whose fields have a line each."""
        key, last = mapping.value[-1]
        indent = " " * key.start_mark.column
        self._insert(last.end_mark.index, f",\n{indent}{json.dumps(name)}: {json.dumps(value)}")

    def _insert(self, place: int, text: str) -> None:
        self._edits[place, place] = self._edits.get((place, place), "") + text

    def _line_end(self, node: Any) -> int:
        """Return the end of the line on which a node ends; the end mark of a block is after the blank lines."""
        end = len(self._text[: node.end_mark.index].rstrip())
        stop = self._text.find("\n", end)
        return len(self._text) if stop < 0 else stop


def _scalar(text: str) -> str:
    """Return a string as a YAML scalar."""
    is_plain = text.isascii() and text.replace("_", "").isalnum() and text[0].isalpha()
    reserved = text.lower() in ("null", "true", "false", "yes", "no", "on", "off", "y", "n")
    return text if is_plain and not reserved else json.dumps(text, ensure_ascii=False)
