"""What is held, where, and how concentrated it is. Cells as Jupyter, VS Code and PyCharm know them (`# %%`)."""

# %% Take a snapshot of every configured connection. Failures are part of it; look at them first.
import duckdb
import polars as pl

from onefolio import Folio

with Folio.from_env() as folio:
    snapshot = folio.snapshot()

print(
    f"{len(snapshot.accounts)} accounts, {len(snapshot.positions)} positions at {snapshot.taken_at:%Y-%m-%d %H:%M} UTC"
)
for failure in snapshot.failures:
    print(f"NOT READ: {failure.connection} {failure.operation} {failure.account_id or ''}: {failure.error}")

# %% The largest positions. Short ones are negative, and figures are exact decimals.
positions = snapshot.to_polars().positions
print(
    positions.sort(pl.col("market_value").abs(), descending=True, nulls_last=True)
    .select("connection", "symbol", "side", "quantity", "market_value")
    .head(10)
)

# %% Long and short of each connection. No provider says which currency a market value is in: never add across them.
by_connection = positions.group_by("connection").agg(
    long=pl.col("market_value").filter(pl.col("market_value") > 0).sum(),
    short=pl.col("market_value").filter(pl.col("market_value") < 0).sum(),
    unstated=pl.col("market_value").is_null().sum(),
)
print(by_connection.sort("connection"))

# %% The same instrument in several accounts, with SQL over the frame itself.
query = """
    SELECT symbol, count(DISTINCT account_id) AS accounts, sum(quantity) AS quantity
    FROM positions WHERE instrument_type = 'EQUITY'
    GROUP BY symbol HAVING accounts > 1 ORDER BY accounts DESC, symbol LIMIT 10
"""
with duckdb.connect() as connection:
    for symbol, accounts, quantity in connection.execute(query).fetchall():
        print(f"{symbol:8} {accounts} accounts {quantity:>30,f}")

# %% Options by expiry: what an OSI symbol says stands in columns of its own.
print(
    positions.drop_nulls("option_expiry")
    .group_by("option_expiry", "option_underlying")
    .agg(pl.col("quantity").sum())
    .sort("option_expiry", "option_underlying")
)

# %% Balances by asset. An amount as sent (`AS_SENT`) has no known unit, so it stays out of every sum.
balances = snapshot.to_polars().balances.filter(pl.col("unit") == "MAJOR")
print(balances.group_by("asset").agg(pl.col("cash", "equity").sum()).sort("asset"))
