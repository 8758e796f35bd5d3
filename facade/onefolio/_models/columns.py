"""Models as flat columns, for CSV, tables and stores."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import attrs

from .records import Option


def columns(model: type[Any]) -> dict[str, bool]:
    """Return the names of a model's fields as columns, and whether each is a figure.

    An option's fields stand beside the others; `raw` is left out.
    """
    found: dict[str, bool] = {}
    for field in attrs.fields(model):
        if field.name == "option":
            found |= {f"option_{name}": is_figure for name, is_figure in columns(Option).items()}
        elif field.name != "raw":
            found[field.name] = "Decimal" in str(field.type)
    return found


def flatten(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a plain row by its columns: every value is a text, or None, or a number where it counts something."""
    found: dict[str, Any] = {}
    for name, value in row.items():
        if name == "option":
            found |= {f"option_{key}": item for key, item in (value or {}).items()}
        elif isinstance(value, list):
            found[name] = " ".join(value)
        elif isinstance(value, dict):
            found[name] = json.dumps(value)
        else:
            found[name] = value
    return found
