"""What things of a spec are called in Python: as the generator's parser calls them, but for a few fields."""

from __future__ import annotations

from openapi_python_client.strings import PythonIdentifier

_OF_MODELS = frozenset(("from_dict", "to_dict", "to_json", "view", "views", "date", "datetime"))
"""What a model has itself, and the types that its annotations name."""


def identifier(name: str) -> str:
    """Return the name in Python of an operation or a parameter."""
    return str(PythonIdentifier(name, "field_"))


def field_name(name: str) -> str:
    """Return the name in Python of a model's field."""
    plain = identifier(name)
    return f"{plain}_" if plain in _OF_MODELS else plain
