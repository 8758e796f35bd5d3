"""Snapshots as Arrow tables and data frames."""
