"""Clients generated from the curated specs, one package a provider."""
