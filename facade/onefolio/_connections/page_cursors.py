"""What asks for the page after one, where an answer has no token for it: numbers, offsets, last items, addresses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, TypeAlias
from urllib.parse import parse_qs, urlsplit

from onefolio_runtime import ContractError, Violation

from .._core.json_paths import FieldPath, value_at


class Page(NamedTuple):
    """A page that has been read.

    Attributes:
        body: the whole answer.
        rows: its rows.
        token: what it was asked for with; None for the first.
    """

    body: Any
    rows: list[Any]
    token: str | None


NextPage: TypeAlias = Callable[[Page], str | None]
"""Returns what asks for the page after one, None where it is the last."""


def by_number(*, pages: FieldPath | None = None, more: FieldPath | None = None, first: int = 1) -> NextPage:
    """Pages by their number, up to the last one stated, or until a page is empty.

    Args:
        pages: where an answer states how many pages there are.
        more: where it states whether another one follows.
        first: the number of the first page.
    """

    def following(page: Page) -> str | None:
        number = first if page.token is None else int(page.token)
        last = None if pages is None else value_at(page.body, pages)
        if last is not None:
            return str(number + 1) if number < first + int(last) - 1 else None
        return str(number + 1) if _goes_on(page, more) else None

    return following


def by_offset(*, total: FieldPath | None = None, more: FieldPath | None = None) -> NextPage:
    """Pages by the number of rows before them, up to the total stated, or until a page is empty.

    Args:
        total: where an answer states how many rows there are in all.
        more: where it states whether another page follows.
    """

    def following(page: Page) -> str | None:
        after = (0 if page.token is None else int(page.token)) + len(page.rows)
        stated = None if total is None else value_at(page.body, total)
        if stated is not None and after >= int(stated):
            return None
        return str(after) if _goes_on(page, more) else None

    return following


def after_last(field: str, *, more: FieldPath | None = None) -> NextPage:
    """Pages by the last row before them, until there is no more.

    Args:
        field: what of the row asks for those after it.
        more: where an answer states whether another page follows; without it, until a page is empty.
    """

    def following(page: Page) -> str | None:
        return str(page.rows[-1][field]) if _goes_on(page, more) else None

    return following


def by_address(at: FieldPath, parameter: str) -> NextPage:
    """Pages by the address that an answer states; only one of its parameters is used, never its server.

    Args:
        at: where the address is, null or absent on the last page.
        parameter: which of its query parameters asks for the page.
    """

    def following(page: Page) -> str | None:
        address = value_at(page.body, at)
        if not address:
            return None
        values = parse_qs(urlsplit(str(address)).query).get(parameter)
        if not values:
            pointer = "".join(f"/{name}" for name in at)
            raise ContractError([Violation(pointer, f"an address with the parameter {parameter}", "none")])
        return values[0]

    return following


def _goes_on(page: Page, more: FieldPath | None) -> bool:
    stated = None if more is None else value_at(page.body, more)
    return bool(page.rows) and stated is not False
