"""What a run comes to, for a person and for a program."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import asdict, field, frozen

from onefolio_runtime import shorten

from .._core.text import pluralize
from .run_state import Run
from .secrets import Secrets, curl_line

if TYPE_CHECKING:
    from schemathesis.engine.recorder import ScenarioRecorder

_ALSO = {"response_schema_conformance": "body_keeps_contract"}
"""Checks of schemathesis whose finding a person need not read twice, and the one of ours that says it shorter."""

_SHOWN = 160
"""Characters of a check's message in the text report."""


@frozen
class Finding:
    """One thing that breaks the contract, with the smallest case that shows it.

    Args:
        operation: such as `GET /v1/accounts`.
        check: the check that found it.
        title: what it is, in a few words.
        message: what was expected and what came.
        phase: what was being tried.
        times: how many cases showed it.
        curl: a line for a shell that sends the case; keys are `$VARIABLES`.
    """

    operation: str
    check: str
    title: str
    message: str
    phase: str
    times: int
    curl: str


@frozen
class DriftFound:
    """Something undocumented that can be used all the same.

    Args:
        operation: whose answers have it.
        pointer: where, `*` for any row.
        kind: `"undocumented field"` or `"unknown value"`.
        first: the first value, shortened.
        count: how often it came.
    """

    operation: str
    pointer: str
    kind: str
    first: str
    count: int


@frozen
class Report:
    """What was tried, what failed, what drifted.

    Args:
        provider: the provider's name.
        base_url: the server.
        profile: how much was tried.
        seed: the same one tries the same again.
        seconds: how long it took.
        tried: cases by operation and phase.
        findings: what breaks the contract.
        drifts: what is undocumented.
        notes: what could not be tried, and why.
        files: the reports that were written.
    """

    provider: str
    base_url: str
    profile: str
    seed: int
    seconds: float
    tried: Mapping[str, Mapping[str, int]]
    findings: tuple[Finding, ...] = ()
    drifts: tuple[DriftFound, ...] = ()
    notes: tuple[str, ...] = ()
    files: tuple[str, ...] = field(default=())

    @property
    def exit_code(self) -> int:
        """0 where everything conforms, drift or not; 1 where something breaks the contract."""
        return 1 if self.findings else 0

    def to_json(self) -> str:
        """Return the report as JSON."""
        return json.dumps({"exit_code": self.exit_code, **asdict(self)}, indent=2)

    def to_text(self) -> str:
        """Return the report for a person."""
        lines = [
            f"{self.provider} at {self.base_url}: {self._verdict()}",
            f"profile {self.profile}, seed {self.seed}, {pluralize(sum(map(_total, self.tried.values())), 'request')} in "
            f"{self.seconds:.1f} s",
        ]
        found = {(each.operation, each.check) for each in self.findings}
        for operation, phases in self.tried.items():
            counts = ", ".join(f"{phase} {count}" for phase, count in phases.items())
            lines += ["", operation, f"  tried    {counts or 'nothing'}"]
            for each in self.findings:
                if each.operation == operation and (operation, _ALSO.get(each.check)) not in found:
                    lines += _finding_lines(each)
            for drift in self.drifts:
                if drift.operation == operation:
                    lines.append(f"  drifted  {drift.pointer}: {drift.kind}, {drift.count} times; first {drift.first}")
        for each in self.findings:
            if each.operation not in self.tried:
                lines += ["", each.operation, *_finding_lines(each)]
        lines += ["", *(f"note: {note}" for note in self.notes), *(f"written: {name}" for name in self.files)]
        return "\n".join([*lines, *self._next()]).strip() + "\n"

    def _verdict(self) -> str:
        drifts = f", {pluralize(len(self.drifts), 'drift')}" if self.drifts else ""
        return (
            f"BREAKS the contract, {pluralize(len(self.findings), 'finding')}" if self.findings else "conforms"
        ) + drifts

    def _next(self) -> list[str]:
        lines = []
        if self.findings:
            lines.append(
                "next: run the curl line of the first finding and compare with the spec. Is the server wrong, tell its "
                "operator; has the API changed on purpose, change specs/ and regenerate. Until then calls that meet "
                "this raise an error, or have None where nothing came; no figure is guessed."
            )
        if self.drifts:
            lines.append(
                "next: drift harms nobody today. Add the fields and words to the spec when the provider documents them."
            )
        return lines or ["next: nothing to do."]


def _finding_lines(found: Finding) -> list[str]:
    message = shorten(" ".join(found.message.split()), _SHOWN)
    return [
        f"  FAILED   {found.title} [{found.check}; {found.phase}, {pluralize(found.times, 'case')}]",
        f"           {message}",
        *([f"           {found.curl}"] if found.curl else []),
    ]


def _total(phases: Mapping[str, int]) -> int:
    return sum(phases.values())


class Collector:
    """Makes the report of a run's events.

    Args:
        run: what is tested.
        secrets: its keys.
    """

    def __init__(self, run: Run, secrets: Secrets) -> None:
        self._run = run
        self._secrets = secrets
        self._tried: dict[str, Counter[str]] = {label: Counter() for label in run.operations}
        self._findings: dict[tuple[str, str, str], Finding] = {}
        self._answered: set[str] = set()
        self._passed: dict[str, int] = {}

    @property
    def is_worth_a_report(self) -> bool:
        """Whether anything was answered, or went wrong."""
        return bool(self._answered or self._findings)

    def take_scenario(self, phase: str, recorder: ScenarioRecorder) -> None:
        """Take what was tried in one scenario, free of keys."""
        for case_id, interaction in recorder.interactions.items():
            label = recorder.cases[case_id].value.operation.label
            self._tried.setdefault(label, Counter())[phase] += 1
            status = interaction.response.status_code if interaction.response else 0
            if 200 <= status < 300:
                self._answered.add(label)
            elif status in self._run.passing:
                self._passed[label] = status
        for case_id, checks in recorder.checks.items():
            for check in checks:
                if check.failure_info is not None:
                    failure = check.failure_info.failure
                    culprit = failure.case_id if failure.case_id in recorder.interactions else case_id
                    self.add(
                        recorder.cases[case_id].value.operation.label,
                        check.name,
                        failure.title,
                        failure.message,
                        phase=phase,
                        curl=self._curl(recorder, str(culprit)),
                    )

    def add(self, operation: str, check: str, title: str, message: str, *, phase: str, curl: str = "") -> None:
        """Add a finding; of those that are alike, the one with the shortest request is kept."""
        key = (operation, check, title)
        before = self._findings.get(key)
        texts = [self._secrets.clean(text) for text in (title, message, curl)]
        found = Finding(operation, check, texts[0], texts[1], phase, 1 + (before.times if before else 0), texts[2])
        if before and len(before.curl) <= len(found.curl):
            found = Finding(**{**asdict(before), "times": found.times})
        self._findings[key] = found

    def _curl(self, recorder: ScenarioRecorder, case_id: str) -> str:
        interaction = recorder.interactions.get(case_id)
        if interaction is None:
            return ""
        return curl_line(interaction.request.method, interaction.request.uri, interaction.request.headers)

    def report(self, *, seed: int, seconds: float, files: list[Path]) -> Report:
        """Return the report of what was taken."""
        notes = []
        for label in self._run.operations:
            if self._run.profile.is_polite and (missing := ", ".join(self._run.missing(label))):
                notes.append(f"{label}: absent or null in every answer, and None in the library: {missing}")
            if label in self._answered:
                continue
            if label in self._passed:
                notes.append(f"{label} was answered {self._passed[label]} only: these keys may not read it, or not now")
            elif not self._tried[label]:
                notes.append(f"{label} was not tried: the listings name nothing to ask it for")
            elif not any(operation == label for operation, _, _ in self._findings):
                self.add(label, "operation_answers", "No success", "no request got a 2xx", phase="run")
        return Report(
            provider=self._run.connection.provider,
            base_url=self._secrets.clean(self._run.connection.base_url),
            profile=self._run.profile.name,
            seed=seed,
            seconds=round(seconds, 2),
            tried={label: dict(phases) for label, phases in self._tried.items()},
            findings=tuple(self._findings.values()),
            drifts=tuple(
                DriftFound(label, pointer, kind, self._secrets.clean(got), count)
                for (label, pointer, kind), (got, count) in sorted(self._run.drifts.items())
            ),
            notes=tuple(notes),
            files=tuple(map(str, files)),
        )
