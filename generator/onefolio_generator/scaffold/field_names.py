"""Loading and validation of the table of field names, `field_names.toml`."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal, TypeAlias, get_args

from attrs import frozen

from ..document import DocumentError

Capability: TypeAlias = Literal["accounts", "balances", "positions"]
Kind: TypeAlias = Literal["string", "number", "date", "status", "kind", "type", "side"]

TABLE_FILE = Path(__file__).with_name("field_names.toml")


@frozen
class FieldNames:
    """The names under which providers publish one unified field.

    Attributes:
        kind: how the value is read.
        names: folded names that always mean the field, in order of precedence.
        ambiguous: folded names that usually mean the field, in order of precedence.
    """

    kind: Kind
    names: tuple[str, ...]
    ambiguous: tuple[str, ...] = ()


FieldTable: TypeAlias = Mapping[Capability, Mapping[str, FieldNames]]


def fold_name(name: str) -> str:
    """Return a name in lower case, with ASCII letters and digits only."""
    return re.sub(r"[^0-9a-z]", "", name.lower())


@cache
def field_names() -> FieldTable:
    """Return the table of this package; it is loaded once."""
    return load_field_names(TABLE_FILE)


def load_field_names(path: Path) -> FieldTable:
    """Load a table of field names.

    Raises:
        DocumentError: the file is missing, is not TOML, or does not have the form that its header describes.
    """
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DocumentError(f"{path}: {error}") from error
    if problems := list(_find_problems(table)):
        raise DocumentError("\n".join(f"{path}: {problem}" for problem in problems))
    return {
        capability: {
            field: FieldNames(entry["kind"], tuple(entry["names"]), tuple(entry.get("ambiguous", ())))
            for field, entry in table[capability].items()
        }
        for capability in get_args(Capability)
    }


def _find_problems(table: Mapping[str, Any]) -> Iterator[str]:
    expected = get_args(Capability)
    for capability in expected:
        if not table.get(capability):
            yield f"[{capability}.FIELD] is missing. Add a table for each field of {capability}."
    for capability, fields in table.items():
        if capability not in expected:
            yield f"[{capability}] is unknown. Use one of {', '.join(expected)}."
            continue
        if not isinstance(fields, dict):
            yield f"{capability} is not a table. Write [{capability}.FIELD]."
            continue
        for field, entry in fields.items():
            for problem in _find_entry_problems(entry):
                yield f"[{capability}.{field}]: {problem}"


def _find_entry_problems(entry: Any) -> Iterator[str]:
    if not isinstance(entry, dict):
        yield "this is not a table. Give it a kind and names."
        return
    kinds = get_args(Kind)
    if entry.get("kind") not in kinds:
        yield f"kind is {entry.get('kind')!r}. Use one of {', '.join(kinds)}."
    for key in entry.keys() - {"kind", "names", "ambiguous"}:
        yield f"{key} is unknown. Use kind, names and ambiguous."
    if not entry.get("names"):
        yield "names is missing or empty. List the names that always mean this field."
    seen: set[str] = set()
    for key in ("names", "ambiguous"):
        listed = entry.get(key, [])
        if not isinstance(listed, list):
            yield f"{key} is {listed!r}. Write a list of strings."
            continue
        for name in listed:
            if not isinstance(name, str) or not name or fold_name(name) != name:
                folded = fold_name(str(name)) or "name"
                yield f"{key} contains {name!r}. Write it in lower case without punctuation: {folded!r}."
            elif name in seen:
                yield f"{key} contains {name!r} a second time. Remove one of them."
            else:
                seen.add(name)
