"""Reconcile a snapshot with another snapshot or with your own books.

`compare` returns a `Reconciliation`, as does `onefolio diff` on the command line. Stored snapshots require
`pip install "onefolio[store]"`, and `to_html()` requires `pip install "onefolio[report]"`.
"""

from .books import Books
from .breaks import Break, BreakKind, Reconciliation
from .reconcile import compare

__all__ = ["Books", "Break", "BreakKind", "Reconciliation", "compare"]
