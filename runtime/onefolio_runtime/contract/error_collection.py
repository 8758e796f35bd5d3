"""Collect the validator's errors part by part, in bounded time and memory."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import jsonschema_rs

PART_SIZE = 2_000
"""JSON values in a part, unless one row has more."""

MAX_PART_SIZE = 2**17
"""JSON values in a part of a large body that can be validated without a long pause."""

_MIN_ROW_SIZE = 20
"""Values that a smaller row counts as, since an empty row has an error for each required field."""


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


class Part(NamedTuple):
    """A value with some of its rows.

    Attributes:
        value: the part; the lists of other parts are empty in it.
        offset: the position of its rows.
    """

    value: Any
    offset: Offset


def iter_errors(
    validator: jsonschema_rs.Draft202012Validator, part: Part
) -> Iterator[tuple[jsonschema_rs.ValidationError, Offset]]:
    """Yield the errors of an invalid part; only one error if the part is still too large.

    The validator makes all errors of a value at once, and a hostile body may consist of errors alone.
    """
    if size(part.value) > 2 * PART_SIZE:
        yield first_error(validator, part.value), part.offset
        return
    for error in validator.iter_errors(part.value):
        yield error, part.offset


def first_error(validator: jsonschema_rs.Draft202012Validator, value: Any) -> jsonschema_rs.ValidationError:
    """Return one error of an invalid value."""
    import jsonschema_rs

    try:
        validator.validate(value)
    except jsonschema_rs.ValidationError as error:
        return error
    raise AssertionError("the validator accepts a value that it has just rejected")


def whole(value: Any) -> Part:
    """Return a value as its only part."""
    return Part(value, Offset((), 0))


def split(value: Any) -> Iterator[Part]:
    """Yield a value in parts. The rows are the items of the value itself, or of the lists among its fields."""
    lists: dict[tuple[str, ...], list[Any]] = {}
    if isinstance(value, list):
        lists[()] = value
    elif isinstance(value, dict):
        lists = {(name,): item for name, item in value.items() if isinstance(item, list) and item}
    if not lists:
        yield whole(value)
        return
    empty: Any = value if isinstance(value, list) else {**value, **{path[0]: [] for path in lists}}
    for rows_path, rows in lists.items():
        for start, some in _portions(rows):
            yield Part({**empty, rows_path[0]: some} if rows_path else some, Offset(rows_path, start))


def _portions(rows: list[Any]) -> Iterator[tuple[int, list[Any]]]:
    """Yield portions of about `PART_SIZE` values, each with the index of its first row."""
    portion: list[Any] = []
    total = start = 0
    for index, row in enumerate(rows):
        more = max(size(row), _MIN_ROW_SIZE)
        if portion and total + more > PART_SIZE:
            yield start, portion
            portion, total, start = [], 0, index
        portion.append(row)
        total += more
    yield start, portion


def size(value: Any, limit: int = 2 * PART_SIZE) -> int:
    """Return the number of JSON values in a value; counting stops above `limit`."""
    count, left = 1, [value]
    while left:
        item = left.pop()
        count += len(item) if isinstance(item, dict | list) else 0
        if count > limit:
            break
        if isinstance(item, dict):
            left += [each for each in item.values() if isinstance(each, (dict, list))]
        elif isinstance(item, list):
            left += [each for each in item if isinstance(each, (dict, list))]
    return count
