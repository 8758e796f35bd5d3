"""Recognize failures of schemathesis's checks that are no violations of the contract."""

from __future__ import annotations

from collections.abc import Collection
from urllib.parse import parse_qsl, urlsplit

from ..openapi.operations import Operation
from .protocols import Case, Response
from .run_state import Run


def is_false_positive(run: Run, checks: Collection[str], case: Case, response: Response) -> bool:
    """Return whether a failure of any of the named checks is no violation of the contract."""
    operation = run.operations.get(case.operation.label)
    if operation is None:
        return False
    if response.request.method != operation.method:
        return True  # `unused_method_is_rejected` decides
    if "positive_data_acceptance" in checks:
        # A generated page token matches its schema, but the server never returned it and has to reject it.
        position = operation.position
        page_parameters = {operation.token, position.name if position and isinstance(position.hint, dict) else None}
        is_generated = bool(page_parameters & (case.query or {}).keys()) and case.id not in run.valid
        return is_generated and response.status_code == 400
    if "negative_data_rejection" in checks:
        # A server may ignore query parameters that the spec does not contain.
        return _has_valid_parameters(operation, case, str(response.request.url))
    return False


def _has_valid_parameters(operation: Operation, case: Case, url: str) -> bool:
    """Return whether every documented parameter of a request is valid and is sent once."""
    query = parse_qsl(urlsplit(url).query, keep_blank_values=True)
    sent = {
        "query": dict(query),
        "path": {name: str(value) for name, value in (case.path_parameters or {}).items()},
        "header": {name: str(value) for name, value in (case.headers or {}).items()},
    }
    has_duplicates = len(dict(query)) < len(query)
    return not has_duplicates and all(
        each.accepts(sent.get(each.where, {}).get(each.name)) for each in operation.parameters if each.where in sent
    )
