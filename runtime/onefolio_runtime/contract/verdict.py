"""Results of a validation: violations, drift and the error that carries them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, NamedTuple

from ..text import escape_controls


class Violation(NamedTuple):
    """One place where a value violates its schema.

    Attributes:
        pointer: JSON pointer into the body; "" is the whole body. A missing field has the pointer it would have.
        expected: the schema's demand.
        got: the value, shortened.
    """

    pointer: str
    expected: str
    got: str


class Drift(NamedTuple):
    """One place where a value goes beyond its schema but is still usable.

    Attributes:
        pointer: JSON pointer into the body.
        kind: the kind of drift.
        got: the value, shortened.
    """

    pointer: str
    kind: Literal["undocumented field", "unknown value"]
    got: str


class Verdict(NamedTuple):
    """The result of validating one value; a conforming value has neither violations nor drift."""

    violations: tuple[Violation, ...] = ()
    drifts: tuple[Drift, ...] = ()


CONFORMS = Verdict()
"""The result for a conforming value."""


class ContractError(ValueError):
    """Content violates its contract: it is not JSON, or its schema does not allow it.

    Attributes:
        violations: at least one.
    """

    def __init__(self, violations: Iterable[Violation]) -> None:
        self.violations = tuple(violations)
        first = self.violations[0]
        more = f" (and {len(self.violations) - 1} more)" if len(self.violations) > 1 else ""
        place = first.pointer or "the top"
        super().__init__(escape_controls(f"at {place}: expected {first.expected}, got {first.got}{more}"))
