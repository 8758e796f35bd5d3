"""Analyse holdings and their concentration, in cells for Jupyter, VS Code and PyCharm (`# %%`)."""

# %% Take a snapshot of all configured connections. Check its failures first.
import duckdb
import polars as pl

from onefolio import Folio

with Folio.from_env() as folio:
    snapshot = folio.snapshot()

print(
    f"{len(snapshot.accounts)} accounts, {len(snapshot.positions)} positions at {snapshot.taken_at:%Y-%m-%d %H:%M} UTC"
)
for failure in snapshot.failures:
    print(f"FAILED: {failure.connection} {failure.operation} {failure.account_id or ''}: {failure.error}")

# %% List the largest positions. Short positions are negative, and figures are exact decimals.
positions = snapshot.to_polars().positions
print(
    positions.sort(pl.col("market_value").abs(), descending=True, nulls_last=True)
    .select("connection", "symbol", "side", "quantity", "market_value")
    .head(10)
)

# %% Add long and short positions by connection. Some providers do not state a currency, so do not add connections.
by_connection = positions.group_by("connection").agg(
    long=pl.col("market_value").filter(pl.col("market_value") > 0).sum(),
    short=pl.col("market_value").filter(pl.col("market_value") < 0).sum(),
    missing=pl.col("market_value").is_null().sum(),
)
print(by_connection.sort("connection"))

# %% Find instruments that several accounts hold, with SQL over the frame.
query = """
    SELECT symbol, count(DISTINCT account_id) AS accounts, sum(quantity) AS quantity
    FROM positions WHERE instrument_type = 'EQUITY'
    GROUP BY symbol HAVING accounts > 1 ORDER BY accounts DESC, symbol LIMIT 10
"""
with duckdb.connect() as connection:
    for symbol, accounts, quantity in connection.execute(query).fetchall():
        print(f"{symbol:8} {accounts} accounts {quantity:>30,f}")

# %% Group options by expiry. The parts of an OSI symbol have their own columns.
print(
    positions.drop_nulls("option_expiry")
    .group_by("option_expiry", "option_underlying")
    .agg(pl.col("quantity").sum())
    .sort("option_expiry", "option_underlying")
)

# %% Add balances by asset. The unit of an amount `AS_SENT` is unknown, so it is excluded.
balances = snapshot.to_polars().balances.filter(pl.col("unit") == "MAJOR")
print(balances.group_by("asset").agg(pl.col("cash", "equity").sum()).sort("asset"))
