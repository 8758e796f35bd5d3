"""Explain the validator's errors as violations and drift."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, cast

from ..json_pointers import format_pointer
from .error_collection import Offset
from .verdict import Drift, Violation

if TYPE_CHECKING:
    import jsonschema_rs

EXCERPT = 40
"""Characters shown of a provider's value, since it may be account data."""


def shorten(text: str, limit: int) -> str:
    """Return a string cut after `limit` characters; an ellipsis marks the cut."""
    return text if len(text) <= limit else f"{text[:limit]}…"


def _excerpt(value: Any) -> str:
    match value:
        case dict():
            return f"an object of {len(value)} fields"
        case list():
            return f"a list of {len(value)} items"
        case str():
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
    """Yield the drift that an error of the closed schema means."""
    for cause in _causes(error):
        path = offset.path(cause)
        if cause.kind.name == "additionalProperties":
            for name in cause.kind.as_dict()["unexpected"]:
                instance = cast("dict[str, Any]", cause.instance)
                yield Drift(format_pointer([*path, name]), "undocumented field", _excerpt(instance[name]))
        else:
            yield Drift(format_pointer(path), "unknown value", _excerpt(cause.instance))


def is_format(error: jsonschema_rs.ValidationError) -> bool:
    """Return whether a string is not in the format of its schema."""
    return error.kind.name == "format"


def explain_violation(error: jsonschema_rs.ValidationError, offset: Offset) -> Violation:
    """Return the violation that an error means."""
    causes = list(_causes(error))
    # A format says more than the pattern of the same value.
    formats = (each for each in causes if is_format(each) and each.instance_path == causes[0].instance_path)
    error = next(formats, causes[0])
    path = offset.path(error)
    details = error.kind.as_dict()
    match error.kind.name:
        case "required":
            return Violation(format_pointer([*path, details["property"]]), "a value, the field is required", "nothing")
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
