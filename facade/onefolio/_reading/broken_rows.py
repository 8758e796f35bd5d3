"""Rows that violate their contract: a row is refused only if its reader uses a field that is broken.

The broken fields of a row are guarded, and the adapter parses the row. If it reads a guarded field, the row is refused.
Otherwise the row is usable, and its broken fields are defects, which are reported like drift.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping, Sequence
from typing import Any

from attrs import define, field

from onefolio_runtime import (
    MISSING,
    ContractError,
    Drift,
    GuardedObject,
    Sliced,
    Verdict,
    Violation,
    describe_shape,
    format_pointer,
    guard_fields,
    resolve_pointer,
    shorten,
)

from .._connections.resource import Resource
from .._core.errors import ContractViolation, format_violations
from .._core.json_paths import value_at

_VIOLATIONS_PER_SLICE = 1000

_SHOWN_DEMAND = 100
"""Maximum number of characters of a schema's demand in a defect."""


@define
class RowGuard:
    """Makes the errors of one row's broken fields.

    Attributes:
        facts: the keyword arguments of the errors.
        is_open: see `onefolio_runtime.Guard`; False while the row is parsed.
    """

    facts: Mapping[str, Any]
    is_open: bool = False

    def error(self, violation: Violation) -> ContractViolation:
        """Return the error of reading a broken field."""
        error = ContractViolation(format_violations([violation]), **self.facts)
        error.violations = (violation,)
        return error


@define
class BrokenRow:
    """A row that violates its contract.

    Attributes:
        sent: the row as received.
        pointer: JSON pointer of the row.
        guard: the guard of `guarded`.
        violations: its violations, with pointers into the body.
        guarded: the row with its broken fields guarded; None if the row cannot be used at all.
    """

    sent: Any
    pointer: str
    guard: RowGuard
    violations: list[Violation] = field(factory=list)
    guarded: GuardedObject | None = None

    def refusal(self, first: Sequence[Violation] = ()) -> ContractError:
        """Return the error that refuses the row, with the violation that was met first at its beginning."""
        return ContractError(dict.fromkeys([*first, *self.violations]))

    def accept(self) -> list[Drift]:
        """Let the row be used; return its defects."""
        self.guard.is_open = True
        return [self._defect(violation) for violation in self.violations]

    def _defect(self, violation: Violation) -> Drift:
        if violation.is_missing:
            return Drift(violation.pointer, "missing field", MISSING)
        value = resolve_pointer(self.sent, violation.pointer.removeprefix(self.pointer))
        expected = shorten(violation.expected, _SHOWN_DEMAND)
        return Drift(violation.pointer, "invalid value", f"{describe_shape(value)}, expected {expected}")


def find_broken_rows(
    verdict: Verdict,
    body: Any,
    resource: Resource[Any, Any],
    redact: Callable[[Sequence[Violation]], list[Violation]],
    facts: Mapping[str, Any],
) -> Sliced[dict[int, BrokenRow]]:
    """Return the rows that violate their schema, by their index, in slices.

    Args:
        verdict: the result of validating the body.
        body: the body.
        resource: its resource.
        redact: removes secrets from the violations that the errors of guarded fields have.
        facts: the keyword arguments of these errors.

    Raises:
        ContractError: the body violates its schema outside of its rows.
    """
    base = format_pointer(resource.rows_path)
    rows = value_at(body, resource.rows_path)
    broken: dict[int, BrokenRow] = {}
    guarded: dict[int, dict[str, Violation]] = {}
    for start in range(0, len(verdict.violations), _VIOLATIONS_PER_SLICE):
        if start:
            yield
        some = verdict.violations[start : start + _VIOLATIONS_PER_SLICE]
        for violation, shown in zip(some, redact(some), strict=True):
            index = _row_index(violation.pointer, base, listed=isinstance(rows, list))
            if index is None:
                raise ContractError(verdict.violations)
            if index not in broken:
                row, pointer = (rows[index], f"{base}/{index}") if isinstance(rows, list) else (rows, base)
                broken[index], guarded[index] = BrokenRow(row, pointer, RowGuard(facts)), {}
            broken[index].violations.append(violation)
            guarded[index][violation.pointer.removeprefix(broken[index].pointer)] = shown
    for number, (index, each) in enumerate(broken.items()):
        if number and number % _VIOLATIONS_PER_SLICE == 0:
            yield
        if not _hides_account(guarded[index], resource):
            each.guarded = guard_fields(each.sent, guarded[index], each.guard)
    return broken


def _hides_account(pointers: Container[str], resource: Resource[Any, Any]) -> bool:
    """Return True if a row with violations at these pointers cannot be attributed to an account."""
    path = resource.account_id or ()
    return any(format_pointer(path[: depth + 1]) in pointers for depth in range(len(path)))


def guard_rows(body: Any, broken: Mapping[int, BrokenRow], rows_path: Sequence[str]) -> Any:
    """Return a body with guarded rows in place of those that can be used."""
    rows = value_at(body, rows_path)
    guarded = {index: each.guarded for index, each in broken.items() if each.guarded is not None}
    if isinstance(rows, list):
        for index, row in guarded.items():
            rows[index] = row
        return body
    if not guarded:
        return body
    if not rows_path:
        return guarded[0]
    value_at(body, rows_path[:-1])[rows_path[-1]] = guarded[0]
    return body


def _row_index(pointer: str, base: str, *, listed: bool) -> int | None:
    """Return the index of the row at `base` that a pointer leads into, or None if it leads elsewhere."""
    if not pointer.startswith(f"{base}/"):
        return None
    index = pointer[len(base) + 1 :].partition("/")[0]
    return 0 if not listed else int(index) if index.isdigit() else None
