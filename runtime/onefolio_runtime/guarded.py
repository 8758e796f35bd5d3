"""Guard the fields of a JSON object that violate their schema: the others can be read, these raise an error.

A response may violate its contract at a field that its reader does not use. The object around such a field is replaced
by a `GuardedObject`, so that a program which does read the field cannot use its value by mistake.
"""

from __future__ import annotations

from collections.abc import ItemsView, Mapping, ValuesView
from typing import Any, Protocol, TypeAlias

from .contract.verdict import Violation
from .json_pointers import find_key, parse_pointer

_Tree: TypeAlias = "dict[str, _Tree | Violation]"
"""Violations by the member names and list indexes that lead to them."""


class Guard(Protocol):
    """Makes the errors of the guarded objects of one row.

    Attributes:
        is_open: True if `items()` and `values()` return the values as received, also those that violate the schema.
    """

    is_open: bool

    def error(self, violation: Violation) -> Exception:
        """Return the error of reading a field that violates its schema."""
        raise NotImplementedError


class GuardedObject(dict[str, Any]):
    """A JSON object some of whose fields violate their schema.

    Reading such a field raises the error of its guard, also if the field is missing. Iteration, comparison and
    encoding return the object as received.

    Args:
        members: the object.
        violations: the violation of each guarded field, by its name.
        guard: makes the errors.
    """

    __slots__ = ("_guard", "_violations")

    def __init__(self, members: Mapping[str, Any], violations: Mapping[str, Violation], guard: Guard) -> None:
        super().__init__(members)
        self._violations = violations
        self._guard = guard

    def __reduce__(self) -> tuple[Any, ...]:
        return GuardedObject, (dict(self), self._violations, self._guard)

    def __getitem__(self, name: str) -> Any:
        self._require_valid(name)
        return super().__getitem__(name)

    def get(self, name: str, default: Any = None) -> Any:
        """Return the value of a field, or the default if the field is missing."""
        self._require_valid(name)
        return super().get(name, default)

    def items(self) -> ItemsView[str, Any]:  # type: ignore[override]  # dict has its own class of views
        """Return all members; an adapter that iterates over them reads the guarded ones."""
        self._require_open()
        return super().items()

    def values(self) -> ValuesView[Any]:  # type: ignore[override]  # dict has its own class of views
        """Return all values; see `items`."""
        self._require_open()
        return super().values()

    def _require_valid(self, name: str) -> None:
        violation = self._violations.get(name)
        if violation is not None:
            raise self._guard.error(violation)

    def _require_open(self) -> None:
        if not self._guard.is_open:
            for violation in self._violations.values():
                raise self._guard.error(violation)


def guard_fields(row: Any, violations: Mapping[str, Violation], guard: Guard) -> GuardedObject | None:
    """Return a copy of a JSON object in which the fields that violate their schema are guarded.

    Args:
        row: the object.
        violations: the violations by their pointers, relative to the row.
        guard: makes the errors.

    Returns:
        None if a violation concerns the row as a whole.
    """
    if "" in violations:
        return None
    tree: _Tree = {}
    for pointer, violation in violations.items():
        *parents, last = parse_pointer(pointer)
        branch: _Tree | Violation = tree
        for token in parents:
            branch = branch.setdefault(token, {}) if isinstance(branch, dict) else branch
        if isinstance(branch, dict):
            branch[last] = violation
    guarded = _guard(row, tree, guard)
    return guarded if isinstance(guarded, GuardedObject) else None


def _guard(value: Any, tree: _Tree, guard: Guard) -> Any:
    """Return a copy of an object or a list with guarded objects in it, or a violation of the value as a whole."""
    violations: dict[str, Violation] = {}
    replaced: dict[Any, Any] = {}
    for token, branch in tree.items():
        key = find_key(value, token)
        inner = branch if isinstance(branch, Violation) or key is None else _guard(value[key], branch, guard)
        if isinstance(inner, Violation):
            violations[token] = inner
        elif key is not None:
            replaced[key] = inner
    if isinstance(value, dict):
        return GuardedObject({**value, **replaced}, violations, guard)
    # A list has no names of its own, so the field that holds it is guarded.
    return next(iter(violations.values()), None) or [replaced.get(index, item) for index, item in enumerate(value)]
