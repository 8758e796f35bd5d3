"""The pages of a listing, walked: is every item there, and each of them once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from onefolio_runtime import encode

from .._core.json_paths import value_at
from ..openapi.operations import Operation
from ..openapi.specs import Spec
from .run_state import Run


def walk_pages(run: Run, operation: Operation, whole: Any, page: Callable[[Mapping[str, Any]], Any]) -> str | None:
    """Read a listing again in small pages, and return what is wrong with them.

    Args:
        run: whose profile says how many pages are asked for.
        operation: what lists.
        whole: the answer to the request without a page size.
        page: asks for a page by its query; None where the server does not answer for now.
    """
    listed = _rows(operation, whole)
    sized, token_name = operation.page_size, operation.token or ""
    # Four pages or so, whatever the size of the listing, but never more rows than a page may have.
    size = min(max(1, -(-len(listed) // 4)), sized.schema.get("maximum", 100)) if sized else None
    query: dict[str, Any] = {sized.name: size} if sized else {}
    seen: Counter[str] = Counter()
    tokens: set[str] = set()
    totals: set[int] = set()
    for number in range(1, run.profile.pages + 1):
        body = page(query)
        if body is None:
            return None
        rows = _rows(operation, body)
        seen.update(_identity(run.spec, operation, row) for row in rows)
        totals.update(_totals(run.spec, operation.schema, body))
        token = run.next_token(operation, body)
        if size is not None and len(rows) > size:
            return f"page {number} has {len(rows)} rows where {sized and sized.name}={size} was asked for"
        if repeated := [identity for identity, times in seen.items() if times > 1]:
            return f"page {number} repeats an item: {repeated[0][:80]}"
        if token is None:
            return _missing(len(seen), totals, listed, more=run.next_token(operation, whole) is not None)
        if token in tokens:
            return f"page {number} leads back to a page that was there before: the pages never end"
        if not rows:
            return f"page {number} is empty and says that another one follows"
        tokens.add(token)
        # The page's size goes with the token: the providers ignore it there.
        query = {**query, token_name: token}
    return None


def _missing(count: int, totals: set[int], listed: list[Any], *, more: bool) -> str | None:
    if len(totals) > 1:
        return f"the pages differ in the total that they state: {sorted(totals)}"
    if totals and totals != {count}:
        return f"the pages hold {count} items together, and state a total of {totals.pop()}"
    if not more and count != len(listed):
        return f"the small pages hold {count} items together, the one large page {len(listed)}"
    return None


def _rows(operation: Operation, body: Any) -> list[Any]:
    rows = value_at(body, operation.rows or ())
    return rows if isinstance(rows, list) else []


def _identity(spec: Spec, operation: Operation, row: Any) -> str:
    """Return what tells a row from the others: its identifiers, or the whole of it where it has none."""
    schema: Any = operation.schema
    for name in operation.rows or ():
        schema = spec.properties(schema)[name]
    fields = spec.properties(spec.items(schema))
    identifiers = [name for name, field in fields.items() if spec.hint(field) == "sequence"]
    return encode([row[name] for name in identifiers if name in row] if identifiers and isinstance(row, dict) else row)


def _totals(spec: Spec, schema: Mapping[str, Any], body: Any) -> list[int]:
    """Return the totals that a body states."""
    found: list[int] = []
    for name, field in spec.properties(schema).items():
        value = value_at(body, (name,))
        if isinstance(value, dict):
            found += _totals(spec, field, value)
        elif spec.hint(field) == "total-items" and isinstance(value, int):
            found.append(value)
    return found
