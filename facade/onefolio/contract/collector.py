"""Collect the events of a run into a report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from attrs import evolve

from .curl import curl_command
from .report import DriftFound, Finding, Report
from .run_state import Run
from .scenario import Event, FailedCheck
from .secrets import Secrets

POLITE_RUN_CHECKS = ("no_response", "operation_succeeds")
RUN_CHECKS = (*POLITE_RUN_CHECKS, "used_fields_have_values")
"""Names of the checks on an operation as a whole, beside those on each response."""


class Collector:
    """Collects the events of a run.

    Args:
        run: the run.
        secrets: keys that are removed from the report.
    """

    def __init__(self, run: Run, secrets: Secrets) -> None:
        self._run = run
        self._secrets = secrets
        self._tried: dict[str, Counter[str]] = {label: Counter() for label in run.operations}
        self._findings: dict[tuple[str, str, str], Finding] = {}
        self._succeeded: set[str] = set()
        self._tolerated: dict[str, int] = {}

    @property
    def is_empty(self) -> bool:
        """Whether no request succeeded and nothing failed."""
        return not (self._succeeded or self._findings)

    def add(self, event: Event) -> None:
        """Add the requests and failures of an event."""
        for request in event.requests:
            self._tried.setdefault(request.operation, Counter())[event.phase] += 1
            if 200 <= request.status < 300:
                self._succeeded.add(request.operation)
            elif request.status in self._run.tolerated:
                self._tolerated[request.operation] = request.status
        for failure in event.failures:
            self._add_finding(event.phase, failure)

    def _add_finding(self, phase: str, failure: FailedCheck) -> None:
        """Add a finding; of equal findings, keep the one with the shortest curl command."""
        clean = self._secrets.clean
        curl = "\n".join(curl_command(request, self._secrets.in_shell) for request in failure.requests)
        status = failure.requests[-1].status if failure.requests else 0
        title = clean(failure.title)
        key = (failure.operation, failure.check, title)
        found = Finding(failure.operation, failure.check, title, clean(failure.message), phase, 1, curl, status)
        if before := self._findings.get(key):
            shortest = before if len(before.curl) <= len(found.curl) else found
            found = evolve(shortest, times=before.times + 1)
        self._findings[key] = found

    def report(
        self, *, seed: int, seconds: float, checks: Sequence[str], files: Sequence[Path], restart: str
    ) -> Report:
        """Return the report of the collected events."""
        clean = self._secrets.clean
        untested = {label: reason for label in self._run.operations if (reason := self._require_success(label))}
        notes = [*self._absent_fields(), *(f"{label} {reason}" for label, reason in untested.items())]
        return Report(
            provider=self._run.connection.provider,
            base_url=clean(self._run.connection.base_url),
            profile=self._run.profile.name,
            seed=seed,
            seconds=round(seconds, 2),
            tried={label: dict(phases) for label, phases in self._tried.items()},
            findings=tuple(self._findings.values()),
            drifts=tuple(
                DriftFound(label, clean(pointer), kind, clean(count.first), count.times)
                for (label, pointer, kind, _), count in sorted(self._run.drifts.items(), key=lambda item: item[0])
            ),
            further_drifts=self._run.further_drifts,
            notes=tuple(notes),
            untested=untested,
            checks=tuple(checks),
            files=tuple(map(str, files)),
            restart=restart,
        )

    def _absent_fields(self) -> Iterator[str]:
        """Yield a note for each operation of a real server that never returned some of the fields that are read."""
        for label in self._run.operations if self._run.profile.is_polite else ():
            if absent := ", ".join(self._run.absent_fields(label)):
                yield f"{label}: absent or null in every response, so None in the library: {absent}"

    def _require_success(self, label: str) -> str | None:
        """Return the reason why an operation was not tested; add a finding if it failed without a reason."""
        if label in self._succeeded:
            return None
        if label in self._tolerated:
            return f"only returned HTTP {self._tolerated[label]}; the keys may not permit it, or not now"
        if not self._tried[label]:
            return "was not tested: the listings contain no value for its parameters"
        if not any(operation == label for operation, _, _ in self._findings):
            failure = FailedCheck(label, "operation_succeeds", "No success", "no request got a 2xx status")
            self._add_finding("run", failure)
        return None
