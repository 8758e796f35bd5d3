"""A pandas column of exact decimals that computes.

Decimals in columns of Arrow or of objects fail in many operations, round their results or leave figures out. A
`FigureArray` holds `Decimal` objects with all of their digits, and calculates with `figure_math`. An operation with a
float, and every function of pandas that needs floats, such as `rolling`, returns floats.
"""

# The methods have the signatures of pandas, and objects of the class use the members of each other.
# ruff: noqa: ARG002, ARG003, FBT001, FBT002, SLF001

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
import pandas as pd
from pandas.api.extensions import ExtensionArray, ExtensionDtype, register_extension_dtype, take
from pandas.api.indexers import check_array_indexer
from pandas.api.types import is_float_dtype, is_integer_dtype, is_list_like, is_object_dtype, is_string_dtype

from onefolio_runtime import decimal_text

from . import figure_math
from .arrow_schema import DIGITS, PLACES
from .figure_math import Figure

if TYPE_CHECKING:
    import pyarrow as pa

_FLOATS = "Float64"

_array: Any = pd.array  # its stubs have overloads for literal types only


@register_extension_dtype
class FigureDtype(ExtensionDtype):
    """The type of columns with exact decimals of any length, `"figure"`. A missing figure is `pandas.NA`."""

    name: ClassVar[str] = "figure"
    type = Decimal
    _is_numeric = True

    @property
    def na_value(self) -> Any:
        """The missing figure, `pandas.NA`."""
        return pd.NA

    @classmethod
    def construct_array_type(cls) -> type[FigureArray]:  # type: ignore[valid-type]
        """Return the class of the columns."""
        return FigureArray

    def __from_arrow__(self, array: pa.Array[Any] | pa.ChunkedArray[Any]) -> FigureArray:
        """Convert an Arrow column of decimals."""
        return FigureArray(array.to_pylist())

    def _get_common_dtype(self, dtypes: list[Any]) -> Any:
        return self if all(isinstance(each, FigureDtype) or is_integer_dtype(each) for each in dtypes) else None


class FigureArray(ExtensionArray):
    """A pandas column of exact decimals.

    Args:
        figures: `Decimal` objects, integers and missing values.

    Raises:
        TypeError: a value is not a decimal, such as a float.
        ValueError: a value is infinite.
    """

    def __init__(self, figures: Iterable[Any]) -> None:
        found = [_figure(each) for each in figures]
        self._data = np.empty(len(found), dtype=object)
        self._data[:] = found
        self._dtype = FigureDtype()

    @property
    def dtype(self) -> FigureDtype:
        """The type of the column."""
        return self._dtype

    @property
    def nbytes(self) -> int:
        """The size of the references to the figures in bytes."""
        return int(self._data.nbytes)

    def __len__(self) -> int:
        return len(self._data)

    def __getitem__(self, item: Any) -> Any:
        item = check_array_indexer(self, item)
        found = self._data[item]
        return self._wrap(found) if isinstance(found, np.ndarray) else _scalar(found)

    def __setitem__(self, key: Any, value: Any) -> None:
        key = check_array_indexer(self, key)
        self._data[key] = FigureArray(value)._data if is_list_like(value) else _figure(value)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        if dtype is not None and np.dtype(dtype).kind == "f":
            return np.array([np.nan if each is None else float(each) for each in self._data], dtype=dtype)
        found = np.array([_scalar(each) for each in self._data] or [], dtype=object)
        return found if dtype is None else found.astype(dtype)

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        """Apply an operator exactly, and any other function of numpy to floats."""
        operation = _UFUNCS.get(ufunc.__name__)
        if operation is not None and method == "__call__" and not kwargs:
            return operation(*inputs)
        if method == "__call__" and any(isinstance(each, pd.Series | pd.Index | pd.DataFrame) for each in inputs):
            return NotImplemented
        floats = [np.asarray(each, dtype=float) if isinstance(each, FigureArray) else each for each in inputs]
        return getattr(ufunc, method)(*floats, **kwargs)

    def __arrow_array__(self, type: pa.DataType | None = None) -> Any:
        """Convert the column to Arrow: by default to the type of all tables, or to the shortest that is long enough.

        Raises:
            pyarrow.ArrowInvalid: no type is long enough.
        """
        import pyarrow as pa

        if type is not None and pa.types.is_floating(type):
            return pa.array(np.asarray(self, dtype=float), type=type, from_pandas=True)
        if type is not None and (pa.types.is_string(type) or pa.types.is_large_string(type)):
            return pa.array(self._texts(), type=type)
        figures = self._data.tolist()
        try:
            return pa.array(figures, type=type or pa.decimal128(DIGITS, PLACES))
        except pa.ArrowInvalid:
            if type is not None:
                raise
            return pa.array(figures)

    @classmethod
    def _from_sequence(cls, scalars: Any, *, dtype: Any = None, copy: bool = False) -> Self:
        return cls(scalars)

    @classmethod
    def _from_sequence_of_strings(cls, strings: Any, *, dtype: Any = None, copy: bool = False) -> Self:
        return cls(None if pd.isna(each) or not each else Decimal(each) for each in strings)

    @classmethod
    def _from_factorized(cls, values: Any, original: Any) -> Self:
        return cls(values)

    @classmethod
    def _concat_same_type(cls, to_concat: Sequence[Any]) -> Self:
        return cls._wrap(np.concatenate([each._data for each in to_concat]))

    @classmethod
    def _wrap(cls, data: Any) -> Self:
        found = cls.__new__(cls)
        found._data, found._dtype = data, FigureDtype()
        return found

    def isna(self) -> Any:
        """Return which figures are missing."""
        return np.array([each is None for each in self._data], dtype=bool)

    def copy(self) -> Self:
        """Return a copy."""
        return self._wrap(self._data.copy())

    def take(  # pyright: ignore[reportIncompatibleMethodOverride]  # the stubs have another name than pandas
        self, indices: Any, *, allow_fill: bool = False, fill_value: Any = None
    ) -> Self:
        """Return the figures at some places; see `pandas.api.extensions.ExtensionArray.take`."""
        found = take(self._data, indices, allow_fill=allow_fill)
        if allow_fill:
            found[np.asarray(indices) < 0] = _figure(fill_value)  # pandas would replace None by a float
        return self._wrap(found)

    def astype(self, dtype: Any, copy: bool = True) -> Any:
        """Convert the column. Floats are the nearest ones, and strings are in plain notation.

        Raises:
            ValueError: a figure is not an integer, and the type is one of integers.
        """
        wanted: Any = pd.api.types.pandas_dtype(dtype)
        if isinstance(wanted, FigureDtype):
            return self.copy() if copy else self
        if isinstance(wanted, pd.ArrowDtype):
            return _array(self.__arrow_array__(wanted.pyarrow_dtype), dtype=wanted)
        if is_float_dtype(wanted):
            return (
                _array(np.asarray(self, dtype=float), dtype=wanted) if _is_extension(wanted) else self.__array__(wanted)
            )
        if is_integer_dtype(wanted):
            return (
                _array(self._integers(), dtype=wanted) if _is_extension(wanted) else np.array(self._integers(), wanted)
            )
        if is_object_dtype(wanted):
            return np.asarray(self)
        if is_string_dtype(wanted):
            return _array(self._texts(), dtype=wanted)
        return super().astype(wanted, copy=copy)

    def round(self, decimals: int = 0, *args: Any, **kwargs: Any) -> Self:
        """Return the figures rounded to a number of places, half to even."""
        return self._map(lambda figure: figure_math.round_to(figure, decimals))

    def value_counts(self, dropna: bool = True) -> pd.Series[Any]:
        """Return the number of each figure."""
        codes, unique = self.factorize(use_na_sentinel=dropna)
        counts = np.bincount(codes[codes >= 0], minlength=len(unique))
        order = np.argsort(-counts, kind="stable")
        index = pd.Index(unique.take(order))
        return pd.Series(_array(counts[order], dtype="Int64"), index=index, name="count", copy=False)

    def __neg__(self) -> Self:
        return self._map(figure_math.negate)

    def __pos__(self) -> Self:
        return self.copy()

    def __abs__(self) -> Self:
        return self._map(Decimal.copy_abs)

    def _map(self, change: Callable[[Decimal], Figure]) -> Self:
        return type(self)(None if each is None else change(each) for each in self._data)

    def _known(self) -> list[Decimal]:
        return [each for each in self._data if each is not None]

    def _texts(self) -> list[str | None]:
        return [None if each is None else decimal_text(each) for each in self._data]

    def _integers(self) -> list[int | None]:
        if odd := next((each for each in self._known() if each != each.to_integral_value()), None):
            raise ValueError(f"{decimal_text(odd)} is not an integer. Round the column first")
        return [None if each is None else int(each) for each in self._data]

    def _floats(self) -> Any:
        return _array(np.asarray(self, dtype=float), dtype=_FLOATS)

    def _formatter(self, boxed: bool = False) -> Callable[[Any], str]:
        return lambda value: str(pd.NA) if value is pd.NA or value is None else decimal_text(value)

    def _values_for_factorize(self) -> tuple[Any, Any]:
        return self._data, None

    def _values_for_argsort(self) -> Any:
        return np.array([_LEAST if each is None else each for each in self._data] or [], dtype=object)

    def _values_for_json(self) -> Any:
        return np.array(self._texts(), dtype=object)

    def _accumulate(self, name: str, *, skipna: bool = True, **kwargs: Any) -> Self:
        return type(self)(figure_math.accumulate_figures(name, self._data.tolist(), skipna=skipna))

    def _reduce(self, name: str, *, skipna: bool = True, keepdims: bool = False, **kwargs: Any) -> Any:
        if name in ("any", "all"):
            return getattr(pd.Series(self._compare("ne", 0)), name)(skipna=skipna)
        if name in ("skew", "kurt"):
            found = getattr(pd.Series(self._floats()), name)(skipna=skipna)
            return _array([found], dtype=_FLOATS) if keepdims else found
        figures = self._known()
        options = {each: kwargs[each] for each in ("min_count", "ddof") if each in kwargs}
        try:
            is_missing = not skipna and len(figures) < len(self)
            result = None if is_missing else figure_math.reduce_figures(name, figures, **options)
        except KeyError:
            raise TypeError(f"figures do not support {name}; convert them with astype(float)") from None
        return type(self)([result]) if keepdims else _scalar(result)

    def _quantile(self, qs: Any, interpolation: str) -> Self:
        ordered = sorted(self._known())
        return type(self)(figure_math.quantile(ordered, Decimal(repr(float(each))), interpolation) for each in qs)

    def _groupby_op(
        self, *, how: str, has_dropped_na: bool, min_count: int, ngroups: int, ids: Any, **kwargs: Any
    ) -> Any:
        options = {"has_dropped_na": has_dropped_na, "min_count": min_count, "ngroups": ngroups, "ids": ids, **kwargs}
        if how in ("rank", "idxmin", "idxmax"):
            return _group(_array(figure_math.dense_order(self._data.tolist()), dtype="Int64"), how, options)
        if how in ("any", "all"):
            return _group(self._compare("ne", 0), how, options)
        if how in ("skew", "kurt", "ohlc"):
            return _group(self._floats(), how, options)
        members: list[list[int]] = [[] for _ in range(ngroups)]
        for place, group in enumerate(ids):
            if group >= 0:
                members[group].append(place)
        skipna, ddof = kwargs.get("skipna", True), kwargs.get("ddof", 1)
        if how.startswith("cum"):
            running: list[Figure] = [None] * len(self)
            for places in members:
                for place, figure in zip(
                    places,
                    figure_math.accumulate_figures(how, self._data[places].tolist(), skipna=skipna),
                    strict=True,
                ):
                    running[place] = figure
            return type(self)(running)
        results = (
            self.take(places)._of_group(how, skipna=skipna, min_count=min_count, ddof=ddof) for places in members
        )
        return type(self)(results)

    def _of_group(self, how: str, *, skipna: bool, min_count: int, ddof: int) -> Figure:
        figures = self._known()
        if not skipna and len(figures) < len(self):
            return None
        try:
            return figure_math.reduce_figures(how, figures, min_count=max(min_count, 0), ddof=ddof)
        except KeyError:
            raise NotImplementedError(f"figures do not support {how}; convert them with astype(float)") from None

    def _groupby_quantile(self, **options: Any) -> Any:
        return self._floats()._groupby_quantile(**options)

    def _operate(self, name: str, other: Any, *, is_reversed: bool = False) -> Any:
        if isinstance(other, pd.Series | pd.Index | pd.DataFrame):
            return NotImplemented
        try:
            figures = _figures(other, len(self))
        except _FloatOperand:
            left, right = self._floats(), other if np.isscalar(other) else _array(np.asarray(other, float), _FLOATS)
            function = getattr(operator, name)
            return function(right, left) if is_reversed else function(left, right)
        except (TypeError, ValueError):
            return NotImplemented
        pairs = zip(figures, self._data, strict=True) if is_reversed else zip(self._data, figures, strict=True)
        calculate = figure_math.BINARY[name]
        return type(self)(None if a is None or b is None else calculate(a, b) for a, b in pairs)

    def _compare(self, name: str, other: Any) -> Any:
        if isinstance(other, pd.Series | pd.Index | pd.DataFrame):
            return NotImplemented
        values = list(other) if is_list_like(other) else [other] * len(self)
        if len(values) != len(self):
            raise ValueError(f"a column of {len(self)} rows cannot be compared with {len(values)} values")
        compare = figure_math.COMPARISONS[name]
        found = [None if a is None or pd.isna(b) else compare(a, b) for a, b in zip(self._data, values, strict=True)]
        return _array(found, dtype="boolean")


class _FloatOperand(Exception):
    """An operand is a float, so that the result is one."""


_LEAST = Decimal("-Infinity")


def _figure(value: Any) -> Figure:
    if isinstance(value, Decimal):
        if value.is_finite():
            return value
        if value.is_nan():
            return None
        raise ValueError("a figure cannot be infinite")
    if value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and np.isnan(value)):
        return None
    if isinstance(value, int | np.integer) and not isinstance(value, bool):
        return Decimal(int(value))
    raise TypeError(f"{value!r} is not an exact figure. Pass a Decimal, such as Decimal('1.5'), or an integer")


def _figures(other: Any, number: int) -> list[Figure]:
    """Return an operand as figures.

    Raises:
        _FloatOperand: the operand has floats.
        TypeError: the operand has values that are not numbers.
        ValueError: the operand has another length.
    """
    if isinstance(other, FigureArray):
        values: list[Any] = other._data.tolist()
    else:
        values = list(other) if is_list_like(other) else [other]
        if is_float_dtype(getattr(other, "dtype", object)) or any(
            isinstance(each, float | np.floating) and not np.isnan(each) for each in values
        ):
            raise _FloatOperand
        values = values if is_list_like(other) else values * number
    if len(values) != number:
        raise ValueError(f"{len(values)} values for {number} rows")
    return [_figure(each) for each in values]


def _scalar(figure: Figure) -> Any:
    return pd.NA if figure is None else figure


def _is_extension(dtype: Any) -> bool:
    return isinstance(dtype, ExtensionDtype)


def _group(column: Any, how: str, options: dict[str, Any]) -> Any:
    return column._groupby_op(how=how, **options)


def _add_operator(name: str) -> None:
    def operate(self: FigureArray, other: Any) -> Any:
        return self._operate(name, other)

    def operate_reversed(self: FigureArray, other: Any) -> Any:
        return self._operate(name, other, is_reversed=True)

    setattr(FigureArray, f"__{name}__", operate)
    setattr(FigureArray, f"__r{name}__", operate_reversed)


def _add_comparison(name: str) -> None:
    def compare(self: FigureArray, other: Any) -> Any:
        return self._compare(name, other)

    setattr(FigureArray, f"__{name}__", compare)


for _name in figure_math.BINARY:
    _add_operator(_name)
for _name in figure_math.COMPARISONS:
    _add_comparison(_name)

_UFUNCS: dict[str, Callable[..., Any]] = {
    "add": operator.add,
    "subtract": operator.sub,
    "multiply": operator.mul,
    "divide": operator.truediv,
    "true_divide": operator.truediv,
    "floor_divide": operator.floordiv,
    "remainder": operator.mod,
    "power": operator.pow,
    "negative": operator.neg,
    "positive": operator.pos,
    "absolute": operator.abs,
    "equal": operator.eq,
    "not_equal": operator.ne,
    "less": operator.lt,
    "less_equal": operator.le,
    "greater": operator.gt,
    "greater_equal": operator.ge,
}
"""Functions of numpy that are operators."""
