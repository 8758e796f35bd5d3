"""Store a snapshot, reconcile it with the previous one, and report drift of a provider's API.

    python nightly.py /data/snapshots

Run it every night from cron or CI. It exits with 1 if there are failures, drift or breaks. The snapshot is stored in
any case.
"""

from __future__ import annotations

import sys
from pathlib import Path

from onefolio import DriftReport, Folio, StoreError, open_store
from onefolio.reconciliation import compare

PRICES = {"price", "market_value", "unrealized_pnl", "unrealized_pnl_ratio", "long_market_value", "short_market_value"}
PRICES |= {"equity", "buying_power", "initial_margin", "maintenance_margin"}
"""Columns that change with the market every day. A change is not a break."""


def main(folder: Path) -> int:
    """Return 1 if there are failures, drift or breaks, otherwise 0."""
    drifts: list[DriftReport] = []
    with Folio.from_env(on_drift=drifts.append) as folio:
        snapshot = folio.snapshot()
    store = open_store(folder)
    try:
        before = store.find()
    except StoreError:
        before = None
    text_only = store.write(snapshot)
    print(
        f"{snapshot.taken_at:%Y-%m-%d}: {len(snapshot.accounts)} accounts, {len(snapshot.positions)} positions stored"
    )

    for failure in snapshot.failures:
        print(f"FAILED    {failure.connection} {failure.operation} {failure.account_id or ''}: {failure.error}")
    for figure in text_only:
        print(f"TEXT ONLY {figure.connection} {figure.account_id} {figure.what} {figure.column}: {figure.text}")
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
