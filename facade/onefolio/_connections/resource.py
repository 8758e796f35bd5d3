"""How an adapter describes one readable resource of its provider."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, Generic, Literal, NamedTuple, TypeAlias, TypeVar

from attrs import frozen

from onefolio_runtime import Drift, Model, Request

from .._core.json_paths import value_at
from .page_cursors import NextPage, Page

M = TypeVar("M", bound=Model)

R = TypeVar("R")

Capability: TypeAlias = Literal["accounts", "balances", "positions"]
"""What may be read of a provider."""

DriftCallback: TypeAlias = Callable[[Drift], None]
"""Where an adapter says that it met something new and went on; pointers are relative to the row."""

CAPABILITIES: Final[tuple[Capability, ...]] = ("accounts", "balances", "positions")


class ErrorDetails(NamedTuple):
    """What a provider's error body says."""

    code: str | None = None
    message: str | None = None
    request_id: str | None = None


NO_DETAILS: Final = ErrorDetails()


@frozen
class Resource(Generic[M, R]):
    """How one kind of thing is asked for and what each row of the answers becomes.

    Args:
        what: the unified operation.
        request: makes the request of the first page (`None`) or of the page of a token.
        model: the generated model of a row.
        read: turns a row into a unified object; raises `ContractError` with pointers relative to the row.
        rows: where the rows are: names to go down from the top of the answer. A row that is not in a
            list is the answer itself.
        next_token: where the next page's token is; None where there is none.
        next_page: what asks for the next page, where that is no token in the answer; None where there are no pages.
        total: where a page states how many rows all pages have; None where none does.
    """

    what: Capability
    request: Callable[[str | None], Request[Any, Any]]
    model: type[M]
    read: Callable[[M], R]
    rows: tuple[str, ...] = ()
    next_token: tuple[str, ...] | None = None
    next_page: NextPage | None = None
    total: tuple[str, ...] | None = None


def next_token(reading: Resource[Any, Any], body: Any, token: str | None = None) -> str | None:
    """Return what asks for the page after the one that came for `token`; None or empty where it is the last."""
    if reading.next_page is not None:
        rows = value_at(body, reading.rows)
        return reading.next_page(Page(body, rows if isinstance(rows, list) else [rows], token))
    found: str | None = None if reading.next_token is None else value_at(body, reading.next_token)
    return found
