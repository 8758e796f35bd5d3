"""Jinja filters that write a property of the parser as Python: its types, parameters and conversions."""

from __future__ import annotations

import json
from keyword import iskeyword
from typing import Any

from openapi_python_client.parser.properties.any import AnyProperty
from openapi_python_client.parser.properties.boolean import BooleanProperty
from openapi_python_client.parser.properties.const import ConstProperty
from openapi_python_client.parser.properties.date import DateProperty
from openapi_python_client.parser.properties.datetime import DateTimeProperty
from openapi_python_client.parser.properties.int import IntProperty
from openapi_python_client.parser.properties.list_property import ListProperty
from openapi_python_client.parser.properties.model_property import ModelProperty
from openapi_python_client.parser.properties.none import NoneProperty
from openapi_python_client.parser.properties.string import StringProperty
from openapi_python_client.parser.properties.union import UnionProperty
from openapi_python_client.parser.properties.uuid import UuidProperty

from ..document import DocumentError
from .parser_extensions import DecimalProperty, OpenEnumProperty


def render_type(prop: Any) -> str:
    """Return the Python type of a property that is present."""
    match prop:
        case DecimalProperty(may_be_empty=empty):
            return "Decimal | None" if empty else "Decimal"
        case OpenEnumProperty():
            return f"{prop.class_info.name} | str"
        case StringProperty() | ConstProperty():
            return "str"
        case IntProperty():
            return "int"
        case BooleanProperty():
            return "bool"
        case DateProperty():
            return "date"
        case DateTimeProperty():
            return "datetime"
        case UuidProperty():
            return "UUID"
        case ModelProperty():
            return str(prop.class_info.name)
        case ListProperty():
            return f"list[{render_type(prop.inner_property)}]"
        case NoneProperty():
            return "None"
        case UnionProperty():
            return _join_types([render_type(inner) for inner in prop.inner_properties])
        case AnyProperty():
            return "Any"
    raise DocumentError(
        f"{prop.name.get_untrusted_value()}: the templates do not support {type(prop).__name__}. Change its schema."
    )


def render_conversion(prop: Any, source: str) -> str:
    """Return the expression that converts validated JSON to the type of a property."""
    match prop:
        case DecimalProperty(may_be_empty=empty):
            return f"to_optional_decimal({source})" if empty else f"Decimal({source})"
        case OpenEnumProperty():
            return f"to_open_enum({prop.class_info.name}, {source})"
        case IntProperty():
            return f"int({source})"
        case DateProperty():
            return f"date.fromisoformat({source})"
        case DateTimeProperty():
            return f"to_datetime({source})"
        case UuidProperty():
            return f"UUID({source})"
        case ModelProperty():
            return f"{prop.class_info.name}.view({source})"
        case ListProperty():
            inner = render_conversion(prop.inner_property, "item")
            return source if inner == "item" else f"[{inner} for item in {source}]"
        case UnionProperty():
            return _render_union_conversion(prop, source)
    return source


def _render_union_conversion(prop: UnionProperty, source: str) -> str:
    branches = _non_null(prop)
    conversions = {render_conversion(inner, source) for inner in branches}
    if len(conversions) > 1:
        raise DocumentError(
            f"{prop.name.get_untrusted_value()}: {render_type(prop)} needs more than one conversion. Narrow its schema "
            "to one type or null."
        )
    conversion = conversions.pop()
    is_nullable = len(branches) < len(prop.inner_properties)
    return f"None if {source} is None else {conversion}" if is_nullable and conversion != source else conversion


def render_column_type(prop: Any) -> str | None:
    """Return the type of a scalar property's values in a column, or None if the property has no column.

    Decimals and integers are converted; enum values, UUIDs, dates and times stay strings.
    """
    match prop:
        case DecimalProperty() | IntProperty():
            kind = render_type(prop)
        case BooleanProperty():
            kind = "bool"
        case (
            StringProperty()
            | ConstProperty()
            | OpenEnumProperty()
            | DateProperty()
            | DateTimeProperty()
            | UuidProperty()
        ):
            kind = "str"
        case UnionProperty():
            kinds = {render_column_type(inner) for inner in _non_null(prop)}
            if len(kinds) != 1 or None in kinds:
                return None
            kind = _join_types(
                [str(kinds.pop()), *(["None"] if len(_non_null(prop)) < len(prop.inner_properties) else [])]
            )
        case _:
            return None
    return kind if prop.required else _join_types([kind, "None"])


def render_column_conversion(prop: Any) -> str:
    """Return the expression that reads a column's value from a local `row`."""
    name = json.dumps(prop.name.get_untrusted_value())
    types = str(render_column_type(prop)).split(" | ")
    value = f"row[{name}]" if prop.required else f"row.get({name})"
    if "Decimal" not in types and "int" not in types:
        return value
    scalar = prop
    while isinstance(scalar, UnionProperty):
        scalar = _non_null(scalar)[0]
    if "None" not in types:
        return render_conversion(scalar, value)
    return f"None if (value := {value}) is None else {render_conversion(scalar, 'value')}"


def _non_null(prop: UnionProperty) -> list[Any]:
    return [inner for inner in prop.inner_properties if not isinstance(inner, NoneProperty)]


def render_builder(prop: Any) -> str:
    """Return the expression of a function from validated JSON to the type of a property."""
    if isinstance(prop, ModelProperty):
        return f"{prop.class_info.name}.view"
    return f"lambda value: {render_conversion(prop, 'value')}"


def render_result_types(responses: list[tuple[str, str, Any]]) -> str:
    """Return the type arguments of an operation: the type of its successes and that of its errors."""
    successes = [render_type(prop) for status, _, prop in responses if status.startswith("2")]
    errors = [render_type(prop) for status, _, prop in responses if not status.startswith("2")]
    return f"{_join_types(successes)}, {_join_types(errors) or 'Any'}"


def render_field_type(prop: Any) -> str:
    """Return the type of a model's field, which is None for an absent property."""
    return render_type(prop) if prop.required else _join_types([render_type(prop), "None"])


def render_field_conversion(prop: Any) -> str:
    """Return the expression of a model's field over a local `value`."""
    expression = render_conversion(prop, "value")
    if prop.required or expression == "value" or expression.startswith("None if"):
        return expression
    return f"None if value is None else {expression}"


def render_local_type(prop: Any) -> str:
    """Return the type of the local `value` that `render_field_conversion` converts."""
    return render_field_type(prop) if render_field_conversion(prop) == "value" else "Any"


def render_parameter(prop: Any) -> str:
    """Return the declaration of a function's parameter."""
    if isinstance(prop, ConstProperty) and prop.default is not None:
        default = prop.default.python_code.as_unembedded_code()
        return f"{prop.python_name}: {_join_types([render_type(prop), 'Unset'])} = {default}"
    if prop.required:
        return f"{prop.python_name}: {render_type(prop)}"
    # A default of the spec describes the server's behaviour without the parameter, so it is not sent.
    return f"{prop.python_name}: {_join_types([render_type(prop), 'Unset'])} = UNSET"


def render_keywords(props: list[Any]) -> str:
    """Return call arguments that pass Python variables under their names on the wire."""
    names = [(prop.name.get_untrusted_value(), prop.python_name) for prop in props]
    if all(name.isidentifier() and not iskeyword(name) for name, _ in names):
        return ", ".join(f"{name}={value}" for name, value in names)
    return "**{" + render_items(props) + "}"


def render_items(props: list[Any]) -> str:
    """Return the items of a dict from names on the wire to Python variables."""
    return ", ".join(f"{prop.name.get_untrusted_value()!r}: {prop.python_name}" for prop in props)


def _join_types(types: list[str]) -> str:
    parts = dict.fromkeys(part for each in types for part in each.split(" | "))
    return " | ".join([part for part in parts if part != "None"] + ["None"] * ("None" in parts))


FILTERS = {
    "builder": render_builder,
    "column_conversion": render_column_conversion,
    "column_type": render_column_type,
    "field_conversion": render_field_conversion,
    "field_type": render_field_type,
    "items_by_wire_name": render_items,
    "keywords": render_keywords,
    "local_type": render_local_type,
    "parameter": render_parameter,
    "result_types": render_result_types,
}
