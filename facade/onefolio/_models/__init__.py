"""The unified model and its conversion to JSON values and columns."""
