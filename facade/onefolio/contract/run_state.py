"""What the checks of one run share, found from the case that they are called with."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from threading import Lock
from typing import TYPE_CHECKING, Any, Self

from .._connections.connection import Connection
from .._core.json_paths import FieldPath
from ..openapi.operations import Operation
from ..openapi.pointers import format_pointer
from ..openapi.specs import Spec
from ..providers.field_usage import field_usage
from .profiles import Profile

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
        self.answered: dict[str, Mapping[str, Any]] = {}
        """Path parameters that a success came for, by operation."""
        self.walked: set[tuple[str, str]] = set()
        self.never_came = {label: set(self._read_fields(each)) for label, each in self.operations.items()}
        """Fields that the library reads and the spec's first example has, and no success has had yet, by operation."""
        self.came: set[tuple[str, FieldPath]] = set()
        """Objects that came at all, by operation."""
        self.lock = Lock()
        self.document = {**connection.contract.spec, MARK: next(_numbers)}

    def __enter__(self) -> Self:
        _runs[self.document[MARK]] = self
        return self

    def __exit__(self, *_: object) -> None:
        del _runs[self.document[MARK]]

    def _read_fields(self, operation: Operation) -> Iterator[FieldPath]:
        """Yield the fields of a row that the adapter looks up and the spec's first whole example has a value of."""
        use = field_usage(self.connection.provider).get((operation.method, operation.path))
        shown = next((example for example in operation.examples if operation.is_last(example)), None)
        if use is None:
            return
        for path in sorted(use.answers.get("200", ())):
            in_row = path[: len(use.rows)] == use.rows and len(path) > len(use.rows)
            if in_row and any(True for _ in _values(shown, path)):
                yield path

    def note_values(self, label: str, body: Any) -> None:
        """Note which of the fields that the library reads have a value in a success."""
        with self.lock:
            for path in list(self.never_came.get(label, ())):
                holders = list(_values(body, path[:-1]))
                if holders:
                    self.came.add((label, path[:-1]))
                if any(isinstance(each, dict) and each.get(path[-1]) is not None for each in holders):
                    self.never_came[label].discard(path)

    def missing(self, label: str) -> list[str]:
        """Return the pointers of the fields that the library reads and that never came, of objects that did."""
        gone = sorted(path for path in self.never_came.get(label, ()) if (label, path[:-1]) in self.came)
        return [format_pointer(path) for path in gone]

    def next_token(self, operation: Operation, body: Any) -> str | None:
        """Return the token of the page after this one, None where it is the last."""
        token = operation.next_token(body)
        return token if isinstance(token, str) and token else None

    def note(self, label: str, pointer: str, kind: str, got: str) -> None:
        """Count something undocumented."""
        with self.lock:
            self.drifts.setdefault((label, pointer, kind), [got, 0])[1] += 1


def _values(value: Any, path: FieldPath) -> Iterator[Any]:
    """Yield what is at a path, `*` for every item; nothing for null."""
    if not path:
        if value is not None:
            yield value
        return
    if path[0] == "*":
        for item in value if isinstance(value, list) else []:
            yield from _values(item, path[1:])
    elif isinstance(value, dict):
        yield from _values(value.get(path[0]), path[1:])


def run_of(case: Case[Any]) -> tuple[Run, Operation] | None:
    """Return the run and the operation that a case is of; None where it is none of ours."""
    run = _runs.get(case.operation.schema.raw_schema.get(MARK, 0))
    operation = run and run.operations.get(case.operation.label)
    return (run, operation) if run and operation else None
