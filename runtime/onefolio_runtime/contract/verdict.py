"""Results of a validation: violations, drift and the error that carries them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final, Literal, NamedTuple, TypeAlias

from ..pickling import reduce_error
from ..text import escape_controls

MISSING: Final = "nothing"
"""The description of a value that is not there; other descriptions of values differ from it."""

DriftKind: TypeAlias = Literal["undocumented field", "unknown value", "missing field", "invalid value"]
"""`unknown value` is a new value of an open enum. The last two are defects: see `Drift`."""


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

    @property
    def is_missing(self) -> bool:
        """True if a required field is missing."""
        return self.got == MISSING


class Drift(NamedTuple):
    """One place where a response differs from its schema but is still usable.

    A response that goes beyond its schema has an undocumented field or an unknown value. A *defect* is a field that
    violates its schema and that the reader of the response does not use.

    Attributes:
        pointer: JSON pointer into the body.
        kind: the kind of drift.
        got: the word, if it is an unknown value; otherwise the type and the size of the value, which may be private.
    """

    pointer: str
    kind: DriftKind
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

    def __reduce__(self) -> tuple[Any, ...]:
        return reduce_error(self)
