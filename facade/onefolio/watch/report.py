"""The report of a ledger, as text, JSON and HTML."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta

from attrs import asdict, field, frozen

from onefolio_runtime import escape_controls

from .._core.errors import ConfigurationError
from .._core.html import render_page
from .._core.text import count_items, format_value, pluralize
from . import findings as kinds
from .findings import Finding, Tally
from .ledger import Acknowledgement, Ledger

_SPAN = re.compile(r"([0-9]{1,6})([mhdw])")
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}

_RESPONSE_KINDS = (kinds.UNDOCUMENTED_STATUS, kinds.ERROR_STATUS, kinds.FAILED_RESPONSE, kinds.ERROR_IN_BODY)
"""Kinds of findings that replace the whole response, and may be a matter of the key."""

_MAX_KEYS = 5
"""Keys of a finding in the text; JSON and HTML contain all."""


@frozen
class KeyCount:
    """The count of a finding for one key.

    Attributes:
        key: the fingerprint of the key.
        count: responses with the finding.
        responses: responses of the operation.
    """

    key: str
    count: int
    responses: int


@frozen
class ReportedFinding:
    """A finding with its counts.

    Attributes:
        id: for `onefolio watch ack`.
        connection: the connection's name.
        provider: the provider's name.
        operation: method and path template.
        kind: the kind; see `onefolio.watch.findings.KINDS`.
        status: the status, or class of statuses.
        place: JSON pointer into the body, with `*` for list indexes.
        detail: the new value of an enum, or the expected and the received type.
        shapes: types and formats of the values at the place, for an undocumented field.
        count: responses with the finding.
        responses: responses of the operation.
        first: the time of the first one, in ISO 8601.
        last: the time of the last one.
        keys: the counts by key, the highest first.
        note: an explanation, or empty.
        acknowledged: the time of the acknowledgement, or None.
        reason: the note of the acknowledgement.
    """

    id: str
    connection: str
    provider: str
    operation: str
    kind: str
    status: str
    place: str
    detail: str
    shapes: tuple[str, ...]
    count: int
    responses: int
    first: str
    last: str
    keys: tuple[KeyCount, ...]
    note: str = ""
    acknowledged: str | None = None
    reason: str = ""

    @property
    def share(self) -> str:
        """The share of the operation's responses, in percent."""
        return format_share(self.count, self.responses)

    @property
    def subject(self) -> str:
        """The operation with the status and the place."""
        status = f"status {self.status}" if self.status else ""
        return " ".join(filter(None, (self.operation, status, self.place)))


@frozen
class ConnectionCount:
    """The traffic of one connection.

    Attributes:
        connection: the connection's name.
        provider: the provider's name.
        responses: number of responses.
        keys: number of keys.
        unchecked: responses whose bodies were not checked since the ledger was created, by reason.
    """

    connection: str
    provider: str
    responses: int
    keys: int
    unchecked: Mapping[str, int]


@frozen
class Report:
    """The findings of a ledger.

    Attributes:
        ledger: the file.
        since: the start of the counts in ISO 8601, a whole hour; None for all.
        connections: the traffic of each connection.
        findings: new ones first, then by the effect of their kind, then by count.
    """

    ledger: str
    since: str | None
    connections: tuple[ConnectionCount, ...] = field(repr=count_items)
    findings: tuple[ReportedFinding, ...] = field(repr=count_items)

    @property
    def news(self) -> tuple[ReportedFinding, ...]:
        """The findings without an acknowledgement."""
        return tuple(each for each in self.findings if each.acknowledged is None)

    def to_text(self) -> str:
        """Return the report as plain text."""
        return "\n".join(map(escape_controls, _text_lines(self)))

    def to_json(self) -> str:
        """Return the report as a JSON object."""
        return json.dumps(asdict(self), indent=2)

    def to_html(self) -> str:
        """Return the report as one HTML page without external resources.

        Raises:
            ConfigurationError: jinja2 is not installed.
        """
        return render_page("watch", report=self, summary=_summary(self), format_share=format_share)


def format_share(count: int, total: int) -> str:
    """Return a share in percent."""
    return f"{100 * count / total:.1f} %" if total else "–"


def parse_since(text: str, now: datetime) -> float:
    """Return the time that an option states, in seconds since the epoch.

    Args:
        text: a span such as `30m`, `24h`, `7d` or `2w`, or a date or time in ISO 8601, in UTC if it states no zone.
        now: the present time.

    Raises:
        ConfigurationError: the text is neither.
    """
    if span := _SPAN.fullmatch(text):
        return (now - timedelta(**{_UNITS[span[2]]: int(span[1])})).timestamp()
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        example = "for example 24h, 7d or 2026-11-20"
        raise ConfigurationError(f"--since {format_value(text)} is neither a span nor a date; {example}") from None
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()


def make_report(ledger: Ledger, *, since: float = 0.0) -> Report:
    """Return the report of a ledger.

    Args:
        ledger: the ledger.
        since: seconds since the epoch; counts begin with the hour of this time.

    Raises:
        ConfigurationError: the ledger cannot be read.
    """
    providers, acknowledged = ledger.connections(), ledger.acknowledgements()
    responses, unchecked = ledger.responses(since), ledger.unchecked()
    shapes: dict[tuple[str, str, str, str], list[str]] = defaultdict(list)
    for (*place, shape), _ in ledger.shapes().most_common():
        shapes[tuple(place)].append(shape)  # type: ignore[index]  # four strings
    totals: Counter[tuple[str, str, str]] = Counter()
    for (connection, key, operation, _), tally in responses.items():
        totals[connection, operation, key] += tally.count
    reported = []
    for (connection, finding), tallies in ledger.findings(since).items():
        reported.append(
            _reported(
                connection,
                providers.get(connection, ""),
                finding,
                tallies,
                totals,
                note=_explain(connection, finding, tallies, responses, totals),
                shapes=shapes.get((connection, finding.operation, finding.status, finding.place), []),
                acknowledgement=acknowledged.get(finding.id(connection)),
            )
        )
    reported.sort(key=lambda each: (each.acknowledged is not None, kinds.KINDS.index(each.kind), -each.count))
    return Report(
        ledger=str(ledger.path),
        since=_format_time(since // 3600 * 3600) if since else None,
        connections=tuple(
            ConnectionCount(
                connection,
                provider,
                sum(count for (name, _, _), count in totals.items() if name == connection),
                len({key for name, _, key in totals if name == connection}),
                {reason: count for (name, reason), count in unchecked.items() if name == connection},
            )
            for connection, provider in providers.items()
        ),
        findings=tuple(reported),
    )


def _reported(
    connection: str,
    provider: str,
    finding: Finding,
    tallies: Mapping[str, Tally],
    totals: Counter[tuple[str, str, str]],
    *,
    note: str,
    shapes: list[str],
    acknowledgement: Acknowledgement | None,
) -> ReportedFinding:
    keys = sorted(tallies, key=lambda key: -tallies[key].count)
    return ReportedFinding(
        id=finding.id(connection),
        connection=connection,
        provider=provider,
        **finding._asdict(),
        shapes=tuple(shapes) if finding.kind == kinds.UNDOCUMENTED_FIELD else (),
        count=sum(each.count for each in tallies.values()),
        responses=sum(
            count
            for (name, operation, _), count in totals.items()
            if (name, operation) == (connection, finding.operation)
        ),
        first=_format_time(min(each.first for each in tallies.values())),
        last=_format_time(max(each.last for each in tallies.values())),
        keys=tuple(KeyCount(key, tallies[key].count, totals[connection, finding.operation, key]) for key in keys),
        note=note,
        acknowledged=None if acknowledgement is None else _format_time(acknowledgement.at),
        reason="" if acknowledgement is None else acknowledgement.note,
    )


def _explain(
    connection: str,
    finding: Finding,
    tallies: Mapping[str, Tally],
    responses: Mapping[tuple[str, str, str, int], Tally],
    totals: Counter[tuple[str, str, str]],
) -> str:
    """Explain a failure of some keys: whether other keys work, and whether other operations of these keys do."""
    if finding.kind not in _RESPONSE_KINDS:
        return ""
    keys = {key for name, operation, key in totals if (name, operation) == (connection, finding.operation)}
    working = sorted(
        {
            operation
            for name, key, operation, status in responses
            if name == connection and key in tallies and 200 <= status < 300 and operation != finding.operation
        }
    )
    parts = []
    if others := keys - tallies.keys():
        parts.append(f"only {len(tallies)} of {pluralize(len(keys), 'key')}; {len(others)} without it")
    if working:
        parts.append(f"the same keys work for {', '.join(working)}")
    return "; ".join(parts)


def _summary(report: Report) -> str:
    news = len(report.news)
    return f"{pluralize(news, 'new finding')}, {len(report.findings) - news} acknowledged"


def _text_lines(report: Report) -> Iterator[str]:
    yield f"{report.ledger}: {_summary(report)}" + (f", since {report.since}" if report.since else "")
    for each in report.connections:
        checked = f"{pluralize(each.responses, 'response')} with {pluralize(each.keys, 'key')}"
        unchecked = ", ".join(f"{count} {reason}" for reason, count in each.unchecked.items())
        yield f"{each.connection} ({each.provider}): {checked}" + (f"; not checked: {unchecked}" if unchecked else "")
    for finding in report.findings:
        yield ""
        yield from _finding_lines(finding)


def _finding_lines(finding: ReportedFinding) -> Iterator[str]:
    detail = f": {finding.detail}" if finding.detail else ""
    yield f"{finding.id}  {finding.kind}{detail}"
    indent = " " * 10
    yield f"{indent}{finding.connection}, {finding.subject}"
    if finding.shapes:
        yield f"{indent}type: {'; '.join(finding.shapes)}"
    yield (
        f"{indent}{finding.count} of {pluralize(finding.responses, 'response')} ({finding.share}), "
        f"first {finding.first}, last {finding.last}"
    )
    for each in finding.keys[:_MAX_KEYS]:
        yield f"{indent}key {each.key}: {each.count} of {each.responses} ({format_share(each.count, each.responses)})"
    if (more := len(finding.keys) - _MAX_KEYS) > 0:
        yield f"{indent}and {pluralize(more, 'more key')}"
    if finding.note:
        yield f"{indent}{finding.note}"
    if finding.acknowledged is not None:
        yield f"{indent}acknowledged {finding.acknowledged}" + (f": {finding.reason}" if finding.reason else "")


def _format_time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
