"""Every night: keep a snapshot, reconcile it with the one before, and say when a provider's API drifts.

    python nightly.py /data/snapshots

Exit code 0 nothing to look at, 1 something; cron and CI make an alert of that. What was read is kept in either case.
"""

from __future__ import annotations

import sys
from pathlib import Path

from onefolio import DriftReport, Folio, StoreError, open_store
from onefolio.reconciliation import compare

PRICES = {"price", "market_value", "unrealized_pnl", "unrealized_pnl_ratio", "long_market_value", "short_market_value"}
PRICES |= {"equity", "buying_power", "initial_margin", "maintenance_margin"}
"""What moves with the market every day, and is no break."""


def main(folder: Path) -> int:
    """Return 1 where something has to be looked at."""
    drifts: list[DriftReport] = []
    with Folio.from_env(on_drift=drifts.append) as folio:
        snapshot = folio.snapshot()
    store = open_store(folder)
    try:
        before = store.find()
    except StoreError:
        before = None
    store.write(snapshot)
    print(f"{snapshot.taken_at:%Y-%m-%d}: {len(snapshot.accounts)} accounts, {len(snapshot.positions)} positions kept")

    for failure in snapshot.failures:
        print(f"NOT READ  {failure.connection} {failure.operation} {failure.account_id or ''}: {failure.error}")
    for drift in drifts:
        print(f"DRIFT     {drift.connection} {drift.operation}: {drift.kind} at {drift.pointer}, first {drift.first}")
    breaks = []
    if before is not None:
        found = compare(f"{folder}@{before.isoformat()}", snapshot)
        breaks = [each for each in found.breaks if each.field not in PRICES]
        print(f"since {before:%Y-%m-%d %H:%M} UTC: {found.summary()}")
    for each in breaks:
        print(
            f"{each.kind.upper():9} {each.connection} {each.account_id} {each.what} {each.field}: {each.a} -> {each.b}"
        )
    return 1 if snapshot.failures or drifts or breaks else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
