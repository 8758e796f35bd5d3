"""Property types that openapi-python-client's parser lacks.

Templates decide how a type is written, the parser decides which types exist. `install()` makes the parser accept:

- exact decimals: `format: decimal`, and every JSON number instead of a float;
- integers that are sent as strings: `type: string` with `format: int32` or `int64`;
- open enums: `anyOf` of an enum and any other string;
- constants in headers, such as an API version.
"""

from __future__ import annotations

import re
from typing import Any, ClassVar

from attrs import asdict, define, evolve
from openapi_python_client import schema as oai
from openapi_python_client.parser import properties as builtin
from openapi_python_client.parser.properties.const import ConstProperty
from openapi_python_client.parser.properties.enum_property import EnumProperty
from openapi_python_client.parser.properties.int import IntProperty
from openapi_python_client.parser.properties.string import StringProperty
from openapi_python_client.parser.properties.union import UnionProperty
from openapi_python_client.strings import PythonCode


@define
class DecimalProperty(StringProperty):
    """An exact number, sent as a string of digits or as a JSON number."""

    may_be_empty: bool = False
    """Whether the schema admits the empty string, which is parsed to None."""

    _type_string: ClassVar[str] = "Decimal"
    _json_type_string: ClassVar[str] = "str"

    def get_base_type_string(self) -> PythonCode:
        return PythonCode("Decimal | None" if self.may_be_empty else "Decimal")


@define
class OpenEnumProperty(EnumProperty):
    """An enum whose unknown values are kept as strings."""

    def get_base_type_string(self) -> PythonCode:
        return PythonCode(f"{self.class_info.name} | str")


class OpenUnionProperty(UnionProperty):
    """The parser's union, except that an open enum becomes an `OpenEnumProperty`."""

    @classmethod
    def build(cls, *, data: oai.Schema, **context: Any) -> Any:
        match data.anyOf:
            case [oai.Schema(enum=list(_)) as known, oai.Schema(type=oai.DataType.STRING, enum=None, pattern=None)]:
                described = known.model_copy(update={"description": data.description})
                prop, schemas = EnumProperty.build(data=described, **context)
                if not isinstance(prop, EnumProperty):
                    return prop, schemas
                open_enum = OpenEnumProperty(**asdict(prop, recurse=False))
                by_name = {**schemas.classes_by_name, prop.class_info.name: open_enum}
                return open_enum, evolve(schemas, classes_by_name=by_name)
        return UnionProperty.build(data=data, **context)


def install() -> None:
    """Replace parts of the parser, which looks them up by name in one of its modules."""
    # These names are private to openapi-python-client 0.29.1, which is why its version is pinned.
    build_string = builtin._string_based_property

    def build_string_or_number(name: Any, required: bool, data: oai.Schema, config: Any) -> Any:
        prop = build_string(name=name, required=required, data=data, config=config)
        match data.schema_format:
            case "decimal":
                return _to_decimal(prop, may_be_empty=bool(data.pattern and re.search(_to_str(data.pattern), "")))
            case "int32" | "int64":
                return IntProperty(**_common_arguments(prop))
        return prop

    class NumberProperty:
        @staticmethod
        def build(**fields: Any) -> Any:
            return _to_decimal(StringProperty.build(**fields))

    ConstProperty._allowed_locations = ConstProperty._allowed_locations | {oai.ParameterLocation.HEADER}
    replacements = {
        "_string_based_property": build_string_or_number,
        "FloatProperty": NumberProperty,
        "UnionProperty": OpenUnionProperty,
    }
    for name, replacement in replacements.items():
        setattr(builtin, name, replacement)


def _to_decimal(prop: Any, *, may_be_empty: bool = False) -> DecimalProperty:
    return DecimalProperty(**_common_arguments(prop), may_be_empty=may_be_empty)


def _common_arguments(prop: Any) -> dict[str, Any]:
    names = ("name", "required", "default", "python_name", "description", "example")
    return {name: getattr(prop, name) for name in names}


def _to_str(untrusted: Any) -> str:
    return str(untrusted.get_untrusted_value()) if hasattr(untrusted, "get_untrusted_value") else str(untrusted)
