"""Check whole rows of valid responses with the provider's adapter."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from typing import Any

from onefolio_runtime import ContractError, format_pointer, shorten

from .._connections.connection import Connection
from .._connections.resource import Resource, next_token
from .._core.json_paths import value_at
from .._models.records import Account, Balance
from .._reading.account_ids import is_id, is_same_id
from ..openapi.examples import examples
from ..openapi.references import resolve
from ..providers.field_usage import resources_of_account
from . import findings as kinds
from .canaries import EmptyPositions
from .exchanges import Exchange
from .findings import Finding
from .routes import Route


class RowChecks:
    """Checks the rows of the operations that an adapter reads.

    Args:
        connection: a connection of the provider, for its adapter; it sends nothing.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._canary = EmptyPositions()
        self._positions_label = ""
        self._page_parameters: set[str] = set()
        """Parameters of a request for another page than the first."""
        self._resources: dict[tuple[str, str], Resource[Any, Any]] = {}
        accounts = connection.accounts()
        self._add(accounts)
        self._account = self._example(accounts)
        for resource in resources_of_account(connection, self._account):
            self._add(resource)

    def check(
        self, route: Route, key: str, parameters: dict[str, str], exchange: Exchange, body: Any
    ) -> Iterator[Finding]:
        """Yield the findings of a valid body.

        Args:
            route: the operation.
            key: the fingerprint of the key.
            parameters: the values of the path's parameters.
            exchange: the request and the response.
            body: the JSON value.
        """
        resource = self._resources.get((route.method, route.path))
        if resource is None:
            return
        status = str(exchange.status)
        found = value_at(body, resource.rows_path)
        rows = found if isinstance(found, list) else [found]
        if resource.account_id is not None and self._is_misdirected(resource.account_id, rows, parameters):
            yield Finding(route.label, kinds.OTHER_ACCOUNT, status, format_pointer(resource.account_id))
            return
        if self._has_wrong_total(resource, rows, exchange, body):
            yield Finding(route.label, kinds.WRONG_TOTAL, status, format_pointer(resource.total or ()))
        balances: list[Balance] = []
        try:
            for row in rows:
                balances += self._parse(resource, row)
        except ContractError as error:
            first = error.violations[0]
            place = format_pointer((*resource.rows_path, *("*" * isinstance(found, list)))) + first.pointer
            yield Finding(
                route.label, kinds.VIOLATION, status, place, f"expected {shorten(first.expected, kinds.MAX_EXPECTED)}"
            )
            return
        owner = (key, *parameters.values())
        if balances:
            has_value = any(each.long_market_value or each.short_market_value for each in balances)
            is_empty = self._canary.add_balance(owner, has_value=has_value, at=exchange.at)
        elif resource.capability == "positions" and self._page_parameters.isdisjoint(exchange.query):
            count = len(rows) or int(bool(next_token(resource, body)))
            is_empty = self._canary.add_positions(owner, count=count, at=exchange.at)
        else:
            return
        if is_empty and self._positions_label:
            yield Finding(self._positions_label, kinds.EMPTY_POSITIONS, status)

    def vector(self, route: Route, values: Mapping[tuple[str, ...], Any]) -> tuple[str, dict[str, Any]] | None:
        """Return the capability and the content of a golden vector with changed fields, or None if there is no example.

        Args:
            route: the operation.
            values: made-up values by the path of their field in the body, with `*` for list indexes.
        """
        resource = self._resources.get((route.method, route.path))
        if resource is None:
            return None
        for example in self._examples(resource):
            body = copy.deepcopy(example)
            found = value_at(body, resource.rows_path)
            rows = found if isinstance(found, list) else [found]
            if rows and all(_set(body, path, value) for path, value in values.items()):
                content: dict[str, Any] = {
                    "description": "proposed: fields and values that responses had, with made-up values",
                    "operation": resource.capability,
                }
                if resource.capability != "accounts":
                    content["account"] = {"id": self._account.id}
                content["payload"] = body
                content["expected"] = [resource.parse(resource.model.view(row)) for row in rows]
                return resource.capability, content
        return None

    def _examples(self, resource: Resource[Any, Any]) -> list[Any]:
        operation, spec = resource.request(None).operation, self._connection.contract.spec
        return examples(resolve(spec, spec["paths"][operation.path][operation.method.lower()]["responses"]["200"]))

    def _add(self, resource: Resource[Any, Any]) -> None:
        operation = resource.request(None).operation
        self._resources[operation.method, operation.path] = resource
        self._page_parameters |= resource.request("1").query.keys()
        if resource.capability == "positions":
            self._positions_label = f"{operation.method} {operation.path}"

    def _parse(self, resource: Resource[Any, Any], row: Any) -> list[Balance]:
        """Parse a row as the library does; return its balances.

        Raises:
            ContractError: the adapter refuses the row.
        """
        parsed = resource.parse(resource.model.view(row))
        if isinstance(parsed, Account) and self._connection.balances_with_accounts:
            return self._connection.balances_of(parsed, lambda _: None)
        return [parsed] if isinstance(parsed, Balance) else []

    @staticmethod
    def _is_misdirected(path: tuple[str, ...], rows: list[Any], parameters: dict[str, str]) -> bool:
        """Return whether a row names another account than the path of the request."""
        if len(parameters) != 1:
            return False
        (asked,) = parameters.values()
        named = (value_at(row, path) for row in rows)
        return any(is_id(each) and not is_same_id(each, asked) for each in named)

    def _has_wrong_total(self, resource: Resource[Any, Any], rows: list[Any], exchange: Exchange, body: Any) -> bool:
        """Return whether the only page of a listing states another number of rows than it has."""
        if resource.total is None or next_token(resource, body) or not self._page_parameters.isdisjoint(exchange.query):
            return False
        total = value_at(body, resource.total)
        return total is not None and total != len(rows)

    def _example(self, resource: Resource[Any, Any]) -> Account:
        """Return an account; the resources of all accounts have the same paths."""
        for example in self._examples(resource):
            found = value_at(example, resource.rows_path)
            for row in found if isinstance(found, list) else [found]:
                account: Account = resource.parse(resource.model.view(row))
                return account
        raise LookupError(f"the spec of {self._connection.provider} has no example of an account")


def _set(body: Any, path: tuple[str, ...], value: Any) -> bool:
    """Set a field of a body, in every item of each list; return whether an object has it now."""
    *above, name = path
    objects = [body]
    for token in above:
        inner = [item for each in objects if isinstance(each, list) for item in each]
        objects = inner + [each[token] for each in objects if isinstance(each, dict) and token in each]
    found = [each for each in objects if isinstance(each, dict)]
    for each in found:
        each[name] = value
    return bool(found)
