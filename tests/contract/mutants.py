"""Insert deliberate faults between the mock and the contract tests: `python -m tests.contract.mutants [--sample N]`.

The faults are derived from the specs, for every operation; no provider is named here. For each fault, print what
detected it: the library's contract (calls and a snapshot of a folio) and the checks of `onefolio contract`.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import random
import re
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Literal, NamedTuple

from attrs import define, evolve, frozen

from onefolio import ConfigurationError, Folio, ProviderError
from onefolio._core.json_paths import FieldPath
from onefolio.contract.profiles import Profile
from onefolio.contract.runner import execute
from onefolio.mock import app, running
from onefolio.mock.asgi_app import AsgiApp, Receive, Scope, Send, base_path
from onefolio.openapi.operations import Operation
from onefolio.openapi.specs import Spec
from onefolio.providers.field_usage import field_usage
from onefolio.providers.registry import known

BUDGET = Profile("mutant", examples=5, phases=("coverage", "fuzzing"), followed=3, pages=30)

Kind = Literal["response", "status", "error", "auth", "method", "paging", "header", "absent", "other", "additive"]


@define
class Response:
    status: int
    headers: dict[str, str]
    body: bytes


class Request(NamedTuple):
    scope: Scope
    query: str
    forward: Callable[[Scope], Any]
    """Sends a request to the mock; returns an awaitable `Response`."""


@frozen
class Mutant:
    provider: str
    operation: str
    path: str
    name: str
    kind: Kind
    change: Callable[[Request], Any]

    @property
    def is_breaking(self) -> bool:
        return self.kind != "additive"

    def __str__(self) -> str:
        return f"{self.provider} {self.operation}: {self.name}"


class Switch:
    """An application with at most one fault at a time.

    Args:
        served: the application without faults.
    """

    def __init__(self, served: AsgiApp) -> None:
        self.served = served
        self.mutant: Mutant | None = None
        self.has_changed = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        mutant = self.mutant
        if mutant is None or not re.fullmatch(mutant.path, scope["path"]):
            await self.served(scope, receive, send)
            return

        async def forward(forwarded: Scope) -> Response:
            messages: list[Any] = []

            async def record(message: Any) -> None:
                messages.append(message)

            await self.served(forwarded, receive, record)
            headers = {name.decode().lower(): value.decode() for name, value in messages[0]["headers"]}
            return Response(messages[0]["status"], headers, b"".join(each.get("body", b"") for each in messages[1:]))

        original = await forward(scope)
        response = await mutant.change(Request(scope, scope["query_string"].decode(), forward))
        self.has_changed |= response != original
        response.headers["content-length"] = str(len(response.body))
        headers = [(name.encode(), value.encode()) for name, value in response.headers.items()]
        await send({"type": "http.response.start", "status": response.status, "headers": headers})
        await send({"type": "http.response.body", "body": response.body})


# Changes of a body, at places that are found by following the schema.


class Place(NamedTuple):
    container: Any
    key: Any
    schema: Mapping[str, Any]
    is_required: bool


def places(spec: Spec, schema: Mapping[str, Any], value: Any, *, last: bool = False) -> Iterator[Place]:
    """Yield every field of a body; of a list, only the fields of the first row, or of the last one."""
    if isinstance(value, list) and value:
        yield from places(spec, spec.items(schema), value[-1 if last else 0], last=last)
    if isinstance(value, dict):
        required = {name for layer in spec.layers(schema) for name in layer.get("required", [])}
        for name, field in spec.properties(schema).items():
            if name in value:
                yield Place(value, name, field, name in required)
                yield from places(spec, field, value[name], last=last)


def is_decimal(spec: Spec, place: Place) -> bool:
    return spec.format(place.schema) == "decimal" and isinstance(place.container[place.key], str)


def admits(spec: Spec, schema: Mapping[str, Any], kind: str) -> bool:
    types = {str(each) for layer in spec.layers(schema) for each in _listed(layer.get("type"))}
    return kind in types


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def drop(place: Place) -> None:
    del place.container[place.key]


def rename(place: Place) -> None:
    place.container[f"{place.key}_v2"] = place.container.pop(place.key)


def put(value: Any) -> Callable[[Place], None]:
    def change(place: Place) -> None:
        old = place.container[place.key]
        place.container[place.key] = value(old) if callable(value) else value

    return change


def add(place: Place) -> None:
    place.container["x_new_field"] = {"since": "today"}


Finder = Callable[[Spec, Place], bool]


def _is_scalar(place: Place) -> bool:
    return place.is_required and not isinstance(place.container[place.key], dict | list)


def _refuses_null(spec: Spec, place: Place) -> bool:
    return place.is_required and not admits(spec, place.schema, "null")


def _refuses_number(spec: Spec, place: Place) -> bool:
    return is_decimal(spec, place) and not admits(spec, place.schema, "number")


def _is_enum(spec: Spec, place: Place) -> bool:
    return any("enum" in layer for layer in spec.layers(place.schema)) and isinstance(place.container[place.key], str)


def _refuses_empty(spec: Spec, place: Place) -> bool:
    patterns = [layer["pattern"] for layer in spec.layers(place.schema) if "pattern" in layer]
    return is_decimal(spec, place) and not any(re.search(pattern, "") for pattern in patterns)


def _of_format(*formats: str) -> Finder:
    return lambda spec, place: spec.format(place.schema) in formats and isinstance(place.container[place.key], str)


def _is_integer(spec: Spec, place: Place) -> bool:
    return isinstance(place.container[place.key], int) and not admits(spec, place.schema, "string")


FIELDS: tuple[tuple[str, Kind, Finder, Callable[[Place], None]], ...] = (
    ("a required field dropped", "response", lambda _, place: _is_scalar(place), drop),
    ("a required field renamed", "response", lambda _, place: _is_scalar(place), rename),
    ("a required field in a list", "response", lambda _, place: _is_scalar(place), put(lambda old: [old])),
    ("a required field null", "response", _refuses_null, put(None)),
    ("money as a float", "response", _refuses_number, put(lambda old: float(old) + 0.1)),
    ("money as an integer", "response", _refuses_number, put(1000)),
    ("money with an exponent", "response", is_decimal, put("1E+3")),
    ("money with commas", "response", is_decimal, put("1,000.00")),
    ("money empty", "response", _refuses_empty, put("")),
    ("money in a new shape", "response", is_decimal, put(lambda old: {"amount": old, "currency": "USD"})),
    ("an impossible date", "response", _of_format("date", "date-time"), put("2026-02-30")),
    ("a malformed uuid", "response", _of_format("uuid"), put("not-a-uuid")),
    ("an integer as a string", "response", _is_integer, put(str)),
    ("an enum as a number", "response", _is_enum, put(7)),
    ("a new enum value", "additive", _is_enum, put("BRAND_NEW_VALUE")),
    ("a new field", "additive", lambda _, place: place.is_required, add),
)
LAST_ROW = {"a required field dropped", "money as a float", "a required field null"}


def _change_body(change: Callable[[Any], Any]) -> Callable[[Request], Any]:
    """Change the body of a success."""

    async def mutate(request: Request) -> Response:
        response: Response = await request.forward(request.scope)
        if response.status == 200:
            changed = change(json.loads(response.body))
            response.body = changed if isinstance(changed, bytes) else json.dumps(changed).encode()
        return response

    return mutate


def _change_response(change: Callable[[Response], Response], *, errors: bool = False) -> Callable[[Request], Any]:
    """Change a whole response: a success, or an error."""

    async def mutate(request: Request) -> Response:
        response: Response = await request.forward(request.scope)
        return change(response) if (response.status >= 400) == errors else response

    return mutate


def _change_field(
    spec: Spec, operation: Operation, found: Finder, change: Callable[[Place], None], *, last: bool
) -> Any:
    def mutate(body: Any) -> Any:
        place = next((each for each in places(spec, operation.schema, body, last=last) if found(spec, each)), None)
        if place is not None:
            change(place)
        return body

    return _change_body(mutate)


def _html(response: Response) -> Response:
    return Response(response.status, {"content-type": "text/html"}, b"<html><body>Bad gateway</body></html>")


def _with_content_type(kind: str) -> Callable[[Response], Response]:
    return lambda response: evolve(response, headers={**response.headers, "content-type": kind})


def _with_status(status: int) -> Callable[[Response], Response]:
    return lambda response: evolve(response, status=status)


def _with_header(name: str, value: str) -> Callable[[Response], Response]:
    return lambda response: evolve(response, headers={**response.headers, name: value})


def _duplicate_name(body: Any) -> bytes:
    """Repeat a name in the first object, with another value."""
    text = json.dumps(body)
    return re.sub(r'\{("[^"]+"):', r"{\1: null, \1:", text, count=1).encode()


def _drop_envelope(rows: tuple[str, ...] | None, body: Any) -> Any:
    if rows:
        for name in rows:
            body = body[name]
        return body
    return {"result": body}


WHOLE: tuple[tuple[str, Kind, Callable[[Request], Any]], ...] = (
    ("a truncated body", "response", _change_body(lambda body: json.dumps(body).encode()[:-9])),
    ("an empty body", "response", _change_body(lambda _: b"")),
    ("a null body", "response", _change_body(lambda _: None)),
    ("a name twice", "response", _change_body(_duplicate_name)),
    ("a Latin-1 body", "response", _change_body(lambda body: json.dumps(body).encode()[:-1] + b'\xe9"')),
    ("HTML", "response", _change_response(_html)),
    ("content type text/plain", "header", _change_response(_with_content_type("text/plain"))),
    ("status 500", "status", _change_response(_with_status(500))),
    ("status 404", "status", _change_response(_with_status(404))),
    ("status 202", "status", _change_response(_with_status(202))),
    ("a redirect", "status", _change_response(lambda _: Response(302, {"location": "/elsewhere"}, b""))),
    (
        "errors in another shape",
        "error",
        _change_response(lambda old: evolve(old, body=b'{"fault": "no"}'), errors=True),
    ),
    ("errors as HTML", "error", _change_response(_html, errors=True)),
    ("errors with status 200", "error", _change_response(_with_status(200), errors=True)),
    ("errors with status 418", "error", _change_response(_with_status(418), errors=True)),
)


def _with_keys(connection: Any, names: list[str] | None = None) -> Callable[[Request], Any]:
    """Forward requests with the right keys: all of them, or those in the named headers."""
    right = connection.credentials.headers()
    given = [(name.lower().encode(), right[name].encode()) for name in (names or right)]

    async def mutate(request: Request) -> Response:
        replaced = {name for name, _ in given}
        kept = [(name, value) for name, value in request.scope["headers"] if name not in replaced]
        response: Response = await request.forward({**request.scope, "headers": [*kept, *given]})
        return response

    return mutate


async def _any_method(request: Request) -> Response:
    response: Response = await request.forward({**request.scope, "method": "GET"})
    return response


def _change_page(
    change: Callable[[dict[str, Any], str], Any], link: str, rows: tuple[str, ...]
) -> Callable[[Request], Any]:
    """Change the rows and the next token of a page; `change` is called with them and the query."""

    async def mutate(request: Request) -> Response:
        response: Response = await request.forward(request.scope)
        if response.status == 200:
            body = json.loads(response.body)
            above, name = body, link.split("/")[1:]
            for part in name[:-1]:
                above = above[part]
            listing = body
            for part in rows[:-1]:
                listing = listing[part]
            page = {"rows": listing[rows[-1]], "next": above.get(name[-1])}
            change(page, request.query)
            listing[rows[-1]] = page["rows"]
            above[name[-1]] = page["next"]
            response.body = json.dumps(body).encode()
        return response

    return mutate


def _repeat(page: dict[str, Any], _: str) -> None:
    page["rows"] = [*page["rows"], *page["rows"][:1]]


def _skip(page: dict[str, Any], query: str) -> None:
    page["rows"] = page["rows"][1:] if "token" in query else page["rows"]


def _end(page: dict[str, Any], _: str) -> None:
    page["next"] = None


def _loop() -> Callable[[dict[str, Any], str], None]:
    first: list[str] = []

    def change(page: dict[str, Any], _: str) -> None:
        if page["next"]:
            first.append(page["next"])
            page["next"] = first[0]

    return change


def _ignore_parameter(parameter: str, values: str) -> Callable[[Request], Any]:
    """Forward requests without a parameter if its value matches a pattern."""

    async def mutate(request: Request) -> Response:
        query = re.sub(rf"(^|&){parameter}={values}", "", request.query)
        response: Response = await request.forward({**request.scope, "query_string": query.encode()})
        return response

    return mutate


def all_mutants() -> list[Mutant]:
    """Return every fault that can be derived from the specs."""
    found: list[Mutant] = []
    for provider, connection in known().items():
        options: dict[str, Any] = connection.demo_credentials()
        spec, instance = Spec(connection.contract.spec), connection(**options)
        for operation in spec.operations:
            path = base_path(provider) + re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(operation.path))
            for name, kind, change in _faults_of(spec, operation, instance):
                found.append(Mutant(provider, operation.id, path, name, kind, change))
    return found


def _faults_of(
    spec: Spec, operation: Operation, connection: Any
) -> Iterator[tuple[str, Kind, Callable[[Request], Any]]]:
    example = next(body for body in operation.examples if operation.rows is None or body)
    for name, kind, found, change in FIELDS:
        if any(found(spec, place) for place in places(spec, operation.schema, example)):
            yield name, kind, _change_field(spec, operation, found, change, last=False)
            if name in LAST_ROW and operation.rows is not None:
                yield f"{name}, last row only", kind, _change_field(spec, operation, found, change, last=True)
    for path in read_fields(spec, operation, connection):
        yield (
            f"{'/'.join(path)} dropped from every row",
            "absent",
            _change_body(_change_everywhere(spec, operation, path, drop)),
        )
        yield (
            f"{'/'.join(path)} renamed in every row",
            "absent",
            _change_body(_change_everywhere(spec, operation, path, rename)),
        )
    yield from WHOLE
    yield "the envelope dropped", "response", _change_body(lambda body: _drop_envelope(operation.rows, body))
    for parameter in operation.parameters:
        if parameter.where == "path":
            another = _names(parameter.name)
            yield (
                "another account's response",
                "other",
                _change_field(spec, operation, another, put(_other), last=False),
            )
    yield "keys ignored", "auth", _with_keys(connection)
    for header in connection.credentials.headers():
        yield f"{header} ignored", "auth", _with_keys(connection, [header])
    yield "any method accepted", "method", _any_method
    for header in operation.success.get("headers", {}):
        if "ratelimit" in header.lower():
            yield f"{header} no number", "header", _change_response(_with_header(header.lower(), "plenty"))
    if operation.token is not None:
        rows = operation.rows or ()
        yield "pages repeat an item", "paging", _change_page(_repeat, operation.token_pointer, rows)
        yield "pages skip an item", "paging", _change_page(_skip, operation.token_pointer, rows)
        yield "pages end too early", "paging", _change_page(_end, operation.token_pointer, rows)
        yield "pages loop", "paging", _change_page(_loop(), operation.token_pointer, rows)
        yield "page token ignored", "paging", _ignore_parameter(operation.token, "[^&]*")
        if operation.page_size is not None:
            yield "page size ignored", "paging", _ignore_parameter(operation.page_size.name, "[0-9]+")


def read_fields(spec: Spec, operation: Operation, connection: Any) -> Iterator[FieldPath]:
    """Yield the optional fields that the library reads and the first example contains; no schema requires them."""
    use = field_usage(connection.provider)[operation.method, operation.path]
    example = next(each for each in operation.examples if operation.is_last(each))
    for path in sorted(use.fields["200"]):
        candidates = [
            place for place in _holders(spec, operation.schema, example, path) if place.key in place.container
        ]
        if (
            path[: len(use.rows_path)] == use.rows_path
            and candidates
            and not any(place.is_required for place in candidates)
        ):
            yield path


def _holders(spec: Spec, schema: Mapping[str, Any], value: Any, path: FieldPath) -> Iterator[Place]:
    """Yield every object that contains, or could contain, the last field of a path."""
    name = path[0]
    if name == "*":
        for item in value if isinstance(value, list) else []:
            yield from _holders(spec, spec.items(schema), item, path[1:])
    elif isinstance(value, dict):
        required = {field for layer in spec.layers(schema) for field in layer.get("required", [])}
        field = spec.properties(schema).get(name, {})
        if len(path) == 1:
            yield Place(value, name, field, name in required)
        else:
            yield from _holders(spec, field, value.get(name), path[1:])


def _change_everywhere(
    spec: Spec, operation: Operation, path: FieldPath, change: Callable[[Place], None]
) -> Callable[[Any], Any]:
    def mutate(body: Any) -> Any:
        for place in list(_holders(spec, operation.schema, body, path)):
            if place.key in place.container:
                change(place)
        return body

    return mutate


def _names(name: str) -> Finder:
    return lambda _, place: place.key == name


def _other(value: Any) -> Any:
    return value + 1 if isinstance(value, int) else f"{value}x"


class Outcome(NamedTuple):
    mutant: Mutant
    run_time: str
    """The error or drift that the library reported; empty if it reported nothing."""
    contract: str
    """The checks that failed, or the reason why the tests could not be run; empty if they passed."""
    drifts: int


def judge(switch: Switch, urls: Mapping[str, str], mutant: Mutant) -> Outcome:
    """Run the library and the contract tests against a fault and return which of them detect it."""
    kind = known()[mutant.provider]
    options: dict[str, Any] = {**kind.demo_credentials(), "base_url": urls[mutant.provider]}
    connection = kind(**options)
    switch.mutant, switch.has_changed = mutant, False
    try:
        run_time = _run_time(connection, mutant)
        try:
            report = execute(connection, BUDGET, seed=1, timeout=5.0)
        except ConfigurationError as error:
            return Outcome(mutant, run_time, f"could not run: {error}", 0)
    finally:
        switch.mutant = None
    if not switch.has_changed:
        raise AssertionError(f"{mutant} changed nothing")
    checks = ", ".join(sorted({each.check for each in report.findings}))
    return Outcome(mutant, run_time, checks, len(report.drifts))


def _run_time(connection: Any, mutant: Mutant) -> str:
    drifts: list[Any] = []
    connection.rate_limit = None  # the mock has none
    with Folio(connection, retries=0, on_drift=drifts.append) as folio:
        try:
            accounts = []
            for account in folio.accounts():
                accounts.append(account)
                if len(accounts) == 3:
                    break
            for account in accounts:
                list(folio.balances(account))
                if "positions" in connection.capabilities:
                    list(folio.positions(account))
        except ProviderError as error:
            return f"{type(error).__name__}"
        snapshot = folio.snapshot()
        if snapshot.failures:
            return f"{type(snapshot.failures[0].error).__name__} in the snapshot"
    return "drift" if drifts else ""


def _print(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main(arguments: list[str] | None = None) -> int:
    """Judge every fault, or a sample; print each outcome and the totals."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sample", type=int, help="number of faults to judge, selected at random")
    parser.add_argument("--only", default="", help="judge the faults whose name contains this string")
    options = parser.parse_args(arguments)
    mutants = [each for each in all_mutants() if options.only in str(each)]
    if options.sample:
        mutants = random.Random(1).sample(mutants, min(options.sample, len(mutants)))
    started, outcomes = time.monotonic(), []
    switch = Switch(app(accounts=25, positions=7))
    with running(switch) as urls:
        for mutant in mutants:
            outcome = judge(switch, urls, mutant)
            outcomes.append(outcome)
            _print(_line(outcome))
    return _summary(outcomes, time.monotonic() - started)


def _line(outcome: Outcome) -> str:
    label = "breaking" if outcome.mutant.is_breaking else "additive"
    contract = outcome.contract or (f"{outcome.drifts} drifts" if outcome.drifts else "-")
    return f"{label:9}{outcome.mutant.kind:9}{outcome.mutant!s:76} library: {outcome.run_time or '-':36} {contract}"


def _summary(outcomes: list[Outcome], seconds: float) -> int:
    breaking = [each for each in outcomes if each.mutant.is_breaking]
    additive = [each for each in outcomes if not each.mutant.is_breaking]
    detected = [each for each in breaking if each.contract]
    responses = [each for each in breaking if each.mutant.kind == "response"]
    rejected = [each for each in responses if each.run_time not in ("", "drift")]
    quiet = [each for each in additive if not each.contract and each.drifts]
    _print(f"\n{len(outcomes)} mutants in {seconds:.0f} s")
    _print(f"contract tests: {len(detected)} of {len(breaking)} breaking faults detected")
    _print(f"library: {len(rejected)} of {len(responses)} changed responses rejected")
    _print(f"additive: {len(quiet)} of {len(additive)} reported as drift alone")
    for each in breaking:
        if not each.contract:
            _print(f"not detected by the contract tests: {each.mutant}")
    for each in responses:
        if each not in rejected:
            _print(f"not rejected by the library: {each.mutant}")
    for each in additive:
        if each not in quiet:
            _print(f"not drift alone: {each.mutant}: {each.contract or 'nothing reported'}")
    good = len(detected) >= 0.95 * len(breaking) and len(rejected) == len(responses) and len(quiet) == len(additive)
    return 0 if good else 1


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        sys.exit(main())
