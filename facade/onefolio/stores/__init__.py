"""Snapshot stores: Parquet folders, DuckDB, PostgreSQL."""
