"""Infer the source of each unified field by experiment."""
