"""Snapshots and the scheduler that takes them."""
