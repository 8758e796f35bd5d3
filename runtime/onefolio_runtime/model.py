"""The base of every generated model: a typed view of one checked JSON object."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, ClassVar, Final, Literal, Self, TypeAlias, final

from .contract.validate import Contract
from .json import encode
from .scalars import wire

Json: TypeAlias = dict[str, Any]
"""A JSON object."""

_new = object.__new__


@final
class Unset:
    """The type of `UNSET`, which leaves a field or a parameter out; `None` sends a null."""

    __slots__ = ()

    def __bool__(self) -> Literal[False]:
        return False

    def __repr__(self) -> str:
        return "UNSET"


UNSET: Final = Unset()
"""Leaves a field or a parameter out."""


class Model:
    """A JSON object and typed properties over it, converted when they are read.

    The object is kept as it came, so `to_dict()` loses nothing: neither an undocumented field nor the
    digits of a number. A property of an optional field is `None` where the field is absent or null;
    `"field" in model` tells the two apart. Do not change the object behind a model.
    """

    __slots__ = ("_data",)

    CONTRACT: ClassVar[Contract]
    SCHEMA: ClassVar[str]

    _data: Json

    def __init__(self, **fields: Any) -> None:
        self._data = {name: wire(value) for name, value in fields.items() if value is not UNSET}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Return the model of a JSON object, held against its schema.

        Raises:
            ContractError: the object breaks the schema; each violation has a JSON pointer into it.
        """
        data = data if isinstance(data, dict) else dict(data)
        cls.CONTRACT.require(cls.SCHEMA, data)
        return cls.view(data)

    @classmethod
    def view(cls, data: Json) -> Self:
        """Return the model of a JSON object that has been checked already."""
        model = _new(cls)
        model._data = data
        return model

    @classmethod
    def views(cls, rows: Iterable[Json]) -> Iterator[Self]:
        """Yield the models of JSON objects that have been checked already."""
        for data in rows:
            model = _new(cls)
            model._data = data
            yield model

    def to_dict(self) -> Json:
        """Return the JSON object itself, as it came."""
        return self._data

    def to_json(self) -> str:
        """Return the object as JSON text, numbers in plain notation."""
        return encode(self._data)

    def __contains__(self, field: object) -> bool:
        return field in self._data

    def __getitem__(self, field: str) -> Any:
        return self._data[field]

    def __eq__(self, other: object) -> bool:
        return self._data == other._data if type(other) is type(self) and isinstance(other, Model) else NotImplemented

    __hash__ = None  # type: ignore[assignment]  # the object behind it is a dict

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in self._data.items())})"
