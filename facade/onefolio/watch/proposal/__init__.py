"""Propose changes of a curated spec from observed responses."""
