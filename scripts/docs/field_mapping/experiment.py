"""Infer the source of each unified field by experiment.

An adapter parses the rows of its spec's examples with one provider field at a time changed to another value that the
spec allows. A change of the unified object comes from that field, and the pairs of values show the relation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from functools import cache, partial
from itertools import pairwise
from typing import Any, Final, NamedTuple, TypeAlias

import attrs
from msgspec.structs import replace

from onefolio._connections.connection import Connection
from onefolio._connections.resource import CAPABILITIES, Capability, Resource
from onefolio._core.json_paths import FieldPath, value_at
from onefolio._models.fields import field_names_of
from onefolio._models.records import Account, Balance, Position
from onefolio.openapi.examples import examples_by_status
from onefolio.openapi.specs import Spec
from onefolio.providers.registry import known
from onefolio_runtime import ContractError, Model, decode, encode

from .relations import Pair, Relation, infer_relation
from .schema_fields import Field, list_fields

MODELS: Final[Mapping[Capability, type[Any]]] = {"accounts": Account, "balances": Balance, "positions": Position}
"""The unified model of each capability."""

CALL_FIELDS: Final = frozenset(("provider", "connection", "account_id"))
"""Unified fields whose value is known from the call if no provider field states it."""
_PARTIAL = frozenset((Relation.SIGN, Relation.LISTED, Relation.DERIVED))
"""Relations in which other provider fields contribute to the unified field."""
_ABSENT: Any = object()

_Parse: TypeAlias = Callable[[Any], list[Any]]
"""Parses a row into unified objects."""


@attrs.frozen
class Source:
    """A provider field from which a unified field is computed.

    Attributes:
        path: the path from the row to the provider field; `*` for the items of a list.
        relation: the relation between the two values.
        enum_values: for ENUM, the unified value of each known value.
        exponent: for SCALED, the power of ten.
        when_absent: the unified value if the provider field is absent or null; None if that is None as well.
    """

    path: FieldPath
    relation: Relation
    enum_values: Mapping[str, str | None]
    exponent: int
    when_absent: str | None


@attrs.frozen
class ModelMapping:
    """The mapping of one capability of a provider.

    Attributes:
        capability: the capability.
        method: the method of the operation.
        path: the path of the operation.
        rows: the path from the body to a row; it ends with `*` if there is a list of rows.
        sources: the sources of each unified field; a source of the sign comes last.
        from_account: unified fields that repeat a field of the row's account, and the name of that field.
        fixed: unified fields with the same value for every row.
        missing: unified fields that the provider does not state.
    """

    capability: Capability
    method: str
    path: str
    rows: FieldPath
    sources: Mapping[str, tuple[Source, ...]]
    from_account: Mapping[str, str]
    fixed: Mapping[str, Any]
    missing: tuple[str, ...]


class _Trial(NamedTuple):
    """One value of a provider field, and the unified object that results.

    Attributes:
        series: the indices of the row and of the object.
        native: the value; None also if the field was left out.
        unified: the fields of the object.
    """

    series: tuple[int, int]
    native: Any
    unified: dict[str, Any]


@cache
def infer_mappings(provider: str) -> tuple[ModelMapping, ...]:
    """Return the mapping of each capability of a provider."""
    kind = known()[provider]
    options: dict[str, Any] = kind.demo_credentials()
    connection = kind(**options)
    accounts = connection.accounts()
    found = [_infer(connection, "accounts", accounts, partial(_parse, accounts), {})]
    if connection.balances_with_accounts:
        found.append(_infer(connection, "balances", accounts, partial(_parse_balances, connection, accounts), {}))
    for capability in CAPABILITIES[1:]:
        if capability in kind.capabilities and not (capability == "balances" and kind.balances_with_accounts):
            account = _parse(accounts, next(_iter_rows(connection, accounts)))[0]
            resource: Resource[Any, Any] = getattr(connection, capability)(account)
            from_account = _infer_from_account(connection, capability, account)
            found.append(_infer(connection, capability, resource, partial(_parse, resource), from_account))
    return tuple(found)


def _parse(resource: Resource[Any, Any], row: Any) -> list[Any]:
    model: Model = resource.model.view(row)
    return [resource.parse(model)]


def _parse_balances(connection: Connection, accounts: Resource[Any, Account], row: Any) -> list[Any]:
    return list(connection.balances_of(_parse(accounts, row)[0], lambda _: None))


def _iter_bodies(connection: Connection, resource: Resource[Any, Any]) -> Iterator[Any]:
    """Yield the spec's examples of a successful response, decoded as by a client."""
    operation = resource.request(None).operation
    for status, examples in examples_by_status(connection.contract.spec, operation.method, operation.path).items():
        if status.startswith("2"):
            yield from (decode(encode(example).encode()) for example in examples)


def _iter_rows(connection: Connection, resource: Resource[Any, Any]) -> Iterator[Any]:
    for body in _iter_bodies(connection, resource):
        rows = value_at(body, resource.rows_path)
        yield from rows if isinstance(rows, list) else [rows]


def _infer_from_account(connection: Connection, capability: Capability, account: Account) -> dict[str, str]:
    """Return the unified fields that change with a field of the account, and the names of the account's fields."""
    found: dict[str, str] = {}
    for name in field_names_of(Account):
        if name in ("id", "raw") or name in CALL_FIELDS:
            continue
        marker: Any = f"another {name}"
        resource: Resource[Any, Any] = getattr(connection, capability)(replace(account, **{name: marker}))
        unified = _parse(resource, next(_iter_rows(connection, resource)))[0]
        found |= {each: name for each in field_names_of(type(unified)) if getattr(unified, each) == marker}
    return found


def _infer(
    connection: Connection,
    capability: Capability,
    resource: Resource[Any, Any],
    parse: _Parse,
    from_account: Mapping[str, str],
) -> ModelMapping:
    operation = resource.request(None).operation
    schema = {"$ref": f"#/components/schemas/{resource.model.SCHEMA}"}
    leaves = [field for field in list_fields(Spec(connection.contract.spec), schema) if field.is_leaf]
    rows = list(_iter_rows(connection, resource))
    for row in rows:
        _fill(row, leaves)
    sources: dict[str, list[Source]] = {}
    values: dict[str, set[Any]] = {name: set() for name in field_names_of(MODELS[capability])}
    for leaf in leaves:
        trials = [trial for number, row in enumerate(rows) for trial in _try_values(number, row, leaf, parse)]
        for name, known_values in values.items():
            known_values.update(trial.unified[name] for trial in trials)
            if source := _infer_source(leaf, name, trials):
                sources.setdefault(name, []).append(source)
    constant = {
        name: next(iter(each))
        for name, each in values.items()
        if name not in sources and name not in from_account and each
    }
    in_list = isinstance(value_at(next(_iter_bodies(connection, resource)), resource.rows_path), list)
    return ModelMapping(
        capability=capability,
        method=operation.method,
        path=operation.path,
        rows=(*resource.rows_path, "*") if in_list else resource.rows_path,
        sources={name: tuple(sorted(sources[name], key=_is_sign)) for name in values if name in sources},
        from_account=from_account,
        fixed={name: value for name, value in constant.items() if _is_stated(value) and name not in CALL_FIELDS},
        missing=tuple(name for name, value in constant.items() if not _is_stated(value)),
    )


def _is_sign(source: Source) -> bool:
    return source.relation is Relation.SIGN


def _is_stated(value: Any) -> bool:
    return value is not None and value != frozenset()


def _fill(row: Any, leaves: list[Field]) -> None:
    """Set every field that a row lacks to a valid value."""
    for leaf in leaves:
        parent, name = _ensure_parent(row, leaf.path), leaf.path[-1]
        if parent.get(name) is None:
            value = next((value for value in leaf.valid_values(None) if value is not None), None)
            if value is not None:
                parent[name] = value


def _ensure_parent(row: Any, path: FieldPath) -> dict[str, Any]:
    """Return the object that contains the last field of a path; create it if necessary; use the first item of lists."""
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
    parent: dict[str, Any] = node
    return parent


def _try_values(number: int, row: Any, leaf: Field, parse: _Parse) -> Iterator[_Trial]:
    """Yield the unified objects of a row for each valid value of a field."""
    before = _ensure_parent(row, leaf.path).get(leaf.path[-1])
    for value in [before, *leaf.valid_values(before), *([] if leaf.is_required else [_ABSENT])]:
        changed = deepcopy(row)
        parent = _ensure_parent(changed, leaf.path)
        if value is _ABSENT:
            parent.pop(leaf.path[-1], None)
        else:
            parent[leaf.path[-1]] = value
        try:
            objects = parse(changed)
        except ContractError:
            continue  # the adapter is stricter than the schema, for example with the sign of a long position
        native = None if value is _ABSENT else value
        for index, each in enumerate(objects):
            unified = {name: getattr(each, name) for name in field_names_of(type(each))}
            yield _Trial((number, index), native, unified)


def _infer_source(leaf: Field, name: str, trials: list[_Trial]) -> Source | None:
    """Return the effect of a provider field on a unified field, or None without an effect."""
    series: dict[tuple[int, int], list[Pair]] = {}
    for trial in trials:
        series.setdefault(trial.series, []).append((trial.native, trial.unified[name]))
    changed = [pairs for pairs in series.values() if any(after != pairs[0][1] for _, after in pairs)]
    if not changed:
        return None
    # Some providers send an empty string for a missing value.
    stated = [[pair for pair in pairs if pair[0] not in (None, "")] for pairs in changed]
    inferred = infer_relation(leaf.path[-1], stated)
    defaults = {str(after) for pairs in changed for native, after in pairs if native is None and _is_stated(after)}
    known_values = leaf.enum_values or inferred.enum_values
    return Source(
        path=leaf.path,
        relation=inferred.relation,
        enum_values={value: inferred.enum_values[value] for value in known_values if value in inferred.enum_values},
        exponent=inferred.exponent,
        when_absent=defaults.pop() if len(defaults) == 1 and inferred.relation not in _PARTIAL else None,
    )
