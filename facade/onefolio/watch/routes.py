"""Find the operation of a request, and name unknown ones without identifiers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from attrs import field, frozen

from onefolio_runtime import Contract

from ..openapi.operations import iter_operations
from ..openapi.references import reference_of, resolve

_WORDS = frozenset(
    """
    account accounts activities activity admin agreements announcements api assets auth authorize balance balances bars
    beta book books broker calendar cash chains clients client clock config configurations contracts corporate-actions
    corporate_actions crypto currencies customers data deposits devices documents entities events exchanges executions
    exercise fees fills funding funds fx health history holders holdings identity indices info instruments interest
    intraday journals keys latest ledger limits list locates loans margin market market-data markets me meta movers
    networks news notifications oauth options orders order parties payees payments payouts perpetuals ping pnl
    portfolio portfolios position positions price prices profile quotes rates reports requests sandbox screener search
    sessions settings short-locates snapshot snapshots status statements stocks streams sub-accounts subscriptions
    summary symbols tax time token tokens trade trades trading transactions transfers uploads user users verify wallets
    watchlists webhooks withdrawals
    """.split()  # noqa: SIM905  # a list of literals would have a line for each
)
"""Parts of paths that are common in the APIs of brokers. All other parts may be identifiers."""

_VERSION = re.compile(r"v\d{1,2}(?:\.\d{1,2})?(?:(?:alpha|beta)\d{0,2})?")

_MAX_PARTS = 8

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"})


@frozen(eq=False)
class Route:
    """An operation of a spec.

    Args:
        id: the `operationId`.
        method: the HTTP method in upper case.
        path: the path template.
        schemas: the names of the component schemas of the documented responses, by status or class of statuses; None
            for a response without one.
        pattern: matches the paths.
    """

    id: str
    method: str
    path: str
    schemas: Mapping[str, str | None]
    pattern: re.Pattern[str] = field(repr=False)

    @property
    def label(self) -> str:
        """The method and the path template."""
        return f"{self.method} {self.path}"

    def documented(self, status: int) -> str | None:
        """Return the documented status, or class of statuses, of a status, or None."""
        return next((each for each in (str(status), f"{status // 100}XX", "default") if each in self.schemas), None)

    def match(self, path: str) -> dict[str, str] | None:
        """Return the values of the path's parameters, or None for another path."""
        found = self.pattern.fullmatch(path)
        return None if found is None else found.groupdict()


class Routes:
    """The operations of a spec.

    Args:
        contract: the spec.
    """

    def __init__(self, contract: Contract) -> None:
        document = contract.spec
        self.all = [
            Route(
                id=item[method]["operationId"],
                method=method.upper(),
                path=path,
                schemas={
                    status: _schema_name(resolve(document, response))
                    for status, response in item[method]["responses"].items()
                },
                pattern=_pattern(path),
            )
            for path, method, item in iter_operations(document)
        ]
        parts = {part for route in self.all for part in route.path.split("/") if not part.startswith("{")}
        self.literals = frozenset(parts | _WORDS)
        """Parts of paths that are no identifiers."""

    def find(self, method: str, path: str) -> tuple[Route, dict[str, str]] | None:
        """Return the operation of a request with the values of its path's parameters, or None."""
        for route in self.all:
            if route.method == method and (parameters := route.match(path)) is not None:
                return route, parameters
        return None

    def template(self, method: str, path: str) -> str:
        """Return the method and the path of an unknown operation, with `{}` for each part that may be an identifier."""
        for route in self.all:
            if route.match(path) is not None:
                path = route.path
                break
        parts = path.strip("/").split("/")
        shown = [part if self._is_word(part) else "{}" for part in parts[:_MAX_PARTS]]
        more = "/…" if len(parts) > _MAX_PARTS else ""
        return f"{method if method in _METHODS else 'OTHER'} /{'/'.join(shown)}{more}"

    def _is_word(self, part: str) -> bool:
        return part in self.literals or bool(_VERSION.fullmatch(part)) or not part


def _pattern(template: str) -> re.Pattern[str]:
    pattern = re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(template))
    return re.compile(f"{pattern}/?")


def _schema_name(response: Mapping[str, Any]) -> str | None:
    schema = response.get("content", {}).get("application/json", {}).get("schema")
    reference = reference_of(schema)
    return None if reference is None else reference.rpartition("/")[2]
