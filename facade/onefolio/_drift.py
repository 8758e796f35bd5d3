"""What providers send beyond their specs: told once a kind, counted always."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from threading import Lock
from typing import TypeAlias

from attrs import define, field, frozen

from onefolio_runtime import Drift

_log = logging.getLogger("onefolio.drift")


@frozen
class DriftReport:
    """One kind of drift of one connection.

    Attributes:
        connection: the connection's name.
        operation: the spec's `operationId`.
        pointer: JSON pointer into the body, list indexes as `*`.
        kind: `"undocumented field"` or `"unknown value"`.
        first: the first value met, shortened.
    """

    connection: str
    operation: str
    pointer: str
    kind: str
    first: str


OnDrift: TypeAlias = Callable[[DriftReport], None]


@define
class DriftLog:
    """The drifts of one folio. Each kind goes to the listener and the log once; `counts` has them all."""

    on_drift: OnDrift | None = None
    counts: dict[tuple[str, str, str, str], int] = field(factory=dict)
    _lock: Lock = field(factory=Lock)

    def note(self, connection: str, operation: str, drift: Drift) -> None:
        """Count a drift, and tell of it if it is the first of its kind."""
        pointer = re.sub(r"/\d+(?=/|$)", "/*", drift.pointer)
        key = (connection, operation, pointer, drift.kind)
        with self._lock:
            self.counts[key] = count = self.counts.get(key, 0) + 1
        if count > 1:
            return
        report = DriftReport(connection, operation, pointer, drift.kind, drift.got)
        _log.warning(
            "%s, %s: %s at %s",
            connection,
            operation,
            drift.kind,
            pointer,
            extra={"connection": connection, "operation": operation, "pointer": pointer, "kind": drift.kind},
        )
        if self.on_drift is not None:
            self.on_drift(report)
