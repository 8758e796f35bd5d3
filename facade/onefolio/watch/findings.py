"""Findings about responses, as the ledger counts them."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable
from typing import Final, NamedTuple

from attrs import define, field

UNDOCUMENTED_FIELD: Final = "undocumented field"
UNKNOWN_VALUE: Final = "unknown value"
VIOLATION: Final = "contract violation"
MISSING_FIELD: Final = "missing field"
INVALID_VALUE: Final = "invalid value"
UNDOCUMENTED_STATUS: Final = "undocumented status"
ERROR_STATUS: Final = "error status"
ERROR_IN_BODY: Final = "error in body"
UNDOCUMENTED_OPERATION: Final = "undocumented operation"
FAILED_RESPONSE: Final = "failed response"
NULL_SHARE: Final = "null share"
EMPTY_POSITIONS: Final = "empty positions"
OTHER_ACCOUNT: Final = "another account"
WRONG_TOTAL: Final = "wrong total"
CONTENT_TYPE: Final = "content type"

KINDS: Final = (
    OTHER_ACCOUNT,
    VIOLATION,
    FAILED_RESPONSE,
    UNDOCUMENTED_STATUS,
    ERROR_STATUS,
    ERROR_IN_BODY,
    WRONG_TOTAL,
    EMPTY_POSITIONS,
    NULL_SHARE,
    MISSING_FIELD,
    INVALID_VALUE,
    UNDOCUMENTED_FIELD,
    UNKNOWN_VALUE,
    UNDOCUMENTED_OPERATION,
    CONTENT_TYPE,
)
"""All kinds; those that affect users of the unified model first."""


MAX_EXPECTED: Final = 120
"""Characters of a schema's demand in the detail of a finding."""


class Finding(NamedTuple):
    """One kind of drift or defect of an operation.

    Attributes:
        operation: method and path template.
        kind: one of `KINDS`.
        status: the documented status or class of statuses, or the status itself if it is undocumented; empty if there
            is no response.
        place: JSON pointer into the body, with `*` for list indexes.
        detail: the new value of an enum, or the expected and the received type.
    """

    operation: str
    kind: str
    status: str = ""
    place: str = ""
    detail: str = ""

    def id(self, connection: str) -> str:
        """Return a short name for acknowledgements, the same in every ledger."""
        return hashlib.sha256("\0".join((connection, *self)).encode()).hexdigest()[:8]


class Inspection(NamedTuple):
    """The result of one response.

    Attributes:
        operation: method and path template.
        status: the status; 0 if there is no response.
        findings: each at most once.
        unchecked: the reason why the body was not checked, or empty.
    """

    operation: str
    status: int
    findings: tuple[Finding, ...] = ()
    unchecked: str = ""


@define
class Tally:
    """A count with the first and last time in seconds since the epoch."""

    count: int = 0
    first: float = float("inf")
    last: float = float("-inf")

    def add(self, at: float) -> None:
        """Count one more."""
        self.count += 1
        self.first, self.last = min(self.first, at), max(self.last, at)


@define
class Batch:
    """Counts that have not been written to the ledger.

    Attributes:
        responses: by hour, key, operation and status.
        findings: by hour, key and finding.
        shapes: number of values by operation, status, place and shape.
        unchecked: number of responses that were not checked, by reason.
    """

    responses: dict[tuple[int, str, str, int], Tally] = field(factory=dict)
    findings: dict[tuple[int, str, Finding], Tally] = field(factory=dict)
    shapes: Counter[tuple[str, str, str, str]] = field(factory=Counter)
    unchecked: Counter[str] = field(factory=Counter)

    def add(self, key: str, at: float, inspection: Inspection, findings: Iterable[Finding]) -> None:
        """Count a response.

        Args:
            key: the fingerprint of the key.
            at: the time in seconds since the epoch.
            inspection: the result of the response.
            findings: those of its findings that are counted.
        """
        hour = int(at // 3600)
        self.responses.setdefault((hour, key, inspection.operation, inspection.status), Tally()).add(at)
        for finding in findings:
            self.findings.setdefault((hour, key, finding), Tally()).add(at)
        if inspection.unchecked:
            self.unchecked[inspection.unchecked] += 1

    def __bool__(self) -> bool:
        return bool(self.responses or self.unchecked or self.shapes)
