"""The checks that onefolio adds to those of schemathesis."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final, TypeAlias

from attrs import evolve, frozen

from onefolio_runtime import ContractError, decode

from .._core.errors import format_violations
from ..openapi.operations import Operation
from ..openapi.specs import Spec
from .paging import find_paging_fault
from .protocols import Case, Response
from .run_state import Run

_PLAIN_DECIMAL = re.compile(r"-?[0-9]+(\.[0-9]+)?", re.ASCII)


class CheckFailed(Exception):
    """Raised by a check.

    Args:
        title: summary of the failure; failures of an operation with the same title are reported once.
        message: details of the failure.
        case_ids: ids of the cases that together show the failure; empty for the case that is checked.
    """

    def __init__(self, title: str, message: str, case_ids: Sequence[str] = ()) -> None:
        super().__init__(title, message)
        self.title = title
        self.message = message
        self.case_ids = tuple(case_ids)


@frozen
class CheckedCase:
    """A case and its response.

    Attributes:
        run: the run.
        operation: the operation of the case.
        case: the request.
        response: the response.
        record: records a further request that a check sent.
    """

    run: Run
    operation: Operation
    case: Case
    response: Response
    record: Callable[[Case, Response], None]

    @property
    def status(self) -> int:
        """HTTP status of the response."""
        return self.response.status_code

    @property
    def is_unused_method(self) -> bool:
        """Whether the request has another method than its operation."""
        return self.response.request.method != self.operation.method

    @property
    def has_body(self) -> bool:
        """Whether the response should have a body."""
        return self.response.request.method != "HEAD"

    @property
    def body(self) -> Any:
        """The decoded body, or None if it is not JSON, which `body_matches_contract` reports."""
        try:
            return decode(self.response.content)
        except ContractError:
            return None


def body_matches_contract(checked: CheckedCase) -> None:
    """Every body is strict JSON that matches its schema according to the runtime's contract."""
    if not checked.has_body:
        return
    try:
        value = decode(checked.response.content)
    except ContractError as error:
        raise CheckFailed(
            "The body is not strict JSON", _describe_syntax_error(error, checked.response.content)
        ) from None
    schema = _schema_name(checked.operation, checked.status)
    if schema is None:
        return
    run, label = checked.run, checked.case.operation.label
    verdict = run.connection.contract.check(schema, value)
    for drift in verdict.drifts:
        run.record_drift(label, drift)
    if verdict.violations:
        raise CheckFailed(
            "The body does not match its schema", f"{format_violations(verdict.violations)} (schema {schema})"
        )
    if checked.status == 200:
        run.record_values(label, value)


def error_body_is_documented(checked: CheckedCase) -> None:
    """An error has the provider's form, and a success contains no error."""
    if not checked.has_body:
        return
    contract, status, value = checked.run.connection.contract, checked.status, checked.body
    details = checked.run.connection.read_error(value)
    if status < 400:
        if details is not None:
            raise CheckFailed("A success contains an error", f"HTTP {status} with {details.code}: {details.message}")
        return
    title = "The error does not have the provider's form"
    if details is None or details.message is None:
        raise CheckFailed(title, f"HTTP {status}: the adapter finds no error message in the body")
    if _schema_name(checked.operation, status) is None:
        responses = checked.operation.responses
        names = {name for key in responses if key >= "4" and (name := _schema_name(checked.operation, key))}
        if all(contract.check(name, value).violations for name in names):
            raise CheckFailed(title, f"HTTP {status}: the body matches no documented error ({', '.join(names)})")


def money_is_decimal_string(checked: CheckedCase) -> None:
    """Exact decimals are strings of plain digits, unless the spec allows a number."""
    if checked.status >= 300 or not checked.has_body:
        return
    for pointer, got in _inexact_decimals(checked.run.spec, checked.operation.schema, checked.body, ""):
        raise CheckFailed("Money is not a decimal string", f"{pointer}: got {got}")


def paging_returns_every_item_once(checked: CheckedCase) -> None:
    """The pages of a listing together contain every item once."""
    run, operation, case = checked.run, checked.operation, checked.case
    if checked.status != 200 or operation.token is None:
        return
    query = dict(case.query or {})
    if not query.keys() <= operation.asked_names:
        return
    listing = (case.operation.label, str(sorted({**case.path_parameters, **query}.items())))
    with run.lock:
        if case.id not in run.valid or listing in run.walked:
            return
        run.walked.add(listing)

    page_ids: list[str] = []

    def get_page(page_query: Mapping[str, Any]) -> Any:
        page_case = case.operation.Case(
            path_parameters=dict(case.path_parameters), query={**query, **page_query}, headers=dict(case.headers or {})
        )
        page_ids.append(page_case.id)
        run.valid.add(page_case.id)
        response = run.send(page_case)
        checked.record(page_case, response)
        if response.status_code in run.tolerated:
            return None
        page = evolve(checked, case=page_case, response=response)
        try:
            for check in (valid_request_succeeds, body_matches_contract, money_is_decimal_string):
                check(page)
        except CheckFailed as failed:
            raise CheckFailed(failed.title, failed.message, [page_case.id]) from None
        return page.body

    fault = find_paging_fault(run, operation, checked.body, get_page)
    if fault:
        pages = [page_ids[number - 1] if number else case.id for number in fault.pages]
        raise CheckFailed("Paging does not return every item once", fault.description, pages)


def valid_request_succeeds(checked: CheckedCase) -> None:
    """A valid request for a listed item succeeds."""
    is_valid = checked.case.id in checked.run.valid
    if is_valid and checked.status not in checked.run.tolerated and not 200 <= checked.status < 300:
        raise CheckFailed("A valid request is rejected", f"HTTP {checked.status}")


def response_matches_path_parameters(checked: CheckedCase) -> None:
    """A field with the name of a path parameter has its value in every row, so no other account's data is returned."""
    if checked.status != 200 or not checked.has_body:
        return
    body = checked.body
    for name in checked.operation.rows or ("data",):
        body = body.get(name, body) if isinstance(body, dict) else body
    for row in body if isinstance(body, list) else [body]:
        for name, value in checked.case.path_parameters.items():
            if isinstance(row, dict) and name in row and str(row[name]) != str(value):
                raise CheckFailed("The response is for another resource", f"{name} is {row[name]} instead of {value}")


def wrong_key_is_rejected(checked: CheckedCase) -> None:
    """A request with a wrong or missing key gets 401 or 403."""
    if checked.case.id in checked.run.unauthorized and checked.status not in (401, 403):
        raise CheckFailed("A wrong key is accepted", f"HTTP {checked.status} instead of 401 or 403")


def unused_method_is_rejected(checked: CheckedCase) -> None:
    """A method that the spec does not contain is not carried out; the form of the rejection is of no importance."""
    if checked.is_unused_method and 200 <= checked.status < 300:
        method = checked.response.request.method
        raise CheckFailed("Another method is accepted", f"HTTP {checked.status} for {method}")


Check: TypeAlias = Callable[[CheckedCase], None]

CHECKS: Final[tuple[Check, ...]] = (
    body_matches_contract,
    error_body_is_documented,
    money_is_decimal_string,
    paging_returns_every_item_once,
    valid_request_succeeds,
    response_matches_path_parameters,
    wrong_key_is_rejected,
    unused_method_is_rejected,
)
"""All checks, in the order in which they run."""


def _describe_syntax_error(error: ContractError, content: bytes) -> str:
    """Return the message of an error, without the beginning of a body that may contain undocumented fields."""
    if content.lstrip()[:1] in (b"{", b"["):
        return f"expected {error.violations[0].expected}, got a body of {len(content)} bytes"
    return str(error)


def _schema_name(operation: Operation, status: int | str) -> str | None:
    """Return the name of the schema of a response with a status, or None if it has no name."""
    schema = operation.body_schema(status) or {}
    return schema["$ref"].rpartition("/")[2] if "$ref" in schema else None


def _inexact_decimals(spec: Spec, schema: Mapping[str, Any], value: Any, pointer: str) -> Iterator[tuple[str, str]]:
    """Yield the pointer and the value of each decimal that is not a string of plain digits."""
    match value:
        case dict():
            for name, field in spec.properties(schema).items():
                if name in value:
                    yield from _inexact_decimals(spec, field, value[name], f"{pointer}/{name}")
        case list():
            for index, item in enumerate(value):
                yield from _inexact_decimals(spec, spec.items(schema), item, f"{pointer}/{index}")
        case bool() | None:
            return
        case int() | float() | Decimal() if spec.format(schema) == "decimal" and "number" not in _types(spec, schema):
            yield pointer, f"the number {value}"
        # The schema's pattern decides whether a decimal may be the empty string.
        case str() if value and spec.format(schema) == "decimal" and not _PLAIN_DECIMAL.fullmatch(value):
            yield pointer, repr(value[:40])


def _types(spec: Spec, schema: Mapping[str, Any]) -> set[str]:
    schema = spec.resolve(schema)
    types = schema.get("type", [])
    found = {types} if isinstance(types, str) else set(types)
    for keyword in ("anyOf", "oneOf", "allOf"):
        for branch in schema.get(keyword, []):
            found |= _types(spec, branch)
    return found | ({"number"} if "integer" in found else set())
