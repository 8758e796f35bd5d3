"""Read a listing in small pages and verify that the pages contain every item once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from attrs import frozen

from onefolio_runtime import encode, shorten

from .._core.json_paths import value_at
from ..openapi.operations import Operation
from ..openapi.specs import Spec
from .run_state import Run


@frozen
class PagingFault:
    """A fault of a listing.

    Attributes:
        description: description of the fault.
        pages: numbers of the pages that together show it; 0 is the response without a page size.
    """

    description: str
    pages: Sequence[int]


def find_paging_fault(
    run: Run, operation: Operation, whole: Any, get_page: Callable[[Mapping[str, Any]], Any]
) -> PagingFault | None:
    """Read a listing in small pages and return the first fault, or None.

    Args:
        run: the run, whose profile limits the number of pages.
        operation: the operation that returns the listing.
        whole: body of the response without a page size.
        get_page: returns the body of the page that a query selects, or None if the server does not respond for now.
    """
    expected = _rows(operation, whole)
    size_parameter, token_name = operation.page_size, operation.token or ""
    # About four pages, whatever the size of the listing, but no more rows per page than the spec allows.
    size = (
        min(max(1, -(-len(expected) // 4)), size_parameter.schema.get("maximum", 100))
        if size_parameter is not None
        else None
    )
    query: dict[str, Any] = {size_parameter.name: size} if size_parameter is not None else {}
    page_of_item: dict[str, int] = {}
    page_of_token: dict[str, int] = {}
    page_of_total: dict[int, int] = {}
    for number in range(1, run.profile.pages + 1):
        body = get_page(query)
        if body is None:
            return None
        rows = _rows(operation, body)
        for total in _totals(run.spec, operation.schema, body):
            page_of_total.setdefault(total, number)
        token = run.next_token(operation, body)
        if size is not None and len(rows) > size:
            return PagingFault(f"page {number} has {len(rows)} rows, more than the requested {query}", [number])
        for index, row in enumerate(rows):
            key, shown = _identity(run.spec, operation, row)
            if key in page_of_item:
                pages = sorted({page_of_item[key], number})
                return PagingFault(f"page {number} repeats an item: row {index}{shown}", pages)
            page_of_item[key] = number
        if token is None:
            is_complete = run.next_token(operation, whole) is None
            return _count_fault(len(page_of_item), page_of_total, len(expected) if is_complete else None, number)
        if token in page_of_token:
            description = f"page {number} has the token of page {page_of_token[token]}, so the listing never ends"
            return PagingFault(description, [page_of_token[token], number])
        if not rows:
            return PagingFault(f"page {number} is empty but has a token for the next page", [number])
        page_of_token[token] = number
        # The page size is sent with the token as well; the providers ignore it there.
        query = {**query, token_name: token}
    return None


def _count_fault(
    count: int, page_of_total: Mapping[int, int], expected: int | None, last_page: int
) -> PagingFault | None:
    """Return a fault if the number of items is inconsistent; `expected` is None if it is not known."""
    every_page = range(1, last_page + 1)
    totals = sorted(page_of_total)
    if len(totals) > 1:
        return PagingFault(f"the pages state different totals: {totals}", sorted(page_of_total.values()))
    if totals and totals != [count]:
        return PagingFault(f"the pages contain {count} items and state a total of {totals[0]}", every_page)
    if expected is not None and count != expected:
        return PagingFault(f"the small pages contain {count} items, a single page {expected}", [0, *every_page])
    return None


def _rows(operation: Operation, body: Any) -> list[Any]:
    rows = value_at(body, operation.rows or ())
    return rows if isinstance(rows, list) else []


def _identity(spec: Spec, operation: Operation, row: Any) -> tuple[str, str]:
    """Return a string that identifies a row, and the text that names it in a message.

    A row without identifiers is identified by its whole content, which no message contains: it may have undocumented
    fields.
    """
    schema: Any = operation.schema
    for name in operation.rows or ():
        schema = spec.properties(schema)[name]
    fields = spec.properties(spec.items(schema))
    identifiers = {
        name: row[name]
        for name, field in fields.items()
        if spec.hint(field) == "sequence" and isinstance(row, dict) and name in row
    }
    return (encode(identifiers), f", {shorten(encode(identifiers), 80)}") if identifiers else (encode(row), "")


def _totals(spec: Spec, schema: Mapping[str, Any], body: Any) -> list[int]:
    """Return the total numbers of items that a body states."""
    found: list[int] = []
    for name, field in spec.properties(schema).items():
        value = value_at(body, (name,))
        if isinstance(value, dict):
            found += _totals(spec, field, value)
        elif spec.hint(field) == "total-items" and isinstance(value, int):
            found.append(value)
    return found
