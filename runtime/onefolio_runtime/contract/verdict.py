"""Results of a validation: violations, drift and the error that carries them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, NamedTuple


class Violation(NamedTuple):
    """One place where a value breaks its schema."""

    pointer: str
    """JSON pointer into the body; "" is the whole of it. A missing field is named as if it were there."""
    expected: str
    got: str


class Drift(NamedTuple):
    """One place where a value goes beyond its schema and can still be used."""

    pointer: str
    kind: Literal["undocumented field", "unknown value"]
    got: str


class Verdict(NamedTuple):
    """What the contract says of one value; both empty means that it conforms."""

    violations: tuple[Violation, ...] = ()
    drifts: tuple[Drift, ...] = ()


CONFORMS = Verdict()


class ContractError(ValueError):
    """Content that breaks its contract: not JSON, or JSON that its schema does not allow."""

    def __init__(self, violations: Iterable[Violation]) -> None:
        self.violations = tuple(violations)
        first = self.violations[0]
        more = f" (and {len(self.violations) - 1} more)" if len(self.violations) > 1 else ""
        super().__init__(f"at {first.pointer or 'the top'}: expected {first.expected}, got {first.got}{more}")
