"""The data of one operation: what its examples say, row by row, for as many accounts as are asked for."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from attrs import frozen

from ..openapi.operations import Operation
from ..openapi.specs import Spec
from .templates import Page, RenderContext, Slot, Template, Writer, echo, envelope_slot, object_template, text
from .variation import added, factor, identifiers, label, scale, scale_number, symbol

Factor: TypeAlias = Callable[[int], int]
"""Returns the factor of a row."""


@frozen
class Size:
    """How much the mock serves.

    Attributes:
        accounts: rows of each listing of accounts; None for the examples'.
        positions: rows that each further account has in each of its listings.
        seed: what the variations are made from.
    """

    accounts: int | None = None
    positions: int = 3
    seed: int = 0


class Rows:
    """The rows of a listing's example, and variations of them without end.

    Args:
        spec: the operation's.
        operation: one whose answer is a listing.
        example: one of its answers.
        cycle: how many of the example's rows the variations are of, in turns.
        seed: what the variations are made from.
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
        self._fields = [self._templates(position, row, echoed) for position, row in enumerate(self.examples)]
        self._rows = [object_template(fields) for fields in self._fields]

    def text(self, index: int, factor: int, echoed: Mapping[str, str]) -> str:
        """Return one row as JSON text."""
        position, number = self._place(index)
        return self._rows[position](RenderContext(echoed, number=number, index=index, factor=factor))

    def field(self, index: int, name: str) -> str:
        """Return what one field of a row says, the empty text where the row does not have it."""
        position, number = self._place(index)
        template = self._fields[position].get(name)
        return str(json.loads(template(RenderContext({}, number=number, index=index)))) if template else ""

    def index(self, name: str, written: str) -> int | None:
        """Return the row that has this identifier in a field, were there rows without end."""
        return self._identifiers[name].index(written) if name in self._identifiers else None

    def sums(self, hint: Mapping[str, Any], count: int, factor: Factor) -> str:
        """Return the entries found in the first `count` rows, those alike in the fields `by` added up."""
        path = hint["sum"].partition("/*/")[2].split("/")
        times = Counter[int]()
        for index in range(count):
            times[self._place(index)[0]] += factor(index)
        entries: dict[tuple[Any, ...], dict[str, Any]] = {}
        figures: dict[tuple[Any, ...], list[tuple[str, int]]] = {}
        for position in times:
            for entry in _down(self.examples[position], path):
                key = tuple(entry.get(name) for name in hint["by"])
                entries.setdefault(key, dict(entry))
                for name in entry.keys() - set(hint["by"]):
                    figures.setdefault((*key, name), []).append((entry[name], times[position]))
        for key, entry in entries.items():
            for name in entry.keys() - set(hint["by"]):
                entry[name] = added(figures[*key, name])
        return text(list(entries.values()))

    def _place(self, index: int) -> tuple[int, int]:
        """Return which example row a row is, or varies, and the number of the variation, 0 for none."""
        further = index - len(self.examples)
        return (index, 0) if further < 0 else (further % self._cycle, further // self._cycle + 1)

    def _templates(self, position: int, row: Mapping[str, Any], echoed: frozenset[str]) -> dict[str, Template]:
        """Return the template of each field of an example row."""
        writer = Writer(self._spec, row_slot)
        templates: dict[str, Template] = {}
        for name, value in row.items():
            if name in echoed:
                templates[name] = Template([echo(name)])
            elif name in self._identifiers:
                templates[name] = Template([self._identifiers[name].slot(position)])
            else:
                templates[name] = writer.template(value, self._schemas.get(name, {}))
        return templates


@frozen
class Listing:
    """The rows that one request is about.

    Attributes:
        envelope: what stands around a page of them.
        rows: they and more.
        count: how many of them there are.
        factor: what the figures of each are multiplied by.
    """

    envelope: Template
    rows: Rows
    count: int
    factor: Factor

    def chosen(self, filters: Mapping[str, tuple[str, str]]) -> Sequence[int]:
        """Return the rows that pass filters: by field, `"prefix"` or `"contains"` and the text."""
        if not filters:
            return range(self.count)
        return [index for index in range(self.count) if self._passes(index, filters)]

    def _passes(self, index: int, filters: Mapping[str, tuple[str, str]]) -> bool:
        for name, (kind, wanted) in filters.items():
            found = self.rows.field(index, name)
            if not (found.startswith(wanted) if kind == "prefix" else wanted.casefold() in found.casefold()):
                return False
        return True

    def text(self, chosen: Sequence[int], echoed: Mapping[str, str], request_id: str, page: Page | None) -> str:
        """Return the answer with these rows."""
        rows = ",".join([self.rows.text(index, self.factor(index), echoed) for index in chosen])
        return self.envelope(RenderContext(echoed, request_id=request_id, rows=rows, page=page, sums=self._sums))

    def _sums(self, hint: Mapping[str, Any]) -> str:
        return self.rows.sums(hint, self.count, self.factor)


class Source:
    """What one operation serves, for every account.

    Args:
        spec: the operation's.
        operation: a listing or a plain answer.
        size: how much there is of it.
    """

    def __init__(self, spec: Spec, operation: Operation, size: Size) -> None:
        self._size = size
        self.is_listing = operation.rows is not None
        self.is_of_accounts = operation.is_of_accounts
        examples = [each for each in operation.examples if operation.is_last(each)]
        writer = Writer(spec, envelope_slot if self.is_listing else _plain_slot, operation.asked_names)
        self._envelopes = [writer.template(each, operation.schema, operation.rows) for each in examples]
        cycle = 1 if self.is_of_accounts else None
        self._rows = (
            [Rows(spec, operation, each, cycle=cycle, seed=size.seed) for each in examples] if self.is_listing else []
        )

    @property
    def documented(self) -> int:
        """Rows of the first example, which come first as they stand."""
        return len(self._rows[0].examples)

    @property
    def count(self) -> int:
        """Rows of a listing that is not an account's."""
        own = self.documented
        return own if self._size.accounts is None or not self.is_of_accounts else self._size.accounts

    def find(self, field: str, written: str) -> int | None:
        """Return the row that has this identifier in a field, or None."""
        index = self._rows[0].index(field, written)
        return index if index is not None and index < self.count else None

    def listing(self, account: int | None, documented: int) -> Listing:
        """Return the rows to serve.

        Args:
            account: the account's row in the listing of accounts; None for a listing that is not an account's.
            documented: how many accounts come as the examples have them.
        """
        seed = self._size.seed
        if account is None:
            own = self.documented
            return Listing(
                self._envelopes[0], self._rows[0], self.count, lambda row: 1 if row < own else factor(seed, row)
            )
        if account < min(documented, len(self._rows)):
            rows = self._rows[account]
            return Listing(self._envelopes[account], rows, len(rows.examples), lambda _: 1)
        rows = self._rows[0]
        count = self._size.positions if rows.examples else 0
        return Listing(self._envelopes[0], rows, count, lambda row: factor(seed, account, row))

    def text(self, account: int | None, documented: int, echoed: Mapping[str, str], request_id: str) -> str:
        """Return a plain answer; the arguments are those of `listing` and what to fill in."""
        if account is None or account < min(documented, len(self._envelopes)):
            return self._envelopes[account or 0](RenderContext(echoed, request_id=request_id))
        number = max(1, account - documented + 1)
        figure = factor(self._size.seed, account)
        return self._envelopes[0](
            RenderContext(echoed, request_id=request_id, number=number, index=account, factor=figure)
        )


def row_slot(hint: Any, value: Any) -> Slot | None:
    """Return what fills in a hint that changes a value from row to row."""
    if hint == "scale" and type(value) in (int, float):
        return scale_number(value)
    if not isinstance(value, str) or not value:
        return None
    if hint == "scale":
        return scale(value)
    if hint == "label":
        return label(value)
    return symbol(value) if hint == "symbol" else None


def _plain_slot(hint: Any, value: Any) -> Slot | None:
    return envelope_slot(hint, value) or row_slot(hint, value)


def _down(value: Any, path: Sequence[str]) -> list[dict[str, Any]]:
    for name in path:
        value = value.get(name, [])
    entries: list[dict[str, Any]] = value
    return entries
