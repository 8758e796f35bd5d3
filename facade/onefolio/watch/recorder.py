"""Record exchanges: inspect each, count it, and write the counts to the ledger from time to time."""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Protocol

from onefolio_runtime import escape_controls

from .._core.errors import ConfigurationError
from .exchanges import Exchange
from .findings import Batch, Finding
from .fingerprints import open_fingerprints
from .inspection import Inspector
from .ledger import Ledger
from .routes import Routes

_log = logging.getLogger("onefolio.watch")

INTERVAL = 1.0
"""Seconds between two writes to the ledger."""

MAX_KINDS = 1_000
"""Findings that one process distinguishes."""

_MAX_PENDING = 100_000
"""Counts that are kept while the ledger cannot be written."""


class Listener(Protocol):
    """Receives results that leave the process, such as metrics."""

    def response(self, connection: str, key: str, operation: str, status: int, findings: Iterable[Finding]) -> None:
        """Receive a response that was checked."""
        raise NotImplementedError

    def first(self, connection: str, provider: str, finding: Finding) -> None:
        """Receive the first occurrence of a finding in a ledger."""
        raise NotImplementedError


class Recorder:
    """Counts the exchanges of one connection in a ledger.

    Args:
        provider: the provider's name.
        ledger: the file.
        connection: the connection's name in the ledger; by default the provider's.
        listeners: receive results.
        clock: returns seconds for the interval of the writes.

    Raises:
        ConfigurationError: the provider is unknown, or the ledger cannot be written.
    """

    def __init__(
        self,
        provider: str,
        ledger: Path,
        *,
        connection: str | None = None,
        listeners: Iterable[Listener] = (),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.provider = provider
        self.connection = connection or provider
        self._ledger = Ledger(ledger)
        self._ledger.register(self.connection, provider)
        self._fingerprints = open_fingerprints(ledger)
        self._inspector = Inspector(provider)
        self._listeners = tuple(listeners)
        self._clock = clock
        self._batch = Batch()
        self._known: set[Finding] = set()
        self._written = clock()
        self._is_failing = False

    @property
    def routes(self) -> Routes:
        """The provider's operations."""
        return self._inspector.routes

    def record(self, exchange: Exchange) -> None:
        """Inspect an exchange and count it. No exception leaves this method."""
        try:
            key = self._fingerprints.of(exchange.credentials)
            inspection = self._inspector.inspect(exchange, key)
            findings = [each for each in inspection.findings if self._is_counted(each)]
            self._batch.add(key, exchange.at, inspection, findings)
            for listener in self._listeners:
                listener.response(self.connection, key, inspection.operation, inspection.status, findings)
        except Exception as error:  # noqa: BLE001  # a fault of the check must not end the checks
            # The message of an exception may repeat a value of the response.
            _log.warning("%s: a response was not checked (%s)", self.connection, type(error).__name__)
            self.count_unchecked({"fault of the check": 1})

    def count_unchecked(self, reasons: Mapping[str, int]) -> None:
        """Count responses that were not checked, by reason."""
        self._batch.unchecked.update(reasons)

    def write_if_due(self) -> None:
        """Write to the ledger if the last write is long enough ago."""
        if self._clock() - self._written >= INTERVAL:
            self.write()

    def write(self) -> None:
        """Write to the ledger. Counts that cannot be written are kept for the next time."""
        self._written = self._clock()
        self._batch.shapes.update(self._inspector.take_shapes())
        if not self._batch:
            return
        try:
            new = self._ledger.write(self.connection, self._batch)
        except ConfigurationError as error:
            if not self._is_failing:
                _log.warning("%s: %s. The counts are kept and written later.", self.connection, error)
            self._is_failing = True
            if len(self._batch.findings) + len(self._batch.responses) > _MAX_PENDING:
                lost = sum(each.count for each in self._batch.responses.values())
                self._batch = Batch(unchecked=Counter({"ledger not writable": lost}))
            return
        self._is_failing = False
        self._batch = Batch()
        for finding in new:
            self._report(finding)

    def _report(self, finding: Finding) -> None:
        place = " ".join(filter(None, (finding.operation, finding.status, finding.place, finding.detail)))
        _log.warning("%s: %s at %s", self.connection, finding.kind, escape_controls(place))
        for listener in self._listeners:
            listener.first(self.connection, self.provider, finding)

    def _is_counted(self, finding: Finding) -> bool:
        """Return whether a finding is within the limit of kinds."""
        if finding not in self._known:
            if len(self._known) >= MAX_KINDS:
                return False
            self._known.add(finding)
        return True
