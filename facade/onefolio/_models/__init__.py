"""The unified model."""
