"""What the checks of one run share, found from the case that they are called with."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable
from threading import Lock
from typing import TYPE_CHECKING, Any, Self

from .._connection import Connection
from ..mock._spec import Operation, Spec, at
from ._profile import Profile

if TYPE_CHECKING:
    from schemathesis import Case, Response

MARK = "x-onefolio-run"
"""The document's field that names its run; schemathesis hands checks nothing of ours but the document."""

_numbers = itertools.count(1)
_runs: dict[int, Run] = {}


class Run:
    """One run: what is tested, with what, and what has been seen so far.

    Args:
        connection: the server and the keys.
        profile: how much is tried.
        send: sends a case, as the profile asks for.
    """

    def __init__(self, connection: Connection, profile: Profile, send: Callable[..., Response]) -> None:
        self.connection = connection
        self.profile = profile
        self.send = send
        self.spec = Spec(connection.contract.spec)
        self.operations = {f"{each.method} {each.path}": each for each in self.spec.operations}
        self.drifts: dict[tuple[str, str, str], list[Any]] = {}
        """By operation, pointer and kind: the first value and how often it came."""
        self.valid: set[str] = set()
        """Ids of cases that are valid and ask for what is there."""
        self.unauthorized: set[str] = set()
        """Ids of cases with a wrong key."""
        self.passing = frozenset({401, 403, 429}) if profile.is_polite else frozenset[int]()
        """Statuses that say nothing against a server: it lets these keys not read this, or not now."""
        self.unanswered = Counter[str]()
        """Requests without an answer, by operation."""
        self.walked: set[tuple[str, str]] = set()
        self.lock = Lock()
        self.document = {**connection.contract.spec, MARK: next(_numbers)}

    def __enter__(self) -> Self:
        _runs[self.document[MARK]] = self
        return self

    def __exit__(self, *_: object) -> None:
        del _runs[self.document[MARK]]

    def next_token(self, operation: Operation, body: Any) -> str | None:
        """Return the token of the page after this one, None where it is the last."""
        for link in operation.answer.get("links", {}).values():
            if link["operationId"] == operation.id and operation.token in link["parameters"]:
                token = at(body, link["parameters"][operation.token].partition("#")[2])
                return token if isinstance(token, str) and token else None
        return None

    def note(self, label: str, pointer: str, kind: str, got: str) -> None:
        """Count something undocumented."""
        with self.lock:
            self.drifts.setdefault((label, pointer, kind), [got, 0])[1] += 1


def run_of(case: Case[Any]) -> tuple[Run, Operation] | None:
    """Return the run and the operation that a case is of; None where it is none of ours."""
    run = _runs.get(case.operation.schema.raw_schema.get(MARK, 0))
    operation = run and run.operations.get(case.operation.label)
    return (run, operation) if run and operation else None
