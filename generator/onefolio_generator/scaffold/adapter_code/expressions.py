"""Python expressions that read values from a row of generated models."""

from __future__ import annotations

import json
from collections.abc import Sequence

from ...clients.python_names import to_field_name
from ..field_matching import FieldMatch
from ..schemas import FieldPath


def quote(text: str) -> str:
    """Return a Python literal of a string, whatever characters the spec has put into it."""
    return json.dumps(text)


def render_tuple(names: FieldPath) -> str:
    """Return a Python tuple of strings."""
    return "(" + ", ".join(map(quote, names)) + ("," if len(names) == 1 else "") + ")"


def render_value(match: FieldMatch, variable: str = "row") -> str:
    """Return the expression of a unified field: the exact value of the row, or None."""
    native, schema = match.native, match.native.schema
    source, guards = render_source(native.path, native.required, variable)
    is_optional = not native.required[-1]
    guards_with_source = [*guards, f"{source} is None"] if is_optional else guards
    if match.kind == "number":
        return _guard(_render_number(match, source), guards)
    if match.kind == "date":
        if schema.get("format") == "date-time":
            return _guard(f"{source}.astimezone(UTC).date()", guards_with_source)
        return _guard(source, guards)
    if schema.get("format") == "uuid" and len(native.path) == 1 and not is_optional:
        # The string as sent: converting the UUID back would change the case of its letters.
        return _guard(f"{variable}[{quote(native.path[0])}]", guards)
    if schema.get("type") != "string" or schema.get("format") == "uuid":
        return _guard(f"str({source})", guards_with_source)
    return _guard(source, guards)


def render_source(path: FieldPath, required: Sequence[bool], variable: str) -> tuple[str, list[str]]:
    """Return the expression of a path in a row, and the conditions under which a part of the path is None."""
    source, guards = variable, []
    for name, is_required in zip(path[:-1], required, strict=False):
        source = f"{source}.{to_field_name(name)}"
        if not is_required:
            guards.append(f"{source} is None")
    return f"{source}.{to_field_name(path[-1])}", guards


def _render_number(match: FieldMatch, source: str) -> str:
    is_decimal = match.native.schema.get("format") == "decimal"
    expression = source if is_decimal else f"checked_decimal({source}, {quote(match.native.pointer)})"
    return f"negative_magnitude({expression})" if match.field == "short_market_value" else expression


def _guard(expression: str, guards: list[str]) -> str:
    return f"None if {' or '.join(guards)} else {expression}" if guards else expression
