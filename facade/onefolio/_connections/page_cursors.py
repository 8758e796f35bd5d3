"""Paging schemes without a token in the response: page numbers, offsets, the last row, the next page's URL."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, TypeAlias
from urllib.parse import parse_qs, urlsplit

from onefolio_runtime import ContractError, Violation, format_pointer

from .._core.json_paths import FieldPath, value_at


class Page(NamedTuple):
    """A page that was read.

    Attributes:
        body: the whole response.
        rows: its rows.
        token: the token that the page was requested with; None for the first page.
    """

    body: Any
    rows: list[Any]
    token: str | None


NextPage: TypeAlias = Callable[[Page], str | None]
"""Returns the token of the page after a page, or None after the last."""


def by_number(*, pages: FieldPath | None = None, more: FieldPath | None = None, first: int = 1) -> NextPage:
    """Number the pages, up to the stated number of pages or to the first empty page.

    Args:
        pages: path of the number of pages in a response.
        more: path of the flag that another page follows.
        first: the number of the first page.
    """

    def following(page: Page) -> str | None:
        number = first if page.token is None else int(page.token)
        last = None if pages is None else value_at(page.body, pages)
        if last is not None:
            return str(number + 1) if number < first + int(last) - 1 else None
        return str(number + 1) if _has_more(page, more) else None

    return following


def by_offset(*, total: FieldPath | None = None, more: FieldPath | None = None) -> NextPage:
    """Count the rows before a page, up to the stated total or to the first empty page.

    Args:
        total: path of the number of rows on all pages in a response.
        more: path of the flag that another page follows.
    """

    def following(page: Page) -> str | None:
        after = (0 if page.token is None else int(page.token)) + len(page.rows)
        stated = None if total is None else value_at(page.body, total)
        if stated is not None and after >= int(stated):
            return None
        return str(after) if _has_more(page, more) else None

    return following


def after_last(field: str, *, more: FieldPath | None = None) -> NextPage:
    """Name the last row of the page before.

    Args:
        field: the field of the row that the next request names.
        more: path of the flag that another page follows; without it, paging ends with the first empty page.
    """

    def following(page: Page) -> str | None:
        return str(page.rows[-1][field]) if _has_more(page, more) else None

    return following


def by_address(at: FieldPath, parameter: str) -> NextPage:
    """Take one parameter of the URL that a response states for the next page; its server is ignored.

    Args:
        at: path of the URL in a response; null or absent on the last page.
        parameter: the query parameter that requests the page.
    """

    def following(page: Page) -> str | None:
        address = value_at(page.body, at)
        if not address:
            return None
        values = parse_qs(urlsplit(str(address)).query).get(parameter)
        if not values:
            raise ContractError([Violation(format_pointer(at), f"a URL with the parameter {parameter}", "none")])
        return values[0]

    return following


def _has_more(page: Page, more: FieldPath | None) -> bool:
    stated = None if more is None else value_at(page.body, more)
    return bool(page.rows) and stated is not False
