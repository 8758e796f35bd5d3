"""Explain validation errors as violations and drift, in bounded time and memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from .verdict import Drift, Violation

if TYPE_CHECKING:
    import jsonschema_rs

EXCERPT = 40
"""Characters of a foreign value that are shown; account data goes no further than this."""

_PART = 2_000
"""JSON values that the validator is given at a time when it is asked for errors."""


def _json_pointer(path: Iterable[str | int]) -> str:
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path)


def shorten(text: str, limit: int) -> str:
    """Return a text, cut after `limit` characters with an ellipsis where it is longer."""
    return text if len(text) <= limit else f"{text[:limit]}…"


def _excerpt(value: Any) -> str:
    text = f"an object of {len(value)} fields" if isinstance(value, dict) else repr(value)
    text = f"a list of {len(value)} items" if isinstance(value, list) else text
    return shorten(text, EXCERPT)


class Shift(NamedTuple):
    """How far the rows of a part stand from where they stood in the whole."""

    way: tuple[str, ...]
    """Names that lead to the rows."""
    start: int

    def path(self, error: jsonschema_rs.ValidationError) -> list[str | int]:
        """Return an error's path in the whole."""
        path = list(error.instance_path)
        depth = len(self.way)
        if self.start and len(path) > depth and tuple(path[:depth]) == self.way:
            path[depth] = int(path[depth]) + self.start
        return path


def iter_errors(
    validator: jsonschema_rs.Draft202012Validator, value: Any
) -> Iterator[tuple[jsonschema_rs.ValidationError, Shift]]:
    """Yield a value's errors, and where they stand.

    The validator makes all errors at once, each a tenth of a millisecond and some kilobytes, and a body may be made of
    nothing else. So it is given a part at a time, and of one that is still too large, it is asked for one error.
    """
    for part, shift in _parts(value):
        if validator.is_valid(part):
            continue
        if _size(part) <= 2 * _PART:
            for error in validator.iter_errors(part):
                yield error, shift
            continue
        yield first_error(validator, part), shift


def first_error(validator: jsonschema_rs.Draft202012Validator, value: Any) -> jsonschema_rs.ValidationError:
    """Return one error of a value that has some."""
    import jsonschema_rs

    try:
        validator.validate(value)
    except jsonschema_rs.ValidationError as error:
        return error
    raise AssertionError("a value that the validator refuses and accepts")


def _parts(value: Any) -> Iterator[tuple[Any, Shift]]:
    """Yield a value with some of its rows at a time; rows are the longest list that it is or has."""
    lists: dict[tuple[str, ...], list[Any]] = {}
    if isinstance(value, list):
        lists[()] = value
    elif isinstance(value, dict):
        lists = {(name,): item for name, item in value.items() if isinstance(item, list)}
    if not lists:
        yield value, Shift((), 0)
        return
    way, rows = max(lists.items(), key=lambda each: len(each[1]))

    whole: Any = value

    def part(some: list[Any]) -> Any:
        return {**whole, way[0]: some} if way else some

    some: list[Any] = []
    size = start = 0
    for index, row in enumerate(rows):
        more = _size(row)
        if some and size + more > _PART:
            yield part(some), Shift(way, start)
            some, size, start = [], 0, index
        some.append(row)
        size += more
    yield part(some), Shift(way, start)


def _size(value: Any) -> int:
    """Return how many JSON values a value is made of, at least where there are very many."""
    size, left = 1, [value]
    while left and size <= 2 * _PART:
        item = left.pop()
        if isinstance(item, dict):
            size += len(item)
            left += [each for each in item.values() if isinstance(each, (dict, list))]
        elif isinstance(item, list):
            size += len(item)
            left += [each for each in item if isinstance(each, (dict, list))]
    return size


def _causes(error: jsonschema_rs.ValidationError) -> Iterator[jsonschema_rs.ValidationError]:
    """Yield what an error comes down to: for a choice of schemas, the errors of those meant for such a value."""
    if error.kind.name not in ("anyOf", "oneOf"):
        yield error
        return
    branches: list[list[jsonschema_rs.ValidationError]] = error.kind.as_dict()["context"]
    meant = [
        branch
        for branch in branches
        if not any(cause.kind.name == "type" and cause.instance_path == error.instance_path for cause in branch)
    ]
    if len(meant) != 1:
        yield error
        return
    for cause in meant[0]:
        yield from _causes(cause)


def drifts_of(error: jsonschema_rs.ValidationError, shift: Shift) -> Iterator[Drift]:
    for cause in _causes(error):
        path = shift.path(cause)
        if cause.kind.name == "additionalProperties":
            for name in cause.kind.as_dict()["unexpected"]:
                instance = cast("dict[str, Any]", cause.instance)
                yield Drift(_json_pointer([*path, name]), "undocumented field", _excerpt(instance[name]))
        else:
            yield Drift(_json_pointer(path), "unknown value", _excerpt(cause.instance))


def violation_of(error: jsonschema_rs.ValidationError, shift: Shift) -> Violation:
    error = next(_causes(error))
    path = shift.path(error)
    details = error.kind.as_dict()
    match error.kind.name:
        case "required":
            return Violation(_json_pointer([*path, details["property"]]), "a value, the field is required", "nothing")
        case "anyOf" | "oneOf":
            branches = [branch[0] for branch in details["context"]]
            expected = " or ".join(_expected(branch.kind.name, branch.kind.as_dict()) for branch in branches)
        case name:
            expected = _expected(name, details)
    return Violation(_json_pointer(path), expected, _excerpt(error.instance))


def _expected(kind: str, details: Mapping[str, Any]) -> str:
    match kind:
        case "type":
            return " or ".join(details["types"])
        case "pattern":
            return f"a text that matches {details['pattern']}"
        case "format":
            return f"a text in the format {details['format']}"
        case "constant":
            return repr(details["expected_value"])
        case _:
            return f"{kind} {' '.join(map(str, details.values()))}"
