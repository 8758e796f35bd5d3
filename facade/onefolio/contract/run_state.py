"""The state that the checks and the walk of one run share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from threading import Lock
from typing import Any

from attrs import define

from onefolio_runtime import Drift, format_pointer, shorten

from .._connections.connection import Connection
from .._core.json_paths import FieldPath, without_indexes
from ..openapi.operations import Operation
from ..openapi.specs import Spec
from ..providers.field_usage import field_usage
from .profiles import Profile
from .protocols import Response

MAX_DRIFTS = 1000
"""Maximum number of kinds of drift that a run records. A server may invent a field name for each row."""

_POINTER_LENGTH = 200
"""Maximum length of a pointer: it contains names that the server chose."""


@define
class DriftCount:
    """One kind of drift.

    Attributes:
        first: the first value, as the runtime describes it.
        times: number of occurrences.
    """

    first: str
    times: int = 0


class Run:
    """The server under test, the profile and the observations so far.

    Args:
        connection: the server and the keys.
        profile: the number and kind of the requests.
        send: sends a case, at the rate of the profile, and returns the response.
    """

    def __init__(self, connection: Connection, profile: Profile, send: Callable[..., Response]) -> None:
        self.connection = connection
        self.profile = profile
        self.send = send
        self.spec = Spec(connection.contract.spec)
        self.operations = {f"{each.method} {each.path}": each for each in self.spec.operations}
        self.tolerated = frozenset({401, 403, 429}) if profile.is_polite else frozenset[int]()
        """Statuses that are no violation: the keys may not permit an operation, or not now."""
        self.valid: set[str] = set()
        """Ids of valid cases that request an existing resource."""
        self.unauthorized: set[str] = set()
        """Ids of cases with a wrong key."""
        self.failed_requests = Counter[str]()
        """Number of requests without a response, by operation."""
        self.successes: dict[str, Mapping[str, Any]] = {}
        """Path parameters of a successful request, by operation."""
        self.walked: set[tuple[str, str]] = set()
        """Listings whose pages have been checked."""
        self.drifts: dict[tuple[str, str, str, str], DriftCount] = {}
        """The occurrences by operation, pointer, kind and enum value; the value is empty for an undocumented field."""
        self.further_drifts = 0
        """Number of occurrences of further kinds of drift, which are not recorded."""
        self.lock = Lock()
        """Protects the observations: schemathesis calls the checks in several threads."""
        self._absent_fields = {label: set(self._used_fields(each)) for label, each in self.operations.items()}
        self._seen_objects: set[tuple[str, FieldPath]] = set()

    def _used_fields(self, operation: Operation) -> Iterator[FieldPath]:
        """Yield the fields of a row that the adapter reads and that have a value in the spec's first full example."""
        use = field_usage(self.connection.provider).get((operation.method, operation.path))
        example = next((example for example in operation.examples if operation.is_last(example)), None)
        if use is None:
            return
        for path in sorted(use.fields.get("200", ())):
            is_in_row = path[: len(use.rows_path)] == use.rows_path and len(path) > len(use.rows_path)
            if is_in_row and any(True for _ in _values_at(example, path)):
                yield path

    def record_values(self, label: str, body: Any) -> None:
        """Record which of the fields that the library reads have a value in the body of a success."""
        with self.lock:
            for path in list(self._absent_fields.get(label, ())):
                holders = list(_values_at(body, path[:-1]))
                if holders:
                    self._seen_objects.add((label, path[:-1]))
                if any(isinstance(each, dict) and each.get(path[-1]) is not None for each in holders):
                    self._absent_fields[label].discard(path)

    def absent_fields(self, label: str) -> list[str]:
        """Return pointers to the fields that the library reads and that had no value in any response.

        Fields of objects that were absent themselves are not included.
        """
        paths = (path for path in self._absent_fields.get(label, ()) if (label, path[:-1]) in self._seen_objects)
        return [format_pointer(path) for path in sorted(paths)]

    def record_drift(self, label: str, drift: Drift) -> None:
        """Count a new enum value or an undocumented field; of the latter, keep a description of the first value."""
        pointer = shorten(without_indexes(drift.pointer), _POINTER_LENGTH)
        value = drift.got if drift.kind == "unknown value" else ""
        with self.lock:
            key = (label, pointer, drift.kind, value)
            if key not in self.drifts and len(self.drifts) >= MAX_DRIFTS:
                self.further_drifts += 1
                return
            self.drifts.setdefault(key, DriftCount(drift.got)).times += 1

    def next_token(self, operation: Operation, body: Any) -> str | None:
        """Return the token of the next page, or None for the last page."""
        token = operation.next_token(body)
        return token if isinstance(token, str) and token else None


def _values_at(value: Any, path: FieldPath) -> Iterator[Any]:
    """Yield the values at a path except null; `*` matches every item of a list."""
    if not path:
        if value is not None:
            yield value
        return
    if path[0] == "*":
        for item in value if isinstance(value, list) else []:
            yield from _values_at(item, path[1:])
    elif isinstance(value, dict):
        yield from _values_at(value.get(path[0]), path[1:])
