"""Balances in the response that lists the accounts."""

from __future__ import annotations

from attrs import frozen

from ..field_matching import FieldMatch, match_fields
from ..rows import Rows, iterate_objects
from ..schemas import Components


@frozen
class EmbeddedBalances:
    """Balances in the row of an account.

    Attributes:
        rows: the balances within the row; the row itself where their path is empty.
        matches: the unified fields that are read from a balance.
    """

    rows: Rows
    matches: list[FieldMatch]


def find_embedded_balances(components: Components, accounts: Rows) -> EmbeddedBalances | None:
    """Return the balances in the row of an account: a list of them, or the numbers of the row itself."""
    best: tuple[int, EmbeddedBalances] | None = None
    for rows in iterate_objects(components, accounts.schema):
        if rows.path and not rows.is_list:
            continue
        matches = match_fields(components, "balances", rows.schema)
        numbers = [each for each in matches if each.kind == "number"]
        score = sum(2 if each.is_certain else 1 for each in numbers) + rows.is_list
        if numbers and (best is None or score > best[0]):
            best = (score, EmbeddedBalances(rows, matches))
    return best and best[1]
