"""Conversion of snapshots to Arrow tables and data frames."""
