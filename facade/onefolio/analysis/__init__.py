"""Totals of balances, exposure of positions, and exchange rates."""
