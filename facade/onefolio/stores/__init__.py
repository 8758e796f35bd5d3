"""Stores for snapshots: Parquet folders, DuckDB files and PostgreSQL databases."""
