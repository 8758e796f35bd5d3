"""Collect the events of a run into a report."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from attrs import evolve

from .report import DriftFound, Finding, Report
from .run_state import Run
from .scenario import Event, FailedCheck
from .secrets import Secrets, curl_command


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
        clean, request = self._secrets.clean, failure.request
        curl = clean(curl_command(request.method, request.url, request.headers)) if request else ""
        title = clean(failure.title)
        key = (failure.operation, failure.check, title)
        found = Finding(failure.operation, failure.check, title, clean(failure.message), phase, 1, curl)
        if before := self._findings.get(key):
            shortest = before if len(before.curl) <= len(found.curl) else found
            found = evolve(shortest, times=before.times + 1)
        self._findings[key] = found

    def report(self, *, seed: int, seconds: float, files: list[Path]) -> Report:
        """Return the report of the collected events."""
        notes = [note for label in self._run.operations for note in self._notes(label)]
        return Report(
            provider=self._run.connection.provider,
            base_url=self._secrets.clean(self._run.connection.base_url),
            profile=self._run.profile.name,
            seed=seed,
            seconds=round(seconds, 2),
            tried={label: dict(phases) for label, phases in self._tried.items()},
            findings=tuple(self._findings.values()),
            drifts=tuple(
                DriftFound(label, pointer, kind, self._secrets.clean(value), count)
                for (label, pointer, kind), (value, count) in sorted(self._run.drifts.items())
            ),
            notes=tuple(notes),
            files=tuple(map(str, files)),
        )

    def _notes(self, label: str) -> list[str]:
        """Return the notes on an operation; add a finding if it never succeeded without a reason."""
        notes = []
        if self._run.profile.is_polite and (absent := ", ".join(self._run.absent_fields(label))):
            notes.append(f"{label}: absent or null in every response, so None in the library: {absent}")
        if label in self._succeeded:
            return notes
        if label in self._tolerated:
            status = self._tolerated[label]
            notes.append(f"{label} only returned HTTP {status}; the keys may not permit it, or not now")
        elif not self._tried[label]:
            notes.append(f"{label} was not tested: the listings contain no value for its parameters")
        elif not any(operation == label for operation, _, _ in self._findings):
            failure = FailedCheck(label, "operation_succeeds", "No success", "no request got a 2xx status")
            self._add_finding("run", failure)
        return notes
