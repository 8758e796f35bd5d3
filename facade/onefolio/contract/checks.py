"""Our own checks, registered with schemathesis beside its built-in ones. They do nothing outside of a `Run`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

import schemathesis
from schemathesis import Case, CheckContext, Response
from schemathesis.core.failures import Failure, Severity

from onefolio_runtime import ContractError, decode

from .._core.errors import format_violations
from ..openapi.operations import Operation
from ..openapi.specs import Spec
from .paging import walk_pages
from .run_state import run_of

_PLAIN_DECIMAL = re.compile(r"-?[0-9]+(\.[0-9]+)?", re.ASCII)

_INDEX = re.compile(r"/[0-9]+(?=/|$)")


class ContractFailure(Failure):
    """What one of our checks found."""

    def __init__(self, case: Case[Any], title: str, message: str) -> None:
        super().__init__(operation=case.operation.label, title=title, message=message, severity=Severity.HIGH)

    @property
    def _unique_key(self) -> str:
        return self.title


@schemathesis.check
def body_keeps_contract(_: CheckContext, response: Response, case: Case[Any]) -> bool | None:
    """Every body is exact JSON that the library reads: the contract of the run-time, duplicate names included."""
    if (found := run_of(case)) is None or response.request.method == "HEAD":
        return None
    run, operation = found
    try:
        value = decode(response.content)
    except ContractError as error:
        raise ContractFailure(case, "The body is no exact JSON", str(error)) from None
    schema = _schema(operation, response.status_code)
    if schema is None:
        return None
    verdict = run.connection.contract.check(schema, value)
    if verdict.violations:
        text = format_violations(verdict.violations)
        raise ContractFailure(case, "The body breaks its schema", f"{text} (schema {schema})")
    if response.status_code == 200:
        run.note_values(case.operation.label, value)
    for drift in verdict.drifts:
        run.note(case.operation.label, _INDEX.sub("/*", drift.pointer), drift.kind, drift.got)
    return None


@schemathesis.check
def error_body_is_the_providers(_: CheckContext, response: Response, case: Case[Any]) -> bool | None:
    """An error says what is wrong in the provider's own form, and a success carries no error."""
    if (found := run_of(case)) is None or response.request.method == "HEAD":
        return None
    run, operation = found
    value = _decoded(response)
    details = run.connection.read_error(value)
    if response.status_code < 400:
        if details is not None:
            message = f"{response.status_code} with the error {details.code}: {details.message}"
            raise ContractFailure(case, "A success carries an error", message)
        return None
    if details is None or details.message is None:
        message = f"{response.status_code}: the library finds no error in the body"
        raise ContractFailure(case, "The error is not in the provider's form", message)
    if _schema(operation, response.status_code) is None:
        known = {name for status in operation.responses if status >= "4" and (name := _schema(operation, status))}
        if all(run.connection.contract.check(name, value).violations for name in known):
            message = f"{response.status_code}: the body fits none of the documented errors ({', '.join(known)})"
            raise ContractFailure(case, "The error is not in the provider's form", message)
    return None


@schemathesis.check
def money_is_decimal_text(_: CheckContext, response: Response, case: Case[Any]) -> bool | None:
    """What the spec says is an exact decimal comes as a text of plain digits, unless it admits a number."""
    if (found := run_of(case)) is None or response.status_code >= 300 or response.request.method == "HEAD":
        return None
    run, operation = found
    for pointer, got in _inexact(run.spec, operation.schema, _decoded(response), ""):
        raise ContractFailure(case, "Money is not a decimal text", f"{pointer}: got {got}")
    return None


@schemathesis.check
def paging_returns_every_item_once(ctx: CheckContext, response: Response, case: Case[Any]) -> bool | None:
    """All the pages of a listing together hold every item, and each of them once."""
    found = run_of(case)
    if found is None or response.status_code != 200 or found[1].token is None:
        return None
    run, operation = found
    asked_for = dict(case.query or {})
    if not asked_for.keys() <= operation.asked_names:
        return None
    place = (case.operation.label, str(sorted({**case.path_parameters, **asked_for}.items())))
    with run.lock:
        if case.id not in run.valid or place in run.walked:
            return None
        run.walked.add(place)

    def page(query: Mapping[str, Any]) -> Any:
        asked = case.operation.Case(path_parameters=dict(case.path_parameters), query={**asked_for, **query})
        run.valid.add(asked.id)
        answer = run.send(asked)
        ctx.internals.record_case(parent_id=case.id, case=asked)
        ctx.internals.record_response(case_id=asked.id, response=answer)
        if answer.status_code in run.passing:
            return None
        for check in (valid_request_is_answered, body_keeps_contract, money_is_decimal_text):
            check(ctx, answer, asked)
        return _decoded(answer)

    fault = walk_pages(run, operation, _decoded(response), page)
    if fault:
        raise ContractFailure(case, "Paging does not return every item once", fault)
    return None


@schemathesis.check
def valid_request_is_answered(_: CheckContext, response: Response, case: Case[Any]) -> bool | None:
    """A valid request for something that is listed gets a success."""
    found = run_of(case)
    if found is None or case.id not in found[0].valid or response.status_code in found[0].passing:
        return None
    if not 200 <= response.status_code < 300:
        raise ContractFailure(case, "A valid request is refused", f"answered {response.status_code}")
    return None


@schemathesis.check
def answer_is_of_what_was_asked(_: CheckContext, response: Response, case: Case[Any]) -> bool | None:
    """A field that has a path parameter's name has its value, in every row: no other account's figures came."""
    found = run_of(case)
    if found is None or response.status_code != 200 or response.request.method == "HEAD":
        return None
    operation = found[1]
    body = _decoded(response)
    for name in operation.rows or ("data",):
        body = body.get(name, body) if isinstance(body, dict) else body
    for row in body if isinstance(body, list) else [body]:
        for name, asked in case.path_parameters.items():
            if isinstance(row, dict) and name in row and str(row[name]) != str(asked):
                message = f"asked for {name} {asked}, got one of {row[name]}"
                raise ContractFailure(case, "The answer is about something else", message)
    return None


@schemathesis.check
def wrong_key_is_refused(_: CheckContext, response: Response, case: Case[Any]) -> bool | None:
    """A request whose keys are not all right gets 401 or 403."""
    found = run_of(case)
    if found is not None and case.id in found[0].unauthorized and response.status_code not in (401, 403):
        raise ContractFailure(case, "A wrong key is accepted", f"answered {response.status_code}, expected 401")
    return None


def _decoded(response: Response) -> Any:
    """Return the body, or None where `body_keeps_contract` has said that it is none."""
    try:
        return decode(response.content)
    except ContractError:
        return None


def _schema(operation: Operation, status: int | str) -> str | None:
    """Return the name of the schema of an answer with this status, None where it has none."""
    exact = str(status)
    definition: Mapping[str, Any] = next(
        (operation.responses[key] for key in (exact, f"{exact[0]}XX", "default") if key in operation.responses), {}
    )
    schema = definition.get("content", {}).get("application/json", {}).get("schema", {})
    return schema["$ref"].rpartition("/")[2] if "$ref" in schema else None


def _inexact(spec: Spec, schema: Mapping[str, Any], value: Any, pointer: str) -> Iterator[tuple[str, str]]:
    """Yield where a decimal of the schema is no text of plain digits."""
    match value:
        case dict():
            for name, field in spec.properties(schema).items():
                if name in value:
                    yield from _inexact(spec, field, value[name], f"{pointer}/{name}")
        case list():
            for index, item in enumerate(value):
                yield from _inexact(spec, spec.items(schema), item, f"{pointer}/{index}")
        case bool() | None:
            return
        case int() | float() | Decimal() if spec.format(schema) == "decimal" and "number" not in _types(spec, schema):
            yield pointer, f"the number {value}"
        # Where a spec admits the empty text, its pattern says so; any other is for digits.
        case str() if value and spec.format(schema) == "decimal" and not _PLAIN_DECIMAL.fullmatch(value):
            yield pointer, repr(value[:40])


def _types(spec: Spec, schema: Mapping[str, Any]) -> set[str]:
    schema = spec.resolve(schema)
    stated = schema.get("type", [])
    found = {stated} if isinstance(stated, str) else set(stated)
    for keyword in ("anyOf", "oneOf", "allOf"):
        for branch in schema.get(keyword, []):
            found |= _types(spec, branch)
    return found | ({"number"} if "integer" in found else set())
