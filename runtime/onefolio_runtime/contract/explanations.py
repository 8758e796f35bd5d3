"""Explain the validator's errors as violations and drift."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, cast

from ..json_pointers import format_pointer
from .error_collection import Offset
from .verdict import MISSING, Drift, Violation

if TYPE_CHECKING:
    import jsonschema_rs

EXCERPT = 40
"""Characters shown of a provider's value, since it may be account data."""


def shorten(text: str, limit: int) -> str:
    """Return a string cut after `limit` characters; an ellipsis marks the cut."""
    return text if len(text) <= limit else f"{text[:limit]}…"


def describe_shape(value: Any) -> str:
    """Return the type and the size of a JSON value, without the value."""
    match value:
        case dict():
            return f"an object of {len(value)} fields"
        case list():
            return f"a list of {len(value)} items"
        case str():
            return f"a string of {len(value)} characters"
        case bool():
            return "a boolean"
        case None:
            return "null"
    return "an integer" if isinstance(value, int) else "a number"


def _excerpt(value: Any) -> str:
    if isinstance(value, dict | list):
        return describe_shape(value)
    if isinstance(value, str):
        value = value[: EXCERPT + 1]  # the representation of a long text takes much memory
    return shorten(repr(value), EXCERPT)


def _causes(error: jsonschema_rs.ValidationError) -> Iterator[jsonschema_rs.ValidationError]:
    """Yield an error's causes: for a union, the errors of the only branch whose type fits the value."""
    if error.kind.name not in ("anyOf", "oneOf"):
        yield error
        return
    branches: list[list[jsonschema_rs.ValidationError]] = error.kind.as_dict()["context"]
    fitting = [
        branch
        for branch in branches
        if not any(cause.kind.name == "type" and cause.instance_path == error.instance_path for cause in branch)
    ]
    if len(fitting) != 1:
        yield error
        return
    for cause in fitting[0]:
        yield from _causes(cause)


def explain_drift(error: jsonschema_rs.ValidationError, offset: Offset) -> Iterator[Drift]:
    """Yield the drift that an error of the closed schema means; a missing field is a violation and no drift."""
    for cause in _causes(error):
        if cause.kind.name == "required":
            continue
        path = offset.path(cause)
        if cause.kind.name == "additionalProperties":
            for name in cause.kind.as_dict()["unexpected"]:
                instance = cast("dict[str, Any]", cause.instance)
                yield Drift(format_pointer([*path, name]), "undocumented field", describe_shape(instance[name]))
        else:
            yield Drift(format_pointer(path), "unknown value", _excerpt(cause.instance))


def explain_violations(error: jsonschema_rs.ValidationError, offset: Offset) -> Iterator[tuple[Violation, bool]]:
    """Yield the violations that an error means, and whether each says more than others of the same value.

    A wrong format says more than the pattern of the same value.
    """
    for cause in _causes(error):
        yield _explain(cause, offset.path(cause)), cause.kind.name == "format"


def _explain(error: jsonschema_rs.ValidationError, path: list[str | int]) -> Violation:
    details = error.kind.as_dict()
    match error.kind.name:
        case "required":
            return Violation(format_pointer([*path, details["property"]]), "a value, the field is required", MISSING)
        case "anyOf" | "oneOf":
            branches = [branch[0] for branch in details["context"]]
            expected = " or ".join(_expected(branch.kind.name, branch.kind.as_dict()) for branch in branches)
        case name:
            expected = _expected(name, details)
    return Violation(format_pointer(path), expected, _excerpt(error.instance))


def _expected(kind: str, details: Mapping[str, Any]) -> str:
    match kind:
        case "type":
            return " or ".join(details["types"])
        case "pattern":
            return f"a string that matches {details['pattern']}"
        case "format":
            return f"a string in the format {details['format']}"
        case "constant":
            return repr(details["expected_value"])
        case _:
            return f"{kind} {' '.join(map(str, details.values()))}"
