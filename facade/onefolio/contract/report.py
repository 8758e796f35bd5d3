"""The report of a run, as data, JSON and text."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from attrs import asdict, field, frozen

from onefolio_runtime import escape_controls, shorten

from .._core.text import count_items, pluralize

_COVERED_BY = {"response_schema_conformance": "body_matches_contract"}
"""Checks of schemathesis whose findings the text report omits, and the check that reports the same more briefly."""

_MESSAGE_LENGTH = 160
"""Maximum length of a message in the text report."""

_MAX_DRIFT_LINES = 20
"""Maximum number of kinds of drift that the text report lists for an operation."""

_MAX_COMMANDS = 8
"""Maximum number of commands that the text report lists for a finding."""


@frozen
class Finding:
    """A violation of the contract, with the smallest request that shows it.

    Args:
        operation: method and path, such as `GET /v1/accounts`.
        check: name of the check.
        title: summary of the violation.
        message: the expected and the actual value.
        phase: phase of the run.
        times: number of cases that showed the violation.
        curl: shell commands that repeat the requests, one a line; they take the keys from the environment variables.
        status: HTTP status of the last of these requests; 0 if there was no response.
    """

    operation: str
    check: str
    title: str
    message: str
    phase: str
    times: int
    curl: str
    status: int = 0


@frozen
class DriftFound:
    """An undocumented field or value, which the library ignores or passes on.

    Args:
        operation: method and path.
        pointer: JSON pointer to the value; `*` is any row.
        kind: `"undocumented field"` or `"unknown value"`.
        first: the new value, or the type and size of the first value of an undocumented field.
        count: number of occurrences.
    """

    operation: str
    pointer: str
    kind: str
    first: str
    count: int

    def __str__(self) -> str:
        return f"{self.pointer}: {self.kind}, {pluralize(self.count, 'time')}; first {self.first}"


@frozen
class Report:
    """The requests, violations and drift of a run.

    Args:
        provider: name of the provider.
        base_url: the server.
        profile: name of the profile.
        seed: seed of the generated requests; reuse it to repeat the run.
        seconds: duration of the run.
        tried: number of requests by operation and phase.
        findings: violations of the contract.
        drifts: undocumented fields and values.
        further_drifts: number of occurrences of drift of kinds that are not in `drifts`, because there are too many.
        notes: tests that could not be run, with the reasons.
        untested: the reason for each operation that could not be tested; `notes` contains them, too.
        checks: names of the checks that apply to every operation.
        files: report files that were written.
        restart: shell command that starts the server of the run again; empty if the server did not end with the run.
    """

    provider: str
    base_url: str
    profile: str
    seed: int
    seconds: float
    tried: Mapping[str, Mapping[str, int]] = field(repr=count_items)
    findings: tuple[Finding, ...] = field(default=(), repr=count_items)
    drifts: tuple[DriftFound, ...] = field(default=(), repr=count_items)
    further_drifts: int = 0
    notes: tuple[str, ...] = field(default=(), repr=count_items)
    untested: Mapping[str, str] = field(factory=dict, repr=count_items)
    checks: tuple[str, ...] = field(default=(), repr=count_items)
    files: tuple[str, ...] = field(default=(), repr=count_items)
    restart: str = ""

    @property
    def exit_code(self) -> int:
        """0 if the server conforms, even with drift; 1 if it violates the contract."""
        return 1 if self.findings else 0

    def to_json(self) -> str:
        """Return the report as JSON."""
        return json.dumps({"exit_code": self.exit_code, **asdict(self)}, indent=2)

    def to_text(self) -> str:
        """Return the report as text."""
        requests = pluralize(self.requests, "request")
        lines = [
            f"{self.provider} at {self.base_url}: {self._verdict()}",
            f"profile {self.profile}, seed {self.seed}, {requests} in {self.seconds:.1f} s",
        ]
        for operation, phases in self.tried.items():
            counts = ", ".join(f"{phase} {count}" for phase, count in phases.items())
            lines += ["", operation, f"  tried    {counts or 'nothing'}"]
            lines += _finding_lines(self._findings_of(operation))
            lines += [f"  drifted  {line}" for line in self.drift_lines(operation)]
        for finding in self.findings:
            if finding.operation not in self.tried:
                lines += ["", finding.operation, *_finding_lines([finding])]
        if self.further_drifts:
            times = pluralize(self.further_drifts, "time")
            lines += ["", f"drift of further kinds, {times}; only the first {len(self.drifts)} kinds are recorded"]
        lines += ["", *(f"note: {note}" for note in self.notes), *(f"written: {name}" for name in self.files)]
        return "\n".join(map(escape_controls, [*lines, *self._advice()])).strip() + "\n"

    @property
    def requests(self) -> int:
        """Number of requests."""
        return sum(sum(phases.values()) for phases in self.tried.values())

    def drift_lines(self, operation: str) -> list[str]:
        """Return a line for each of the first kinds of an operation's drift, and a line that counts the others."""
        found = [drift for drift in self.drifts if drift.operation == operation]
        lines = list(map(str, found[:_MAX_DRIFT_LINES]))
        if rest := found[_MAX_DRIFT_LINES:]:
            times = pluralize(sum(drift.count for drift in rest), "time")
            lines.append(f"and {pluralize(len(rest), 'more kind')}, {times}; report.json lists them")
        return lines

    def _verdict(self) -> str:
        findings = f"BREAKS the contract, {pluralize(len(self.findings), 'finding')}" if self.findings else "conforms"
        return findings + (f", {pluralize(len(self.drifts), 'drift')}" if self.drifts else "")

    def _findings_of(self, operation: str) -> list[Finding]:
        """Return the findings of an operation that no other finding covers."""
        found = [finding for finding in self.findings if finding.operation == operation]
        checks = {finding.check for finding in found}
        return [finding for finding in found if _COVERED_BY.get(finding.check) not in checks]

    def _preparation(self) -> str:
        """Return the conditions of the curl commands: the keys in the environment, and the server."""
        keys = "" if self.profile == "polite" else " with the mock's keys in the environment"
        return f"{keys}, after `{self.restart}`," if self.restart else keys

    def _advice(self) -> list[str]:
        lines = []
        if self.findings:
            lines.append(
                f"next: run the curl command of the first finding{self._preparation()} and compare the response with "
                "the spec. If the "
                "server is wrong, report the fault to its operator. If the API has changed on purpose, update specs/ "
                "and regenerate the clients. Until then, affected calls raise an error or return None for missing "
                "values; they never return a wrong figure."
            )
        if self.drifts:
            lines.append(
                "next: drift requires no action. Add the fields and values to the spec when the provider documents "
                "them."
            )
        return lines or ["next: no action is required."]


def _finding_lines(findings: Iterable[Finding]) -> list[str]:
    lines = []
    for finding in findings:
        cases = pluralize(finding.times, "case")
        message = shorten(" ".join(finding.message.split()), _MESSAGE_LENGTH)
        lines.append(f"  FAILED   {finding.title} [{finding.check}; {finding.phase}, {cases}]")
        lines.append(f"           {message}")
        commands = finding.curl.splitlines()
        lines += [f"           {command}" for command in commands[:_MAX_COMMANDS]]
        if rest := len(commands) - _MAX_COMMANDS:
            lines += [f"           # and {pluralize(rest, 'more request')}; report.json lists them"] * (rest > 0)
    return lines
