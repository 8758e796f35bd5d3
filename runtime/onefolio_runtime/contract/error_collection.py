"""Collect the validator's errors part by part, in bounded time and memory."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import jsonschema_rs

_PART_SIZE = 2_000
"""JSON values in a part. The validator returns all errors of a part at once."""


class Offset(NamedTuple):
    """The position of a part's rows in the whole value.

    Attributes:
        rows_path: field names that lead to the rows.
        start: index of the part's first row.
    """

    rows_path: tuple[str, ...]
    start: int

    def path(self, error: jsonschema_rs.ValidationError) -> list[str | int]:
        """Return an error's path in the whole value."""
        path = list(error.instance_path)
        depth = len(self.rows_path)
        if self.start and len(path) > depth and tuple(path[:depth]) == self.rows_path:
            path[depth] = int(path[depth]) + self.start
        return path


def iter_errors(
    validator: jsonschema_rs.Draft202012Validator, value: Any
) -> Iterator[tuple[jsonschema_rs.ValidationError, Offset]]:
    """Yield the errors of a value, each with the offset of its part.

    The validator makes all errors of a value at once, and a hostile body may consist of errors alone. So it validates
    a part at a time, and yields one error only for a part that is still too large.
    """
    for part, offset in _split(value):
        if validator.is_valid(part):
            continue
        if _size(part) <= 2 * _PART_SIZE:
            for error in validator.iter_errors(part):
                yield error, offset
            continue
        yield first_error(validator, part), offset


def first_error(validator: jsonschema_rs.Draft202012Validator, value: Any) -> jsonschema_rs.ValidationError:
    """Return one error of an invalid value."""
    import jsonschema_rs

    try:
        validator.validate(value)
    except jsonschema_rs.ValidationError as error:
        return error
    raise AssertionError("the validator accepts a value that it has just rejected")


def _split(value: Any) -> Iterator[tuple[Any, Offset]]:
    """Yield a value with some of its rows at a time. The rows are the longest list in it, or the value itself."""
    lists: dict[tuple[str, ...], list[Any]] = {}
    if isinstance(value, list):
        lists[()] = value
    elif isinstance(value, dict):
        lists = {(name,): item for name, item in value.items() if isinstance(item, list)}
    if not lists:
        yield value, Offset((), 0)
        return
    rows_path, rows = max(lists.items(), key=lambda each: len(each[1]))

    whole: Any = value

    def part(some: list[Any]) -> Any:
        return {**whole, rows_path[0]: some} if rows_path else some

    some: list[Any] = []
    size = start = 0
    for index, row in enumerate(rows):
        more = _size(row)
        if some and size + more > _PART_SIZE:
            yield part(some), Offset(rows_path, start)
            some, size, start = [], 0, index
        some.append(row)
        size += more
    yield part(some), Offset(rows_path, start)


def _size(value: Any) -> int:
    """Return the number of JSON values in a value; counting stops above two parts."""
    size, left = 1, [value]
    while left and size <= 2 * _PART_SIZE:
        item = left.pop()
        if isinstance(item, dict):
            size += len(item)
            left += [each for each in item.values() if isinstance(each, (dict, list))]
        elif isinstance(item, list):
            size += len(item)
            left += [each for each in item if isinstance(each, (dict, list))]
    return size
