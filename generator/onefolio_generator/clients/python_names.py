"""Python names for the names of a spec."""

from __future__ import annotations

from openapi_python_client.strings import ClassName, PythonIdentifier

_RESERVED_FIELDS = frozenset(("from_dict", "to_dict", "to_json", "view", "views", "date", "datetime"))
"""Attributes of `Model`, and types that the annotations of a model refer to."""


def to_identifier(name: str) -> str:
    """Return the Python name of an operation or a parameter."""
    return str(PythonIdentifier(name, "field_"))


def to_field_name(name: str) -> str:
    """Return the Python name of a model's field."""
    identifier = to_identifier(name)
    return f"{identifier}_" if identifier in _RESERVED_FIELDS else identifier


def to_class_name(name: str, prefix: str) -> str:
    """Return the Python name of a class; `prefix` precedes a name that would start with a digit."""
    return str(ClassName(name, prefix))
