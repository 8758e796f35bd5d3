"""Two snapshots reconciled, or one with a firm's own books: what appeared, vanished, changed, or was not read.

`compare` returns a `Reconciliation`; `onefolio diff` is the same on the command line. Stored snapshots need
`pip install "onefolio[store]"`, the HTML page `pip install "onefolio[report]"`; CSV and JSON files need nothing.
"""

from ._reconciliation import Break, Kind, Reconciliation, compare
from ._side import Books

__all__ = ["Books", "Break", "Kind", "Reconciliation", "compare"]
