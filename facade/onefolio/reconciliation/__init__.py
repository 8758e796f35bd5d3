"""Reconcile a snapshot with another one or with a firm's own books.

`compare` returns a `Reconciliation`; `onefolio diff` does the same on the command line. Stored snapshots need
`pip install "onefolio[store]"`, the HTML page `pip install "onefolio[report]"`; CSV and JSON files need no extra.
"""

from .datasets import Books
from .reconcile import Break, BreakKind, Reconciliation, compare

__all__ = ["Books", "Break", "BreakKind", "Reconciliation", "compare"]
