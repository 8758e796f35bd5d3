"""Collect drift: responses that go beyond a provider's spec. Each kind is reported once and always counted."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable
from threading import Lock
from typing import TypeAlias

from attrs import define, evolve, field, frozen

from onefolio_runtime import Drift, DriftKind, escape_controls

from .._core.json_paths import without_indexes
from .._models.pydantic_schema import PydanticSchema

_log = logging.getLogger("onefolio.drift")


@frozen
class DriftReport(PydanticSchema):
    """One kind of drift of one connection.

    Attributes:
        connection: the connection's name.
        operation: the spec's `operationId`.
        pointer: JSON pointer into the body, with list indexes as `*`.
        kind: `"undocumented field"`, `"unknown value"`, `"missing field"` or `"invalid value"`. The last two are
            defects: the field violates the contract, and no unified model reads it.
        first: the unknown value; for all other kinds the type and the size of the first value, which may be private.
        count: number of occurrences so far; 1 when it is reported.
    """

    connection: str
    operation: str
    pointer: str
    kind: DriftKind
    first: str
    count: int = 1


MAX_KINDS = 1_000
"""Kinds that one folio reports. A server that invents names without end fills neither log nor memory."""

MAX_VALUES = 20
"""Unknown values of one field that are reported each by itself."""

OTHERS = "other values"
"""Stands for the unknown values of a field beyond `MAX_VALUES`."""

OnDrift: TypeAlias = Callable[[DriftReport], None]


_Place: TypeAlias = tuple[str, str, str, DriftKind]
"""Connection, operation, pointer and kind."""


@define
class DriftLog:
    """The drift of one folio. The first of each kind goes to the listener and the log; all are counted.

    Each unknown value of a field is a kind of its own.
    """

    on_drift: OnDrift | None = None
    _first: dict[tuple[_Place, str], DriftReport] = field(factory=dict)
    _counts: Counter[tuple[_Place, str]] = field(factory=Counter)
    _values: Counter[_Place] = field(factory=Counter)
    _lock: Lock = field(factory=Lock)

    def record(self, connection: str, operation: str, drift: Drift) -> None:
        """Count a drift, and report it if it is the first of its kind."""
        pointer = without_indexes(drift.pointer)
        place = (connection, operation, pointer, drift.kind)
        with self._lock:
            key = (place, self._distinguish(place, drift))
            known = key in self._first
            if not known and len(self._first) >= MAX_KINDS:
                return
            self._counts[key] += 1
            if known:
                return
            self._values[place] += 1
            report = self._first[key] = DriftReport(*place, key[1] or drift.got)
        # The log never has the value itself, which may be account data.
        # The provider chooses the names in the pointer.
        shown = escape_controls(pointer)
        fields = {"connection": connection, "operation": operation, "pointer": shown, "kind": drift.kind}
        _log.warning("%(connection)s, %(operation)s: %(kind)s at %(pointer)s", fields, extra=fields)
        if self.on_drift is not None:
            self.on_drift(report)

    def _distinguish(self, place: _Place, drift: Drift) -> str:
        """Return the part of a drift that makes it a kind of its own, besides its place."""
        if drift.kind != "unknown value":
            return ""
        if (place, drift.got) in self._first or self._values[place] < MAX_VALUES:
            return drift.got
        return OTHERS

    def reports(self) -> tuple[DriftReport, ...]:
        """Return every kind so far, with its count."""
        with self._lock:
            return tuple(evolve(report, count=self._counts[key]) for key, report in self._first.items())
