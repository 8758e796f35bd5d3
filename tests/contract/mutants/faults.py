"""Derive the faults of every operation from the specs; no provider is named here."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

from onefolio._core.json_paths import FieldPath
from onefolio.mock.asgi_app import base_path
from onefolio.openapi.operations import Operation
from onefolio.openapi.specs import Spec
from onefolio.providers.field_usage import field_usage
from onefolio.providers.registry import known

from .changes import (
    WHOLE,
    accept_invalid_query,
    any_method,
    change_body,
    change_page,
    change_response,
    drop_envelope,
    end,
    fail_at_invalid_query,
    ignore_parameter,
    loop,
    repeat,
    skip,
    with_header,
    with_keys,
)
from .places import FIELDS, LAST_ROW, Finder, Place, drop, holders, places, put, rename
from .server import Kind, Mutant, Request

Fault: TypeAlias = tuple[str, Kind, Callable[[Request], Any]]
"""Name, kind and change."""


def all_mutants() -> list[Mutant]:
    """Return every fault that can be derived from the specs."""
    found: list[Mutant] = []
    for provider, connection in known().items():
        options: dict[str, Any] = connection.demo_credentials()
        spec, instance = Spec(connection.contract.spec), connection(**options)
        for operation in spec.operations:
            path = base_path(provider) + re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(operation.path))
            for name, kind, change in _changed_fields(spec, operation, instance, is_read=False):
                found.append(Mutant(provider, operation.id, path, f"{name}, not read", kind, change, is_read=False))
            faults = [*_changed_fields(spec, operation, instance, is_read=True), *_faults_of(spec, operation, instance)]
            found += [Mutant(provider, operation.id, path, *fault) for fault in faults]
    return found


def _changed_fields(spec: Spec, operation: Operation, connection: Any, *, is_read: bool) -> Iterator[Fault]:
    """Yield faults of one field: of the first that the unified model reads, or of the first that it does not read."""
    example = next(body for body in operation.examples if operation.rows is None or body)
    use = field_usage(connection.provider)[operation.method, operation.path]

    def is_wanted(place: Place) -> bool:
        depth = len(use.rows_path)
        is_in_row = place.path[:depth] == use.rows_path and len(place.path) > depth
        return is_read == (not is_in_row or any(each[: len(place.path)] == place.path for each in use.fields["200"]))

    for name, kind, fits, change in FIELDS:

        def found(spec: Spec, place: Place, fits: Finder = fits) -> bool:
            return is_wanted(place) and fits(spec, place)

        if any(found(spec, place) for place in places(spec, operation.schema, example)):
            yield name, kind, _change_field(spec, operation, found, change, last=False)
            if name in LAST_ROW and is_read and operation.rows is not None:
                yield f"{name}, last row only", kind, _change_field(spec, operation, found, change, last=True)


def _faults_of(spec: Spec, operation: Operation, connection: Any) -> Iterator[Fault]:
    for path in read_fields(spec, operation, connection):
        yield (
            f"{'/'.join(path)} dropped from every row",
            "absent",
            change_body(_change_everywhere(spec, operation, path, drop)),
        )
        yield (
            f"{'/'.join(path)} renamed in every row",
            "absent",
            change_body(_change_everywhere(spec, operation, path, rename)),
        )
    yield from WHOLE
    yield "the envelope dropped", "response", change_body(lambda body: drop_envelope(operation.rows, body))
    for parameter in operation.parameters:
        if parameter.where == "path":
            another = _names(parameter.name)
            yield (
                "another account's response",
                "other",
                _change_field(spec, operation, another, put(_other), last=False),
            )
    yield "keys ignored", "auth", with_keys(connection)
    for header in connection.credentials.headers():
        yield f"{header} ignored", "auth", with_keys(connection, [header])
    yield "any method accepted", "method", any_method
    if any(parameter.where == "query" for parameter in operation.parameters):
        yield "an invalid query accepted", "input", accept_invalid_query
        yield "an invalid query fails", "input", fail_at_invalid_query
    for header in operation.success.get("headers", {}):
        if "ratelimit" in header.lower():
            yield f"{header} no number", "header", change_response(with_header(header.lower(), "plenty"))
    if operation.token is not None:
        rows = operation.rows or ()
        yield "pages repeat an item", "paging", change_page(repeat, operation.token_pointer, rows)
        yield "pages skip an item", "paging", change_page(skip, operation.token_pointer, rows)
        yield "pages end too early", "paging", change_page(end, operation.token_pointer, rows)
        yield "pages loop", "paging", change_page(loop(), operation.token_pointer, rows)
        yield "page token ignored", "paging", ignore_parameter(operation.token, "[^&]*")
        if operation.page_size is not None:
            yield "page size ignored", "paging", ignore_parameter(operation.page_size.name, "[0-9]+")


def _change_field(
    spec: Spec, operation: Operation, found: Finder, change: Callable[[Place], None], *, last: bool
) -> Any:
    def mutate(body: Any) -> Any:
        place = next((each for each in places(spec, operation.schema, body, last=last) if found(spec, each)), None)
        if place is not None:
            change(place)
        return body

    return change_body(mutate)


def read_fields(spec: Spec, operation: Operation, connection: Any) -> Iterator[FieldPath]:
    """Yield the optional fields that the library reads and the first example contains; no schema requires them."""
    use = field_usage(connection.provider)[operation.method, operation.path]
    example = next(each for each in operation.examples if operation.is_last(each))
    for path in sorted(use.fields["200"]):
        candidates = [place for place in holders(spec, operation.schema, example, path) if place.key in place.container]
        if (
            path[: len(use.rows_path)] == use.rows_path
            and candidates
            and not any(place.is_required for place in candidates)
        ):
            yield path


def _change_everywhere(
    spec: Spec, operation: Operation, path: FieldPath, change: Callable[[Place], None]
) -> Callable[[Any], Any]:
    def mutate(body: Any) -> Any:
        for place in list(holders(spec, operation.schema, body, path)):
            if place.key in place.container:
                change(place)
        return body

    return mutate


def _names(name: str) -> Finder:
    return lambda _, place: place.key == name


def _other(value: Any) -> Any:
    return value + 1 if isinstance(value, int) else f"{value}x"
