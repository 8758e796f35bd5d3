"""Schemas for pydantic, so that models can be response models and arguments of pydantic's type adapters.

Nothing here imports pydantic before pydantic itself asks for a schema. JSON has the form of `to_jsonable`.
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from decimal import Decimal
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Any, Union, get_args, get_origin

from .._core.errors import OnefolioError
from .fields import fields_of, required_fields
from .jsonable import to_jsonable

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler
    from pydantic_core import CoreSchema

_PLAIN_DECIMAL = r"^-?[0-9]+(\.[0-9]+)?$"


class PydanticSchema:
    """Base class of models that pydantic can validate, serialize and describe.

    An object is accepted as it is, and a mapping or JSON object with all of its fields is converted. Decimals are
    strings in JSON, and no float is accepted for one. `raw` is left out.
    """

    __slots__ = ()

    @classmethod
    def __get_pydantic_core_schema__(cls, _: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return model_schema(cls, handler)


def model_schema(kind: type[Any], handler: GetCoreSchemaHandler) -> CoreSchema:
    """Return the schema of a model, from the names and types of its fields."""
    from pydantic_core import core_schema as core

    def fields(required: Container[str]) -> CoreSchema:
        return core.typed_dict_schema(
            {
                name: core.typed_dict_field(_field_schema(hint, handler), required=name in required)
                for name, hint in fields_of(kind).items()
            },
            extra_behavior="forbid",
            config=core.CoreConfig(title=kind.__name__),
        )

    build = core.no_info_after_validator_function(lambda values: kind(**values), fields(required_fields(kind)))
    return core.json_or_python_schema(
        json_schema=build,
        python_schema=core.union_schema([core.is_instance_schema(kind), build], mode="left_to_right"),
        serialization=core.plain_serializer_function_ser_schema(
            lambda value: {name: getattr(value, name) for name in fields_of(kind)},
            return_schema=fields(fields_of(kind)),
        ),
        # The part before the colon is the name in documents; the part after it keeps classes of one name apart.
        ref=f"{kind.__module__}.{kind.__qualname__}:{id(kind)}",
    )


def _field_schema(hint: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
    from pydantic_core import core_schema as core

    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType) and NoneType in arguments:
        inner = [_field_schema(each, handler) for each in arguments if each is not NoneType]
        return core.nullable_schema(inner[0] if len(inner) == 1 else core.union_schema([*inner], mode="left_to_right"))
    if origin in (list, Sequence):
        return core.list_schema(_field_schema(arguments[0], handler))
    if origin in (dict, Mapping):
        return core.dict_schema(core.str_schema(), _field_schema(arguments[1], handler))
    if isinstance(hint, type) and issubclass(hint, PydanticSchema):
        return handler.generate_schema(hint)
    schema: Any = dict(_leaf_schema(hint, handler))  # typed as any, because only most kinds of schemas have this key
    schema["serialization"] = core.plain_serializer_function_ser_schema(to_jsonable, when_used="json")
    result: CoreSchema = schema
    return result


def _leaf_schema(hint: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
    from pydantic_core import core_schema as core

    if hint is Decimal:
        text = core.no_info_after_validator_function(Decimal, core.str_schema(pattern=_PLAIN_DECIMAL))
        number = core.union_schema([core.is_instance_schema(Decimal), text], mode="left_to_right")
        return core.json_or_python_schema(json_schema=text, python_schema=number)
    if hint is object:
        return core.any_schema()
    if isinstance(hint, type) and issubclass(hint, OnefolioError):
        shape = core.typed_dict_schema(
            {name: core.typed_dict_field(core.str_schema()) for name in ("type", "message")},
            config=core.CoreConfig(title="Error"),
        )
        return core.json_or_python_schema(
            json_schema=core.no_info_after_validator_function(_refuse_error, shape),
            python_schema=core.is_instance_schema(hint),
        )
    return handler.generate_schema(hint)


def _refuse_error(_: object) -> Any:
    raise ValueError("an error cannot be restored from JSON, which has only its type and its message")
