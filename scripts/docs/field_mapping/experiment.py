"""Which native fields each unified field is made of, and how, found by experiment.

An adapter is given the rows of its spec's examples, with one native field at a time changed to another value that the
spec allows. What changes in the unified object comes from that field; how the two go together tells what is done to it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from functools import cache, partial
from itertools import pairwise
from typing import Any, Final, NamedTuple, TypeAlias

import attrs

from onefolio._connections.connection import Connection
from onefolio._connections.resource import CAPABILITIES, Capability, Resource
from onefolio._core.json_paths import FieldPath, value_at
from onefolio._models.fields import fields_of
from onefolio._models.records import Account, Balance, Position
from onefolio.openapi.examples import examples_by_status
from onefolio.openapi.specs import Spec
from onefolio.providers.registry import known
from onefolio_runtime import ContractError, Model, decode, encode

from .relations import Pair, Relation, infer_relation
from .schema_fields import Field, fields

MODELS: Final[Mapping[Capability, type[Any]]] = {"accounts": Account, "balances": Balance, "positions": Position}
"""What each capability gives."""

ASKED: Final = frozenset(("provider", "connection", "account_id"))
"""What is known from the call, where no field of the answer says it."""
_PARTIAL = frozenset((Relation.SIGN, Relation.LISTED, Relation.DERIVED))
"""Relations that leave something of the unified field to other native ones."""
_ABSENT: Any = object()

_Make: TypeAlias = Callable[[Any], list[Any]]
"""Makes the unified objects of a row."""


@attrs.frozen
class Source:
    """A native field that a unified one is made of.

    Attributes:
        path: the native field, from the row; `*` for the items of a list.
        relation: what is done to its value.
        words: for WORD, the unified word by the native one, for the native words that are known.
        exponent: for SCALED, of ten.
        when_absent: what the unified field is where the native one is absent or null; None where it is None then.
    """

    path: FieldPath
    relation: Relation
    words: Mapping[str, str | None]
    exponent: int
    when_absent: str | None


@attrs.frozen
class Mapped:
    """How one capability of a provider is mapped.

    Attributes:
        capability: which one.
        method: of the operation that is asked.
        path: of the operation that is asked.
        rows: the way from the top of an answer to a row; its last is `*` where there is a list of them.
        sources: by unified field, what it is made of; what gives the sign alone comes last.
        fixed: unified fields that are the same whatever the provider sends.
        lacking: unified fields that the provider says nothing of.
    """

    capability: Capability
    method: str
    path: str
    rows: FieldPath
    sources: Mapping[str, tuple[Source, ...]]
    fixed: Mapping[str, Any]
    lacking: tuple[str, ...]


class _Trial(NamedTuple):
    """One value that a native field was given, and what a unified object held then.

    Attributes:
        series: which object of which row it is.
        native: the value; None also where the field was left out.
        unified: the object's fields.
    """

    series: tuple[int, int]
    native: Any
    unified: dict[str, Any]


@cache
def mappings(provider: str) -> tuple[Mapped, ...]:
    """Return how a provider's answers become unified objects, for each of its capabilities."""
    kind = known()[provider]
    options: dict[str, Any] = kind.demo_credentials()
    connection = kind(**options)
    accounts = connection.accounts()
    found = [_mapped(connection, "accounts", accounts, partial(_read, accounts))]
    if connection.balances_with_accounts:
        found.append(_mapped(connection, "balances", accounts, partial(_read_balances, connection, accounts)))
    for capability in CAPABILITIES[1:]:
        if capability in kind.capabilities and not (capability == "balances" and kind.balances_with_accounts):
            account = _read(accounts, next(_rows(connection, accounts)))[0]
            reading: Resource[Any, Any] = getattr(connection, capability)(account)
            found.append(_mapped(connection, capability, reading, partial(_read, reading)))
    return tuple(found)


def _read(reading: Resource[Any, Any], row: Any) -> list[Any]:
    model: Model = reading.model.view(row)
    return [reading.read(model)]


def _read_balances(connection: Connection, accounts: Resource[Any, Account], row: Any) -> list[Any]:
    return list(connection.balances_of(_read(accounts, row)[0], lambda _: None))


def _bodies(connection: Connection, reading: Resource[Any, Any]) -> Iterator[Any]:
    """Yield the spec's examples of an answer, as a client would decode them."""
    operation = reading.request(None).operation
    for status, examples in examples_by_status(connection.contract.spec, operation.method, operation.path).items():
        if status.startswith("2"):
            yield from (decode(encode(example).encode()) for example in examples)


def _rows(connection: Connection, reading: Resource[Any, Any]) -> Iterator[Any]:
    for body in _bodies(connection, reading):
        listed = value_at(body, reading.rows)
        yield from listed if isinstance(listed, list) else [listed]


def _mapped(connection: Connection, capability: Capability, reading: Resource[Any, Any], make: _Make) -> Mapped:
    operation = reading.request(None).operation
    schema = {"$ref": f"#/components/schemas/{reading.model.SCHEMA}"}
    leaves = [each for each in fields(Spec(connection.contract.spec), schema) if each.is_leaf]
    rows = list(_rows(connection, reading))
    for row in rows:
        _fill(row, leaves)
    sources: dict[str, list[Source]] = {}
    seen: dict[str, set[Any]] = {name: set() for name in fields_of(MODELS[capability])}
    for leaf in leaves:
        trials = [trial for number, row in enumerate(rows) for trial in _trials(number, row, leaf, make)]
        for name, values in seen.items():
            values.update(trial.unified[name] for trial in trials)
            if source := _source(leaf, name, trials):
                sources.setdefault(name, []).append(source)
    constant = {name: next(iter(values)) for name, values in seen.items() if name not in sources and values}
    in_list = isinstance(value_at(next(_bodies(connection, reading)), reading.rows), list)
    return Mapped(
        capability=capability,
        method=operation.method,
        path=operation.path,
        rows=(*reading.rows, "*") if in_list else reading.rows,
        sources={name: tuple(sorted(sources[name], key=_is_sign)) for name in seen if name in sources},
        fixed={name: value for name, value in constant.items() if _says(value) and name not in ASKED},
        lacking=tuple(name for name, value in constant.items() if not _says(value)),
    )


def _is_sign(source: Source) -> bool:
    return source.relation is Relation.SIGN


def _says(value: Any) -> bool:
    return value is not None and value != frozenset()


def _fill(row: Any, leaves: list[Field]) -> None:
    """Put a value into every field that a row lacks."""
    for leaf in leaves:
        holder, name = _holder(row, leaf.path), leaf.path[-1]
        if holder.get(name) is None:
            value = next((value for value in leaf.values(None) if value is not None), None)
            if value is not None:
                holder[name] = value


def _holder(row: Any, path: FieldPath) -> dict[str, Any]:
    """Return the object that holds the last field of a path, made where it is not there; in lists, the first item."""
    node = row
    for name, following in pairwise(path):
        empty: Any = [] if following == "*" else {}
        if name == "*":
            if not node:
                node.append(empty)
            node = node[0]
        else:
            if node.get(name) is None:
                node[name] = empty
            node = node[name]
    holder: dict[str, Any] = node
    return holder


def _trials(number: int, row: Any, leaf: Field, make: _Make) -> Iterator[_Trial]:
    """Yield what becomes of a row for each value that a field of it may have."""
    before = _holder(row, leaf.path).get(leaf.path[-1])
    for value in [before, *leaf.values(before), *([] if leaf.is_required else [_ABSENT])]:
        changed = deepcopy(row)
        holder = _holder(changed, leaf.path)
        if value is _ABSENT:
            holder.pop(leaf.path[-1], None)
        else:
            holder[leaf.path[-1]] = value
        try:
            made = make(changed)
        except ContractError:
            continue  # allowed by the schema and refused by the adapter, such as a long position of less than nothing
        native = None if value is _ABSENT else value
        for index, each in enumerate(made):
            yield _Trial((number, index), native, {name: getattr(each, name) for name in type(each).__struct_fields__})


def _source(leaf: Field, name: str, trials: list[_Trial]) -> Source | None:
    """Return what a native field does to a unified one, or None where it does nothing."""
    series: dict[tuple[int, int], list[Pair]] = {}
    for trial in trials:
        series.setdefault(trial.series, []).append((trial.native, trial.unified[name]))
    moved = [pairs for pairs in series.values() if any(after != pairs[0][1] for _, after in pairs)]
    if not moved:
        return None
    # An empty text is how some say that there is nothing.
    stated = [[pair for pair in pairs if pair[0] not in (None, "")] for pairs in moved]
    told = infer_relation(leaf.path[-1], stated)
    others = {str(after) for pairs in moved for native, after in pairs if native is None and _says(after)}
    return Source(
        path=leaf.path,
        relation=told.relation,
        words={word: told.words[word] for word in leaf.words or told.words if word in told.words},
        exponent=told.exponent,
        when_absent=others.pop() if len(others) == 1 and told.relation not in _PARTIAL else None,
    )
