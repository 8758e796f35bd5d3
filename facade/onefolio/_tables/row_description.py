"""Names of the rows of a table in messages."""

from __future__ import annotations

from collections.abc import Callable

from .._core.text import escape_surrogates


def describe_row(value: Callable[[str], object]) -> str:
    """Describe a row of a table for a message.

    Args:
        value: returns the value of a column; None for a column that the table does not have.
    """
    subject = " ".join(str(each) for each in map(value, ("symbol", "asset")) if each) or "a row"
    return escape_surrogates(f"{subject} in account {value('account_id') or value('id')} of {value('connection')}")
