"""Collect drift: responses that go beyond a provider's spec. Each kind is reported once and always counted."""

from __future__ import annotations

import logging
import re
from collections import Counter
from collections.abc import Callable
from threading import Lock
from typing import TypeAlias

from attrs import define, evolve, field, frozen

from onefolio_runtime import Drift, escape_controls

_log = logging.getLogger("onefolio.drift")


@frozen
class DriftReport:
    """One kind of drift of one connection.

    Attributes:
        connection: the connection's name.
        operation: the spec's `operationId`.
        pointer: JSON pointer into the body, with list indexes as `*`.
        kind: `"undocumented field"` or `"unknown value"`.
        first: the first value of this kind, shortened.
        count: number of occurrences so far; 1 when it is reported.
    """

    connection: str
    operation: str
    pointer: str
    kind: str
    first: str
    count: int = 1


_INDEX = re.compile(r"/\d+(?=/|$)")
MAX_KINDS = 1_000
"""Kinds that one folio reports. A server that invents names without end fills neither log nor memory."""

OnDrift: TypeAlias = Callable[[DriftReport], None]


@define
class DriftLog:
    """The drift of one folio. The first of each kind goes to the listener and the log; all are counted."""

    on_drift: OnDrift | None = None
    _first: dict[tuple[str, str, str, str], DriftReport] = field(factory=dict)
    _counts: Counter[tuple[str, str, str, str]] = field(factory=Counter)
    _lock: Lock = field(factory=Lock)

    def record(self, connection: str, operation: str, drift: Drift) -> None:
        """Count a drift, and report it if it is the first of its kind."""
        pointer = _INDEX.sub("/*", drift.pointer)
        key = (connection, operation, pointer, drift.kind)
        with self._lock:
            known = key in self._first
            if not known and len(self._first) >= MAX_KINDS:
                return
            self._counts[key] += 1
            if known:
                return
            report = self._first[key] = DriftReport(*key, drift.got)
        # The log never has the value itself, which may be account data.
        # The provider chooses the names in the pointer.
        place = escape_controls(pointer)
        fields = {"connection": connection, "operation": operation, "pointer": place, "kind": drift.kind}
        _log.warning("%(connection)s, %(operation)s: %(kind)s at %(pointer)s", fields, extra=fields)
        if self.on_drift is not None:
            self.on_drift(report)

    def reports(self) -> tuple[DriftReport, ...]:
        """Return every kind so far, with its count."""
        with self._lock:
            return tuple(evolve(report, count=self._counts[key]) for key, report in self._first.items())
