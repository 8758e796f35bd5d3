"""Our extension of openapi-python-client: the property types that its parser does not know.

Templates decide how a type is written, but the parser decides which types there are. `install()` adds to
the built-in ones:

- `format: decimal`, and every JSON number, is an exact `Decimal`, never a float;
- an open enum (`anyOf` of an enum and any other string) is today's words or another text;
- a constant may be a header, such as the version that an API wants to be told.
"""

from __future__ import annotations

import re
from typing import Any, ClassVar

from attrs import asdict, define, evolve
from openapi_python_client import schema as oai
from openapi_python_client.parser import properties as builtin
from openapi_python_client.parser.properties.const import ConstProperty
from openapi_python_client.parser.properties.enum_property import EnumProperty
from openapi_python_client.parser.properties.string import StringProperty
from openapi_python_client.parser.properties.union import UnionProperty
from openapi_python_client.strings import PythonCode


@define
class DecimalProperty(StringProperty):
    """An exact number: a text of digits, or a JSON number."""

    may_be_empty: bool = False
    """The schema admits the empty text, which is read as None."""

    _type_string: ClassVar[str] = "Decimal"
    _json_type_string: ClassVar[str] = "str"

    def get_base_type_string(self) -> PythonCode:
        return PythonCode("Decimal | None" if self.may_be_empty else "Decimal")


@define
class OpenEnumProperty(EnumProperty):
    """Today's words as an enum, any other word as the text it is."""

    def get_base_type_string(self) -> PythonCode:
        return PythonCode(f"{self.class_info.name} | str")


class OpenUnionProperty(UnionProperty):
    """The built-in union, which gives way to `OpenEnumProperty` where the choice is an open enum."""

    @classmethod
    def build(cls, *, data: oai.Schema, **context: Any) -> Any:
        match data.anyOf:
            case [oai.Schema(enum=list(_)) as words, oai.Schema(type=oai.DataType.STRING, enum=None, pattern=None)]:
                described = words.model_copy(update={"description": data.description})
                prop, schemas = EnumProperty.build(data=described, **context)
                if not isinstance(prop, EnumProperty):
                    return prop, schemas
                opened = OpenEnumProperty(**asdict(prop, recurse=False))
                by_name = {**schemas.classes_by_name, prop.class_info.name: opened}
                return opened, evolve(schemas, classes_by_name=by_name)
        return UnionProperty.build(data=data, **context)


def install() -> None:
    """Make the generator's parser use these types. It looks them up by name in one module."""
    strings = builtin._string_based_property

    def string_based(name: Any, required: bool, data: oai.Schema, config: Any) -> Any:
        prop = strings(name=name, required=required, data=data, config=config)
        if data.schema_format != "decimal":
            return prop
        return _decimal(prop, may_be_empty=bool(data.pattern and re.search(_text(data.pattern), "")))

    class Number:
        @staticmethod
        def build(**fields: Any) -> Any:
            return _decimal(StringProperty.build(**fields))

    ConstProperty._allowed_locations = ConstProperty._allowed_locations | {oai.ParameterLocation.HEADER}
    replaced = {"_string_based_property": string_based, "FloatProperty": Number, "UnionProperty": OpenUnionProperty}
    for part, ours in replaced.items():
        setattr(builtin, part, ours)


def _decimal(prop: Any, *, may_be_empty: bool = False) -> DecimalProperty:
    names = ("name", "required", "default", "python_name", "description", "example")
    return DecimalProperty(**{name: getattr(prop, name) for name in names}, may_be_empty=may_be_empty)


def _text(untrusted: Any) -> str:
    return str(untrusted.get_untrusted_value()) if hasattr(untrusted, "get_untrusted_value") else str(untrusted)
