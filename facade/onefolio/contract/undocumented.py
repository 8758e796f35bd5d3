"""Hide the values of undocumented fields: a report shows their type and size, because they may be personal data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from onefolio_runtime import ContractError, decode, describe_shape, encode

from ..openapi.operations import Operation
from ..openapi.specs import Spec


def hide_undocumented(spec: Spec, operation: Operation, status: int, content: bytes) -> bytes:
    """Return a body in which the values of undocumented fields are replaced by descriptions.

    A body that is not JSON, or without such fields, is returned unchanged.
    """
    try:
        value = decode(content)
    except ContractError:
        return content
    schema = operation.body_schema(status)
    hidden = _hide(spec, schema, value) if schema else value
    return content if hidden == value else encode(hidden).encode()


def _hide(spec: Spec, schema: Mapping[str, Any], value: Any) -> Any:
    match value:
        case list():
            return [_hide(spec, spec.items(schema), item) for item in value]
        case dict():
            fields = spec.properties(schema)
            others = _schema_of_others(spec, schema)
            return {
                name: describe_shape(field)
                if (known := fields.get(name, others)) is None
                else _hide(spec, known, field)
                for name, field in value.items()
            }
    return value


def _schema_of_others(spec: Spec, schema: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return the schema of the fields that have no name in a schema, or None if it does not describe them."""
    stated = (layer.get("additionalProperties") for layer in spec.layers(schema))
    return next((each for each in stated if isinstance(each, dict)), None)
