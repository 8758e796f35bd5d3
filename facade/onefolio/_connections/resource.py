"""How an adapter describes one readable resource of its provider: its requests, its rows and its pages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, Generic, Literal, NamedTuple, Self, TypeAlias, TypeVar

from attrs import frozen

from onefolio_runtime import Columns, Drift, Json, Model, Request

from .._core.json_paths import FieldPath, value_at
from .page_cursors import NextPage, Page

M = TypeVar("M", bound=Model)
C = TypeVar("C", bound=Columns[Any])
R = TypeVar("R")

Capability: TypeAlias = Literal["accounts", "balances", "positions"]
"""A kind of rows that a provider may have."""
CAPABILITIES: Final[tuple[Capability, ...]] = ("accounts", "balances", "positions")

DriftCallback: TypeAlias = Callable[[Drift], None]
"""Receives drift that an adapter finds while it parses; pointers are relative to the row."""


class ErrorDetails(NamedTuple):
    """The content of a provider's error body."""

    code: str | None = None
    message: str | None = None
    request_id: str | None = None


NO_DETAILS: Final = ErrorDetails()


@frozen
class Resource(Generic[M, R]):
    """One readable resource of a provider.

    Args:
        capability: the kind of its rows.
        request: makes the request of the first page (None) or of the page with a token.
        model: the generated model of a row.
        parse: makes the unified object of a row; raises `ContractError` with pointers relative to the row.
        rows_path: field names that lead from the top of a response to its rows. A single object counts as one row.
        next_token: field names that lead to the token of the next page; None if there are no tokens.
        next_page: returns the token of the next page where the response has none; None if there are no pages.
        total: field names that lead to the number of rows on all pages; None if it is not stated.
        parse_all: makes the unified objects of many rows at once, for speed; see `in_columns`.
        account_id: field names that lead from a row to the id of its account; None if no row names its account. A
            response with a row of another account than the requested one is refused, because it belongs to another
            request.
    """

    capability: Capability
    request: Callable[[str | None], Request[Any, Any]]
    model: type[M]
    parse: Callable[[M], R]
    rows_path: FieldPath = ()
    next_token: FieldPath | None = None
    next_page: NextPage | None = None
    total: FieldPath | None = None
    parse_all: Callable[[Sequence[Json]], list[R]] | None = None
    account_id: FieldPath | None = None

    @classmethod
    def in_columns(
        cls,
        capability: Capability,
        request: Callable[[str | None], Request[Any, Any]],
        model: type[M],
        columns: Callable[[Sequence[Json]], C],
        parse: Callable[[C], list[R]],
        **options: Any,
    ) -> Self:
        """Return a resource whose rows are parsed by columns, which suits rows that come by the thousand.

        Args:
            capability: see the class.
            request: see the class.
            model: see the class.
            columns: the generated columns of the model, such as `PositionColumns`.
            parse: makes the unified objects of all rows; raises `ContractError` with pointers relative to a row.
            options: `rows_path`, `next_token`, `next_page`, `total` and `account_id`; see the class.
        """
        return cls(
            capability,
            request,
            model,
            parse=lambda row: parse(columns([row.to_dict()]))[0],
            parse_all=lambda rows: parse(columns(rows)),
            **options,
        )


def next_token(resource: Resource[Any, Any], body: Any, token: str | None = None) -> str | None:
    """Return the token of the page after the one with `token`; None or empty for the last page."""
    if resource.next_page is not None:
        rows = value_at(body, resource.rows_path)
        return resource.next_page(Page(body, rows if isinstance(rows, list) else [rows], token))
    found: str | None = None if resource.next_token is None else value_at(body, resource.next_token)
    return found
