"""Models as flat columns, for CSV, tables and stores."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, get_args

from .fields import fields_of
from .records import Option


def columns(model: type[Any]) -> dict[str, bool]:
    """Return the names of a model's fields as columns, and whether each is a figure.

    An option's fields stand beside the others; `raw` is left out.
    """
    found: dict[str, bool] = {}
    for name, kind in fields_of(model).items():
        if name == "option":
            found |= {f"option_{key}": is_figure for key, is_figure in columns(Option).items()}
        else:
            found[name] = Decimal in (kind, *get_args(kind))
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
