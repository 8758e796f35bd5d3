"""The walk: every operation asked for what is there, from the listings along the spec's links.

It is all that a real server gets, and what a mock gets before schemathesis's own phases. Its requests are valid, its
account ids come out of the listings, and each of its answers goes through every check.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator, Mapping
from typing import Any

from schemathesis import Case, Response
from schemathesis.checks import CHECKS
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.engine import Status, events
from schemathesis.engine.recorder import ScenarioRecorder
from schemathesis.engine.run import PhaseName

from onefolio_runtime import ContractError, decode

from ..openapi.operations import Operation
from ..openapi.pointers import resolve_pointer
from .run_state import Run

ENOUGH = 2
"""Requests without an answer after which an operation is left alone."""


def walk(run: Run, schema: Any) -> Iterator[events.EngineEvent]:
    """Yield an event for every operation and set of values that was asked for.

    Args:
        run: the connection, the profile and how requests are sent.
        schema: schemathesis's view of the run's document.
    """
    operations = {result.ok().label: result.ok() for result in schema.get_all_operations()}
    bodies: dict[str, Any] = {}
    for label, operation in run.operations.items():
        if not operation.asked_names:
            event, bodies[operation.id] = _asked(run, operations[label], operation, {})
            yield event
    for label, operation in run.operations.items():
        for values in _linked(run, operation, bodies):
            event, _ = _asked(run, operations[label], operation, values)
            yield event
    if not run.profile.is_polite:
        for label, operation in run.operations.items():
            asked: list[dict[str, Any]] = list(_linked(run, operation, bodies)) if operation.asked_names else [{}]
            for values in asked[:1]:
                yield _wrong_keys(run, operations[label], operation, values)


def _placed(operation: Operation, values: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the values of what is asked for as arguments of a case."""
    found: dict[str, dict[str, Any]] = {"path_parameters": {}, "query": {}}
    for each in operation.parameters:
        if each.name in values:
            found["path_parameters" if each.where == "path" else "query"][each.name] = values[each.name]
    return found


def _linked(run: Run, operation: Operation, bodies: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the parameters that the listings' links give an operation, row by row."""
    for source in run.operations.values():
        for link in source.success.get("links", {}).values():
            pointers = {name: str(value).partition("#")[2] for name, value in link["parameters"].items()}
            if link["operationId"] != operation.id or set(pointers) != operation.asked_names:
                continue
            for row in range(run.profile.followed):
                # A link points to the first row; what holds for that one holds for the others.
                values = {
                    name: resolve_pointer(bodies.get(source.id), place.replace("/0/", f"/{row}/", 1))
                    for name, place in pointers.items()
                }
                if not values or None in values.values():
                    break
                yield values


def _asked(run: Run, tested: Any, operation: Operation, values: Mapping[str, Any]) -> tuple[events.EngineEvent, Any]:
    """Ask for one thing: as it is, and with the values that the spec documents for its parameters."""
    queries = [{}, *_documented(operation)] if run.profile.is_polite or not values else [{}]
    recorder = ScenarioRecorder(label=tested.label)
    started, body = time.monotonic(), None
    for query in queries:
        named = _placed(operation, values)
        case = tested.Case(
            path_parameters=named["path_parameters"], query=named["query"] | query, headers=_headers(operation)
        )
        run.valid.add(case.id)
        response = _tried(run, case, recorder)
        if response is not None and not query and response.status_code == 200:
            run.answered.setdefault(tested.label, values)
            try:
                body = decode(response.content)
            except ContractError:
                body = None
    return _finished(recorder, time.monotonic() - started), body


def _wrong_keys(run: Run, tested: Any, operation: Operation, values: Mapping[str, Any]) -> events.EngineEvent:
    """Ask with each of the keys wrong in turn, and with none."""
    recorder = ScenarioRecorder(label=tested.label)
    started = time.monotonic()
    right = run.connection.credentials.headers()
    wrong = [{**right, name: f"{right[name]}x"} for name in right] + [dict.fromkeys(right)]
    for headers in wrong:
        case = tested.Case(**_placed(operation, values))
        run.unauthorized.add(case.id)
        _tried(run, case, recorder, headers={name: value for name, value in headers.items() if value is not None})
    return _finished(recorder, time.monotonic() - started)


def _documented(operation: Operation) -> list[dict[str, Any]]:
    """Return queries with the documented default or example of each parameter."""
    values = {
        each.name: each.schema.get("default", each.schema.get("example"))
        for each in operation.parameters
        if each.where == "query"
    }
    return [{name: value} for name, value in values.items() if value is not None]


def _headers(operation: Operation) -> dict[str, str]:
    """Return the header parameters that the spec has a default for, such as a version."""
    return {
        each.name: str(each.schema["default"])
        for each in operation.parameters
        if each.where == "header" and "default" in each.schema
    }


def _tried(
    run: Run, case: Case[Any], recorder: ScenarioRecorder, *, headers: Mapping[str, str] | None = None
) -> Response | None:
    """Send a case, hold the answer against every check, and record both."""
    import requests

    if run.unanswered[case.operation.label] >= ENOUGH:
        return None
    recorder.record_case(case=case)
    try:
        response = run.send(case) if headers is None else run.send(case, headers)
    except requests.RequestException as error:
        run.unanswered[case.operation.label] += 1
        recorder.record_network_error(case_id=case.id, error=error)
        recorder.record_check_failure(name="no_answer", case_id=case.id, code_sample="", failure=NoAnswer(case, error))
        return None
    recorder.record_response(case_id=case.id, response=response)
    if response.status_code in run.passing:
        return response
    enabled = case.operation.schema.config.checks_config_for(operation=case.operation)
    for check in CHECKS.get_all():
        if isinstance(check, type) or not enabled.get_by_name(name=check.__name__).enabled:
            continue
        try:
            case.validate_response(response, checks=[check], recorder=recorder)
        except FailureGroup as group:
            for failure in group.exceptions:
                recorder.record_check_failure(name=check.__name__, case_id=case.id, code_sample="", failure=failure)
        else:
            recorder.record_check_success(name=check.__name__, case_id=case.id)
    return response


def fields_read_have_values(run: Run, schema: Any) -> Iterator[events.EngineEvent]:
    """Yield a failure for every operation of which a field that the library reads never had a value.

    A real account may have none of it, but a server for tests that never sends it tests nothing.
    """
    for result in schema.get_all_operations():
        tested = result.ok()
        if tested.label in run.answered and (missing := ", ".join(run.missing(tested.label))):
            recorder = ScenarioRecorder(label=tested.label)
            case = tested.Case(**_placed(run.operations[tested.label], run.answered[tested.label]))
            recorder.record_case(case=case)
            recorder.record_response(case_id=case.id, response=run.send(case))
            failure = NeverCame(case, missing)
            recorder.record_check_failure(name=failure.checks[0], case_id=case.id, code_sample="", failure=failure)
            yield _finished(recorder, 0.0)


class NeverCame(Failure):
    """What the library reads never had a value."""

    checks = ("fields_read_have_values",)

    def __init__(self, case: Case[Any], missing: str) -> None:
        message = f"absent or null in every answer, and None in the library: {missing}"
        super().__init__(operation=case.operation.label, title="What is read never comes", message=message)


class NoAnswer(Failure):
    """No answer came, or it broke off."""

    checks = ("no_answer",)

    def __init__(self, case: Case[Any], error: Exception) -> None:
        super().__init__(operation=case.operation.label, title="No answer", message=type(error).__name__)


def _finished(recorder: ScenarioRecorder, seconds: float) -> events.EngineEvent:
    failed = bool(recorder.failing_case_ids())
    return events.ScenarioFinished(
        id=uuid.uuid4(),
        suite_id=uuid.uuid4(),
        phase=PhaseName.EXAMPLES,
        label=recorder.label,
        status=Status.FAILURE if failed else Status.SUCCESS,
        recorder=recorder,
        elapsed_time=seconds,
        skip_reason=None,
        is_final=True,
    )
