"""Folio and AsyncFolio."""
