"""Base classes of the generated models: typed views of validated JSON objects, and typed columns of many."""

from __future__ import annotations

import reprlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, ClassVar, Final, Generic, Literal, Self, TypeAlias, TypeVar, final

from .contract.validate import Contract
from .json import encode
from .scalars import wire

Json: TypeAlias = dict[str, Any]
"""A JSON object."""

M = TypeVar("M", bound="Model")

_SHOWN_FIELDS = 100
"""Maximum number of fields in the `repr` of a model. No provider documents as many, but any may send them."""

_bounded = reprlib.Repr()
_bounded.maxstring = _bounded.maxother = 100
_bounded.maxdict = 20

_new = object.__new__


@final
class Unset:
    """The type of `UNSET`."""

    __slots__ = ()

    def __bool__(self) -> Literal[False]:
        return False

    def __repr__(self) -> str:
        return "UNSET"


UNSET: Final = Unset()
"""Leaves a field or a parameter out, whereas `None` sends null."""


class Model:
    """A JSON object with typed properties, which convert values on access.

    The object is kept as received, so `to_dict()` loses neither undocumented fields nor the digits of a number. The
    property of an optional field is None where the field is absent or null; `"field" in model` distinguishes the two.
    Do not modify the object of a model.
    """

    __slots__ = ("_data",)

    CONTRACT: ClassVar[Contract]
    SCHEMA: ClassVar[str]

    _data: Json

    def __init__(self, **fields: Any) -> None:
        self._data = {name: wire(value) for name, value in fields.items() if value is not UNSET}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Validate a JSON object and return its model.

        Raises:
            ContractError: the object violates the schema; each violation has a JSON pointer into it.
        """
        data = data if isinstance(data, dict) else dict(data)
        cls.CONTRACT.require(cls.SCHEMA, data)
        return cls.view(data)

    @classmethod
    def view(cls, data: Json) -> Self:
        """Return the model of a JSON object that is already validated."""
        model = _new(cls)
        model._data = data
        return model

    @classmethod
    def views(cls, rows: Iterable[Json]) -> Iterator[Self]:
        """Yield the models of JSON objects that are already validated."""
        for data in rows:
            model = _new(cls)
            model._data = data
            yield model

    def to_dict(self) -> Json:
        """Return the JSON object as received."""
        return self._data

    def to_json(self) -> str:
        """Return the object as JSON, with numbers in plain notation."""
        return encode(self._data)

    def __contains__(self, field: object) -> bool:
        return field in self._data

    def __getitem__(self, field: str) -> Any:
        return self._data[field]

    def __eq__(self, other: object) -> bool:
        return self._data == other._data if type(other) is type(self) and isinstance(other, Model) else NotImplemented

    __hash__ = None  # type: ignore[assignment]  # the object behind it is a dict

    def __repr__(self) -> str:
        fields = [f"{name}={_bounded.repr(value)}" for name, value in islice(self._data.items(), _SHOWN_FIELDS)]
        if hidden := len(self._data) - len(fields):
            fields.append(f"… {hidden} more")
        return f"{type(self).__name__}({', '.join(fields)})"


class Columns(Generic[M]):
    """Typed columns of many validated JSON objects: a list of values for each scalar field.

    Reading a field of a thousand objects at once costs one list comprehension instead of a thousand property calls.
    Decimals and integers are converted. Enum values, UUIDs, dates and times stay the strings of the wire.

    Args:
        rows: the objects; all have the schema of `MODEL`.
    """

    __slots__ = ("_rows",)

    MODEL: ClassVar[type[Model]]

    def __init__(self, rows: Sequence[Json]) -> None:
        self._rows = rows

    def __len__(self) -> int:
        return len(self._rows)

    @property
    def models(self) -> list[M]:
        """The models of the rows."""
        # A loop of its own, because a generator such as `Model.views` takes half as long again.
        kind: Any = self.MODEL
        models = []
        for row in self._rows:
            model = _new(kind)
            model._data = row
            models.append(model)
        return models
