"""Collect the validator's errors part by part, in bounded time and memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from ..json_pointers import format_pointer

if TYPE_CHECKING:
    import jsonschema_rs

PART_SIZE = 2_000
"""JSON values in a part, unless one row has more."""

MAX_PART_SIZE = 2**17
"""JSON values in a part of a large body that can be validated without a long pause."""

_PART_ROWS = 2_000

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
        size: the number of JSON values in it, if they were counted; see `size`.
    """

    value: Any
    offset: Offset
    size: int = 0

    @property
    def is_too_large(self) -> bool:
        """True if not all errors of the part can be collected."""
        return self.size > 2 * PART_SIZE

    @property
    def pointer(self) -> str:
        """JSON pointer of its first row in the whole value, or of the whole value if that has no rows."""
        return format_pointer([*self.offset.rows_path, self.offset.start]) if self.has_rows else ""

    @property
    def has_rows(self) -> bool:
        """True if the part has rows of its own, False if it is a whole value without lists."""
        return bool(self.offset.rows_path) or isinstance(self.value, list)

    def without_rows(self) -> Part:
        """Return the values around the rows of the part; the lists are empty."""
        path = self.offset.rows_path
        return whole({**self.value, path[0]: []} if path else [])


def iter_errors(
    validator: jsonschema_rs.Draft202012Validator, part: Part
) -> Iterator[tuple[jsonschema_rs.ValidationError, Offset]]:
    """Yield the errors of an invalid part; only one error if the part is still too large.

    The validator makes all errors of a value at once, and a hostile body may consist of errors alone.
    """
    if part.is_too_large:
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
    """Yield a value in parts of a few thousand rows, which are validated to see whether they are valid."""
    return _parts(value, _by_number)


def divide(part: Part) -> Iterator[Part]:
    """Yield an invalid part in parts of about `PART_SIZE` values, whose errors are collected."""
    for each in _parts(part.value, _by_size):
        yield each._replace(offset=each.offset._replace(start=each.offset.start + part.offset.start))


def _parts(value: Any, portions: Callable[[list[Any]], Iterator[_Portion]]) -> Iterator[Part]:
    """Yield a value in parts. The rows are the items of the value itself, or of the lists among its fields."""
    lists: dict[tuple[str, ...], list[Any]] = {}
    if isinstance(value, list):
        lists[()] = value
    elif isinstance(value, dict):
        lists = {(name,): item for name, item in value.items() if isinstance(item, list) and item}
    if not lists:
        yield Part(value, Offset((), 0), size(value))
        return
    empty: Any = value if isinstance(value, list) else {**value, **{path[0]: [] for path in lists}}
    for rows_path, rows in lists.items():
        for some, start, count in portions(rows):
            yield Part({**empty, rows_path[0]: some} if rows_path else some, Offset(rows_path, start), count)


class _Portion(NamedTuple):
    rows: list[Any]
    start: int
    size: int


def _by_number(rows: list[Any]) -> Iterator[_Portion]:
    for start in range(0, max(len(rows), 1), _PART_ROWS):
        yield _Portion(rows[start : start + _PART_ROWS], start, 0)


def _by_size(rows: list[Any]) -> Iterator[_Portion]:
    portion: list[Any] = []
    total = start = 0
    for index, row in enumerate(rows):
        more = max(size(row), _MIN_ROW_SIZE)
        if portion and total + more > PART_SIZE:
            yield _Portion(portion, start, total)
            portion, total, start = [], 0, index
        portion.append(row)
        total += more
    yield _Portion(portion, start, total)


def size(value: Any, limit: int = 2 * PART_SIZE) -> int:
    """Return the number of JSON values in a value; counting stops above `limit`."""
    count, left = 1, [value]
    while left and count <= limit:
        item = left.pop()
        kind = type(item)
        if kind is not dict and kind is not list:
            continue
        count += len(item)
        if count <= limit:
            inner = item.values() if kind is dict else item
            left += [each for each in inner if type(each) is dict or type(each) is list]
    return count
