"""Inspect responses: validate them against the curated spec, and classify the differences by their use."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from onefolio_runtime import ContractError, Drift, Violation, find_key, finish, format_pointer, parse_pointer, shorten
from onefolio_runtime.body import MAX_BODY, decompress
from onefolio_runtime.large_json import decode_in_slices
from onefolio_runtime.slices import LARGE

from .._core.json_paths import FieldPath
from ..providers.field_usage import FieldUsage, field_usage
from ..providers.registry import provider as find_provider
from . import findings as kinds
from .canaries import NullShares
from .exchanges import COMPLETE, CUT_OFF, NO_RESPONSE, Exchange
from .findings import Finding, Inspection
from .routes import Route, Routes
from .rows import RowChecks
from .shapes import Profile, safe_name, safe_word, type_of

_SUPPORTED_CODINGS = frozenset({"", "identity", "gzip", "x-gzip", "deflate"})

_CONTENT_TYPE = re.compile(r"[a-z]{1,20}/[a-z.+-]{1,40}")

_MAX_PLACES, _MAX_WORDS = 200, 50
"""Places of one kind in an operation, and unknown values at a place, that are distinguished."""

MORE = "(more)"
"""The detail of all findings beyond the limits."""


class Inspector:
    """Inspects the responses of one provider. It keeps types of values and, for the canaries, figures in memory.

    Attributes:
        connection: a connection of the provider, for its adapter; it sends nothing.
        contract: the curated spec.
        routes: the operations.
        usage: the fields that the adapter reads.
        documented: the names of all documented fields.
        profiles: the types of values by operation and status.
        null_shares: a canary.
        rows: the checks of whole rows.

    Args:
        provider: the provider's name.

    Raises:
        ConfigurationError: the provider is unknown.
    """

    def __init__(self, provider: str) -> None:
        kind = find_provider(provider)
        options: dict[str, Any] = kind.demo_credentials()
        self.connection = kind(**options)
        self.contract = kind.contract
        self.routes = Routes(kind.contract)
        self.usage = field_usage(provider)
        self.documented = frozenset(_property_names(kind.contract.spec))
        self.profiles: dict[tuple[str, str], Profile] = {}
        self.null_shares = NullShares()
        self.rows = RowChecks(self.connection)
        self._seen: defaultdict[object, set[str]] = defaultdict(set)

    def inspect(self, exchange: Exchange, key: str) -> Inspection:
        """Return the findings of a response.

        Args:
            exchange: the request and the response.
            key: the fingerprint of the key.
        """
        found = self.routes.find(exchange.method, exchange.path)
        if found is None:
            operation = self.bounded("operations", self.routes.template(exchange.method, exchange.path))
            return Inspection(operation, exchange.status, (Finding(operation, kinds.UNDOCUMENTED_OPERATION),))
        route, parameters = found
        if not exchange.status:
            finding = Finding(route.label, kinds.FAILED_RESPONSE, detail=NO_RESPONSE)
            return Inspection(route.label, 0, (finding,))
        status = route.documented(exchange.status)
        findings = []
        if status is None:
            if exchange.status != 304:
                findings.append(Finding(route.label, kinds.UNDOCUMENTED_STATUS, str(exchange.status)))
            return Inspection(route.label, exchange.status, tuple(findings))
        is_success = 200 <= exchange.status < 300
        if not is_success:
            findings.append(Finding(route.label, kinds.ERROR_STATUS, str(exchange.status)))
        unchecked = ""
        if exchange.state == CUT_OFF:
            findings.append(Finding(route.label, kinds.FAILED_RESPONSE, status, detail="the body is cut off"))
        elif exchange.state != COMPLETE:
            unchecked = exchange.state
        elif is_unsupported(exchange.encoding):
            unchecked = "content coding"
        elif (schema := route.schemas[status]) is not None:
            findings += _Body(self, route, status, exchange, key).findings(schema, parameters, is_success=is_success)
        return Inspection(route.label, exchange.status, tuple(dict.fromkeys(findings)), unchecked)

    def take_shapes(self) -> dict[tuple[str, str, str, str], int]:
        """Return the number of values by operation, status, place and shape since the last call."""
        return {
            (*key, *place_and_shape): count
            for key, profile in self.profiles.items()
            for place_and_shape, count in profile.take().items()
        }

    def bounded(self, group: object, text: str, limit: int = _MAX_PLACES) -> str:
        """Return a string, or `MORE` if its group has many others. A server may invent names without end."""
        seen = self._seen[group]
        if text not in seen and len(seen) >= limit:
            return MORE
        seen.add(text)
        return text


def is_unsupported(encoding: str) -> bool:
    """Return whether a body cannot be decompressed."""
    return any(each.strip().lower() not in _SUPPORTED_CODINGS for each in encoding.split(","))


def _other_content_type(content_type: str) -> str:
    """Return a content type other than that of JSON, without its parameters."""
    essence = content_type.partition(";")[0].strip().lower()
    if essence.endswith("json"):
        return ""
    return essence if _CONTENT_TYPE.fullmatch(essence) else "none" if not essence else "malformed"


class _Body:
    """The inspection of one body."""

    def __init__(self, owner: Inspector, route: Route, status: str, exchange: Exchange, key: str) -> None:
        self._owner, self._route, self._status, self._exchange, self._key = owner, route, status, exchange, key
        self._private = [each for each in exchange.private if each not in owner.routes.literals]
        self._usage = owner.usage.get((route.method, route.path))

    def findings(self, schema: str, parameters: dict[str, str], *, is_success: bool) -> Iterator[Finding]:
        """Yield the findings of the body."""
        owner = self._owner
        try:
            content = finish(decompress(self._exchange.body, self._exchange.encoding, MAX_BODY))
        except ContractError:
            yield self._finding(kinds.VIOLATION, "", "a body in another coding than Content-Encoding states")
            return
        try:
            body = finish(decode_in_slices(content, MAX_BODY))
        except ContractError:
            if is_success:  # an error keeps its meaning without a body
                yield self._finding(kinds.VIOLATION, "", "no JSON" if content else "an empty body")
            return
        if is_success and owner.connection.read_error(body) is not None:
            yield self._finding(kinds.ERROR_IN_BODY, "")
            return
        if is_success and (found_type := _other_content_type(self._exchange.content_type)):
            yield self._finding(kinds.CONTENT_TYPE, "", found_type)
        verdict = finish(owner.contract.check_in_slices(schema, body, is_large=len(content) > LARGE))
        found = [self._violation(each, body) for each in verdict.violations]
        found += [self._drift(each, body) for each in verdict.drifts]
        yield from found
        profile = owner.profiles.setdefault((self._route.label, self._status), Profile(owner.documented))
        profile.add(body, self._private)
        if is_success:
            places = {each.place for each in found}
            for place in owner.null_shares.add(self._key, self._route.label, profile, places):
                yield self._finding(kinds.NULL_SHARE, place)
            if not verdict.violations:
                yield from owner.rows.check(self._route, self._key, parameters, self._exchange, body)
        profile.end_response()

    def _violation(self, violation: Violation, body: Any) -> Finding:
        path, value, is_missing = self._follow(violation.pointer, body)
        place = format_pointer(path)
        expected = shorten(violation.expected, kinds.MAX_EXPECTED)
        detail = "the field is missing" if is_missing else f"expected {expected}, got {type_of(value)}"
        if self._is_read(path):
            return self._finding(kinds.VIOLATION, place, detail)
        return self._finding(kinds.MISSING_FIELD if is_missing else kinds.INVALID_VALUE, place, detail)

    def _drift(self, drift: Drift, body: Any) -> Finding:
        path, value, _ = self._follow(drift.pointer, body)
        place = format_pointer(path)
        if drift.kind != "unknown value":
            return self._finding(kinds.UNDOCUMENTED_FIELD, place)
        word = safe_word(value, self._private)
        return self._finding(
            kinds.UNKNOWN_VALUE, place, self._owner.bounded((self._route.label, place), word, _MAX_WORDS)
        )

    def _finding(self, kind: str, place: str, detail: str = "") -> Finding:
        group = (self._route.label, kind)
        bounded = self._owner.bounded(group, place)
        return Finding(self._route.label, kind, self._status, bounded, detail if bounded == place else MORE)

    def _follow(self, pointer: str, body: Any) -> tuple[FieldPath, Any, bool]:
        """Return the path of a pointer without identifiers, its value, and whether the last field is missing."""
        path: list[str] = []
        value: Any = body
        for token in parse_pointer(pointer):
            key: Any = find_key(value, token)
            path.append("*" if isinstance(value, list) else safe_name(token, self._owner.documented, self._private))
            if key is None:
                return tuple(path), None, True
            value = value[key]
        return tuple(path), value, False

    def _is_read(self, path: FieldPath) -> bool:
        """Return whether an adapter uses the value at a path: the field, the envelope, or the row itself."""
        usage = self._usage
        if usage is None:
            return False
        if not self._status.startswith("2"):
            return path in _read_fields(usage, self._status)
        rows = usage.rows_path
        if path[: len(rows)] != rows or len(path) <= len(rows) + (path[len(rows) : len(rows) + 1] == ("*",)):
            return True
        fields = _read_fields(usage, self._status)
        if any(each[: len(path)] == path for each in fields):
            return True
        # A value inside of a field that is read as a whole.
        above = max((path[:end] for end in range(len(path)) if path[:end] in fields), key=len, default=None)
        return above is not None and not any(each != above and each[: len(above)] == above for each in fields)


def _read_fields(usage: FieldUsage, status: str) -> set[FieldPath]:
    return usage.fields.get(status, set())


def _property_names(spec: Any) -> Iterator[str]:
    """Yield the names of all fields that a spec documents."""
    if isinstance(spec, dict):
        for name, value in spec.items():
            if name in ("example", "examples", "enum", "const", "default"):
                continue
            if name == "properties" and isinstance(value, dict):
                yield from value
            yield from _property_names(value)
    elif isinstance(spec, list):
        for each in spec:
            yield from _property_names(each)
