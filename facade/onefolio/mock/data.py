"""The data of one operation: the rows of its examples and generated variations, for any number of accounts."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from attrs import frozen

from ..openapi.operations import Operation
from ..openapi.specs import Spec
from .templates import (
    Page,
    RenderContext,
    Slot,
    Template,
    TemplateBuilder,
    echo_slot,
    envelope_slot,
    object_template,
    to_json,
)
from .variation import add_figures, decimal_slot, identifiers, label_slot, number_slot, row_factor, symbol_slot

RowFactor: TypeAlias = Callable[[int], int]
"""Returns the factor of a row's figures from the row index."""

Filters: TypeAlias = Mapping[str, tuple[str, str]]
"""Filters by row field: `"prefix"` or `"contains"`, and the string to find."""


@frozen
class Size:
    """The amount of data that the mock serves.

    Attributes:
        accounts: number of accounts that each provider lists; None for those of the examples.
        positions: number of rows in each listing of an account that is in no example.
        seed: selects the variations.
    """

    accounts: int | None = None
    positions: int = 3
    seed: int = 0


class Rows:
    """The rows of an example of a listing, followed by an unlimited number of variations.

    Args:
        spec: the operation's spec.
        operation: an operation that returns a listing.
        example: one of its example bodies.
        cycle: number of example rows that are varied in turn; None for all.
        seed: selects the variations.
    """

    def __init__(self, spec: Spec, operation: Operation, example: Any, *, cycle: int | None, seed: int) -> None:
        self._spec = spec
        schema: Mapping[str, Any] = operation.schema
        for name in operation.rows or ():
            schema, example = spec.properties(schema)[name], example[name]
        self.examples: list[dict[str, Any]] = example
        self._cycle = cycle or len(self.examples)
        self._schemas = spec.properties(spec.items(schema))
        self._identifiers = {
            name: identifiers([row[name] for row in self.examples], spec, schema, seed)
            for name, schema in self._schemas.items()
            if self.examples
            and spec.hint(schema) == "sequence"
            and all(row.get(name) is not None for row in self.examples)
        }
        echoed = operation.asked_names
        self._fields = [self._field_templates(position, row, echoed) for position, row in enumerate(self.examples)]
        self._rows = [object_template(fields) for fields in self._fields]

    def render(self, index: int, factor: int, echoed: Mapping[str, str]) -> str:
        """Return a row as JSON."""
        position, number = self._variation(index)
        return self._rows[position](RenderContext(echoed, number=number, index=index, factor=factor))

    def field(self, index: int, name: str) -> str:
        """Return one field of a row as a string, empty if the row does not contain it."""
        position, number = self._variation(index)
        template = self._fields[position].get(name)
        return str(json.loads(template(RenderContext({}, number=number, index=index)))) if template else ""

    def index(self, name: str, identifier: str) -> int | None:
        """Return the row index of an identifier in a field, or None."""
        return self._identifiers[name].index(identifier) if name in self._identifiers else None

    def sums(self, hint: Mapping[str, Any], count: int, factor: RowFactor) -> str:
        """Return the JSON of the sums over the first `count` rows, grouped by the fields in the hint's `by`."""
        path = hint["sum"].partition("/*/")[2].split("/")
        factors = Counter[int]()
        for index in range(count):
            factors[self._variation(index)[0]] += factor(index)
        entries: dict[tuple[Any, ...], dict[str, Any]] = {}
        figures: dict[tuple[Any, ...], list[tuple[str, int]]] = {}
        for position in factors:
            for entry in _entries_at(self.examples[position], path):
                key = tuple(entry.get(name) for name in hint["by"])
                entries.setdefault(key, dict(entry))
                for name in entry.keys() - set(hint["by"]):
                    figures.setdefault((*key, name), []).append((entry[name], factors[position]))
        for key, entry in entries.items():
            for name in entry.keys() - set(hint["by"]):
                entry[name] = add_figures(figures[*key, name])
        return to_json(list(entries.values()))

    def _variation(self, index: int) -> tuple[int, int]:
        """Return the position of a row's example and the number of its variation, 0 for the example itself."""
        further = index - len(self.examples)
        return (index, 0) if further < 0 else (further % self._cycle, further // self._cycle + 1)

    def _field_templates(self, position: int, row: Mapping[str, Any], echoed: frozenset[str]) -> dict[str, Template]:
        """Return the template of each field of an example row."""
        builder = TemplateBuilder(self._spec, row_slot)
        templates: dict[str, Template] = {}
        for name, value in row.items():
            if name in echoed:
                templates[name] = Template([echo_slot(name)])
            elif name in self._identifiers:
                templates[name] = Template([self._identifiers[name].slot(position)])
            else:
                templates[name] = builder.build(value, self._schemas.get(name, {}))
        return templates


@frozen
class Listing:
    """The rows of one listing.

    Attributes:
        envelope: template of the response around a page of rows.
        rows: the rows, without end.
        count: number of rows in this listing.
        factor: factor of each row's figures.
    """

    envelope: Template
    rows: Rows
    count: int
    factor: RowFactor

    def matching(self, filters: Filters) -> Sequence[int]:
        """Return the indexes of the rows that match all filters."""
        if not filters:
            return range(self.count)
        return [index for index in range(self.count) if self._matches(index, filters)]

    def _matches(self, index: int, filters: Filters) -> bool:
        for name, (kind, wanted) in filters.items():
            value = self.rows.field(index, name)
            if not (value.startswith(wanted) if kind == "prefix" else wanted.casefold() in value.casefold()):
                return False
        return True

    def render(self, indexes: Sequence[int], echoed: Mapping[str, str], request_id: str, page: Page | None) -> str:
        """Return a response body with the rows at these indexes."""
        rows = ",".join([self.rows.render(index, self.factor(index), echoed) for index in indexes])
        return self.envelope(RenderContext(echoed, request_id=request_id, rows=rows, page=page, sums=self._sums))

    def _sums(self, hint: Mapping[str, Any]) -> str:
        return self.rows.sums(hint, self.count, self.factor)


class Source:
    """The data of one operation, for every account.

    Args:
        spec: the operation's spec.
        operation: an operation that returns a listing or a single object.
        size: amount of data.
    """

    def __init__(self, spec: Spec, operation: Operation, size: Size) -> None:
        self._size = size
        self.is_listing = operation.rows is not None
        self.is_of_accounts = operation.is_of_accounts
        examples = [example for example in operation.examples if operation.is_last(example)]
        slot_for = envelope_slot if self.is_listing else _object_slot
        builder = TemplateBuilder(spec, slot_for, operation.asked_names)
        self._envelopes = [builder.build(example, operation.schema, operation.rows) for example in examples]
        cycle = 1 if self.is_of_accounts else None
        self._rows = (
            [Rows(spec, operation, example, cycle=cycle, seed=size.seed) for example in examples]
            if self.is_listing
            else []
        )

    @property
    def documented(self) -> int:
        """Number of rows in the first example, which every listing starts with."""
        return len(self._rows[0].examples)

    @property
    def count(self) -> int:
        """Number of rows in a listing that does not belong to an account."""
        documented = self.documented
        return documented if self._size.accounts is None or not self.is_of_accounts else self._size.accounts

    def find(self, field: str, identifier: str) -> int | None:
        """Return the index of the row with an identifier in a field, or None."""
        index = self._rows[0].index(field, identifier)
        return index if index is not None and index < self.count else None

    def listing(self, account: int | None, documented: int) -> Listing:
        """Return a listing.

        Args:
            account: index of the account in the listing of accounts; None if the listing does not belong to an account.
            documented: number of accounts that have the data of the examples.
        """
        seed = self._size.seed
        if account is None:
            own = self.documented
            return Listing(
                self._envelopes[0], self._rows[0], self.count, lambda row: 1 if row < own else row_factor(seed, row)
            )
        if account < min(documented, len(self._rows)):
            rows = self._rows[account]
            return Listing(self._envelopes[account], rows, len(rows.examples), lambda _: 1)
        rows = self._rows[0]
        count = self._size.positions if rows.examples else 0
        return Listing(self._envelopes[0], rows, count, lambda row: row_factor(seed, account, row))

    def render(self, account: int | None, documented: int, echoed: Mapping[str, str], request_id: str) -> str:
        """Return the body of a response that is a single object.

        Args:
            account: index of the account in the listing of accounts; None if the object does not belong to an account.
            documented: number of accounts that have the data of the examples.
            echoed: path parameters as JSON, by name.
            request_id: id of the request.
        """
        if account is None or account < min(documented, len(self._envelopes)):
            return self._envelopes[account or 0](RenderContext(echoed, request_id=request_id))
        number = max(1, account - documented + 1)
        factor = row_factor(self._size.seed, account)
        return self._envelopes[0](
            RenderContext(echoed, request_id=request_id, number=number, index=account, factor=factor)
        )


def row_slot(hint: Any, value: Any) -> Slot | None:
    """Return the slot of a hint that varies a value from row to row, or None if the value is constant."""
    if hint == "scale" and type(value) in (int, float):
        return number_slot(value)
    if not isinstance(value, str) or not value:
        return None
    if hint == "scale":
        return decimal_slot(value)
    if hint == "label":
        return label_slot(value)
    return symbol_slot(value) if hint == "symbol" else None


def _object_slot(hint: Any, value: Any) -> Slot | None:
    return envelope_slot(hint, value) or row_slot(hint, value)


def _entries_at(row: Any, path: Sequence[str]) -> list[dict[str, Any]]:
    for name in path:
        row = row.get(name, [])
    entries: list[dict[str, Any]] = row
    return entries
