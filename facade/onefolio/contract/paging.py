"""Read a listing in small pages and verify that the pages contain every item once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from onefolio_runtime import encode

from .._core.json_paths import value_at
from ..openapi.operations import Operation
from ..openapi.specs import Spec
from .run_state import Run


def find_paging_fault(
    run: Run, operation: Operation, whole: Any, get_page: Callable[[Mapping[str, Any]], Any]
) -> str | None:
    """Read a listing in small pages and return a description of the first fault, or None.

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
    identities: Counter[str] = Counter()
    tokens: set[str] = set()
    totals: set[int] = set()
    for number in range(1, run.profile.pages + 1):
        body = get_page(query)
        if body is None:
            return None
        rows = _rows(operation, body)
        identities.update(_identity(run.spec, operation, row) for row in rows)
        totals.update(_totals(run.spec, operation.schema, body))
        token = run.next_token(operation, body)
        if size is not None and len(rows) > size:
            return f"page {number} has {len(rows)} rows, more than the requested {query}"
        if repeated := [identity for identity, count in identities.items() if count > 1]:
            return f"page {number} repeats an item: {repeated[0][:80]}"
        if token is None:
            is_complete = run.next_token(operation, whole) is None
            return _count_fault(len(identities), totals, len(expected) if is_complete else None)
        if token in tokens:
            return f"page {number} has the token of an earlier page, so the listing never ends"
        if not rows:
            return f"page {number} is empty but has a token for the next page"
        tokens.add(token)
        # The page size is sent with the token as well; the providers ignore it there.
        query = {**query, token_name: token}
    return None


def _count_fault(count: int, totals: set[int], expected: int | None) -> str | None:
    """Return a description of an inconsistent number of items; `expected` is None if it is not known."""
    if len(totals) > 1:
        return f"the pages state different totals: {sorted(totals)}"
    if totals and totals != {count}:
        return f"the pages contain {count} items and state a total of {totals.pop()}"
    if expected is not None and count != expected:
        return f"the small pages contain {count} items, a single page {expected}"
    return None


def _rows(operation: Operation, body: Any) -> list[Any]:
    rows = value_at(body, operation.rows or ())
    return rows if isinstance(rows, list) else []


def _identity(spec: Spec, operation: Operation, row: Any) -> str:
    """Return the identifiers of a row as JSON, or the whole row if it has none."""
    schema: Any = operation.schema
    for name in operation.rows or ():
        schema = spec.properties(schema)[name]
    fields = spec.properties(spec.items(schema))
    identifiers = [name for name, field in fields.items() if spec.hint(field) == "sequence"]
    return encode([row[name] for name in identifiers if name in row] if identifiers and isinstance(row, dict) else row)


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
