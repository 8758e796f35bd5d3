"""The results of one scenario: the requests that were sent and the checks that failed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from attrs import frozen


@frozen
class RecordedRequest:
    """A request that was sent.

    Attributes:
        operation: label of the operation.
        method: HTTP method.
        url: URL without keys.
        headers: header values by name, without keys.
        status: status of the response, or 0 if there was none.
    """

    operation: str
    method: str
    url: str
    headers: Mapping[str, Sequence[str]]
    status: int


@frozen
class FailedCheck:
    """A check that failed.

    Attributes:
        operation: label of the operation.
        check: name of the check.
        title: summary of the failure.
        message: details of the failure.
        requests: the requests that together show the failure, in the order in which they were sent; empty if nothing
            was sent.
    """

    operation: str
    check: str
    title: str
    message: str
    requests: Sequence[RecordedRequest] = ()


@frozen
class Event:
    """An event of a run.

    Attributes:
        phase: name of the phase that the event belongs to.
        requests: requests that were sent.
        failures: checks that failed.
        native: the event of schemathesis for the report files, or None if it does not belong there.
    """

    phase: str
    requests: Sequence[RecordedRequest] = ()
    failures: Sequence[FailedCheck] = ()
    native: Any = None
