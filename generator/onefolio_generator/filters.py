"""How a property of the generator's parser is written in Python: its types and how it is read."""

from __future__ import annotations

from collections.abc import Iterator
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

from .document import DocumentError
from .properties import DecimalProperty, OpenEnumProperty


def annotation(prop: Any) -> str:
    """Return the Python type of a property's value, absence left aside."""
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
            return f"list[{annotation(prop.inner_property)}]"
        case NoneProperty():
            return "None"
        case UnionProperty():
            return _joined([annotation(inner) for inner in prop.inner_properties])
        case AnyProperty():
            return "Any"
    raise DocumentError(f"{prop.name.get_untrusted_value()}: {type(prop).__name__} has no form in our templates")


def read(prop: Any, source: str) -> str:
    """Return the expression that reads a property from checked JSON."""
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
            inner = read(prop.inner_property, "item")
            return source if inner == "item" else f"[{inner} for item in {source}]"
        case UnionProperty():
            kinds = [inner for inner in prop.inner_properties if not isinstance(inner, NoneProperty)]
            readers = {read(inner, source) for inner in kinds}
            if len(readers) > 1:
                name = prop.name.get_untrusted_value()
                raise DocumentError(f"{name}: a choice of {annotation(prop)} has no single reading")
            reader = readers.pop()
            return reader if reader == source or not nullable(prop) else f"None if {source} is None else {reader}"
    return source


def column(prop: Any) -> str | None:
    """Return the type of a scalar property's values in a column, or None if the property has no column.

    Decimals and integers are converted; enum values, UUIDs, dates and times stay strings.
    """
    match prop:
        case DecimalProperty() | IntProperty():
            kind = annotation(prop)
        case BooleanProperty():
            kind = "bool"
        case StringProperty() | ConstProperty() | OpenEnumProperty() | DateProperty() | DateTimeProperty() | UuidProperty():
            kind = "str"
        case UnionProperty():
            kinds = {column(inner) for inner in prop.inner_properties if not isinstance(inner, NoneProperty)}
            if len(kinds) != 1 or None in kinds:
                return None
            kind = _joined([str(kinds.pop()), *(["None"] if nullable(prop) else [])])
        case _:
            return None
    return kind if prop.required else _joined([kind, "None"])


def column_reader(prop: Any) -> str:
    """Return the expression of a column's value, over a local `row`."""
    name = repr(prop.name.get_untrusted_value()).replace("'", '"')
    kind = str(column(prop))
    value = f"row[{name}]" if prop.required else f"row.get({name})"
    if "Decimal" not in kind and "int" not in kind:
        return value
    convert = read(next(_scalars(prop)), "value")
    if "None" not in kind.split(" | "):
        return convert.replace("value", value)
    return f"None if (value := {value}) is None else {convert}"


def _scalars(prop: Any) -> Iterator[Any]:
    if isinstance(prop, UnionProperty):
        for inner in prop.inner_properties:
            if not isinstance(inner, NoneProperty):
                yield from _scalars(inner)
    else:
        yield prop


def builder(prop: Any) -> str:
    """Return the expression of a function from checked JSON to the typed value."""
    if isinstance(prop, ModelProperty):
        return f"{prop.class_info.name}.view"
    return f"lambda value: {read(prop, 'value')}"


def result_types(answers: list[tuple[str, str, Any]]) -> str:
    """Return the two type arguments of an operation: what a success and what a failure is parsed to."""
    successes = [annotation(prop) for status, _, prop in answers if status.startswith("2")]
    failures = [annotation(prop) for status, _, prop in answers if not status.startswith("2")]
    return f"{_joined(successes)}, {_joined(failures) or 'Any'}"


def nullable(prop: Any) -> bool:
    """Tell whether the property's schema admits null."""
    return isinstance(prop, UnionProperty) and any(isinstance(inner, NoneProperty) for inner in prop.inner_properties)


def field(prop: Any) -> str:
    """Return the type of the property of a model that reads it: None stands for absent, too."""
    return annotation(prop) if prop.required else _joined([annotation(prop), "None"])


def reader(prop: Any) -> str:
    """Return the expression of a model's property, over a local `value`."""
    expression = read(prop, "value")
    if prop.required or expression == "value" or expression.startswith("None if"):
        return expression
    return f"None if value is None else {expression}"


def local(prop: Any) -> str:
    """Return the type of the local `value` that `reader` reads from."""
    return field(prop) if reader(prop) == "value" else "Any"


def parameter(prop: Any) -> str:
    """Return the declaration of a function's parameter. A constant is sent unless told otherwise.

    Any other default of the spec is what the server does without the parameter: it need not be sent.
    """
    if isinstance(prop, ConstProperty) and prop.default is not None:
        default = prop.default.python_code.as_unembedded_code()
        return f"{prop.python_name}: {_joined([annotation(prop), 'Unset'])} = {default}"
    if prop.required:
        return f"{prop.python_name}: {annotation(prop)}"
    return f"{prop.python_name}: {_joined([annotation(prop), 'Unset'])} = UNSET"


def keywords(props: list[Any]) -> str:
    """Return call arguments that pass Python-named values under their names on the wire."""
    names = [(prop.name.get_untrusted_value(), prop.python_name) for prop in props]
    if all(name.isidentifier() and not iskeyword(name) for name, _ in names):
        return ", ".join(f"{name}={value}" for name, value in names)
    return "**{" + mapping(props) + "}"


def mapping(props: list[Any]) -> str:
    """Return the items of a dict from names on the wire to Python-named values."""
    return ", ".join(f"{prop.name.get_untrusted_value()!r}: {prop.python_name}" for prop in props)


def _joined(types: list[str]) -> str:
    parts = dict.fromkeys(part for each in types for part in each.split(" | "))
    return " | ".join([part for part in parts if part != "None"] + ["None"] * ("None" in parts))


FILTERS = {
    function.__name__: function
    for function in (annotation, builder, column, column_reader, field, keywords, local, mapping, nullable, parameter, reader, result_types)
}
