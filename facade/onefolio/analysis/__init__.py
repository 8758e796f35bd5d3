"""Totals and exposure of balances and positions."""
