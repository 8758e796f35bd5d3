"""The walk: valid requests for everything that the listings contain, along the links of the spec.

A real server gets nothing else; any other server gets the walk before the phases of schemathesis. Every response goes
through all checks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from onefolio_runtime import ContractError, decode, resolve_pointer

from ..openapi.operations import Operation
from .run_state import Run
from .scenario import Event
from .schemathesis_adapter import Session

_PHASE = "walk"

_OTHER_METHODS = frozenset({"DELETE", "PATCH", "POST", "PUT", "TRACE"})
"""Methods with which no reader may change anything; a server may respond to HEAD and OPTIONS."""


class Walk:
    """Sends valid requests and, unless the profile is polite, requests with wrong keys and with other methods.

    Args:
        run: the run.
        session: the document under test.
    """

    def __init__(self, run: Run, session: Session) -> None:
        self._run = run
        self._session = session
        self._tested = session.operations()
        self._bodies: dict[str, Any] = {}

    def events(self) -> Iterator[Event]:
        """Send the requests and yield an event for each operation and set of path parameters."""
        operations = self._run.operations.items()
        for label, operation in operations:
            if not operation.asked_names:
                event, self._bodies[operation.id] = self._request(label, operation, {})
                yield event
        for label, operation in operations:
            for values in self._linked_values(operation):
                event, _ = self._request(label, operation, values)
                yield event
        if not self._run.profile.is_polite:
            for label, operation in operations:
                all_values = self._linked_values(operation) if operation.asked_names else iter([{}])
                for values in islice(all_values, 1):
                    yield self._request_with_wrong_keys(label, operation, values)
                    yield self._request_with_other_methods(label, operation, values)

    def _request(self, label: str, operation: Operation, values: dict[str, Any]) -> tuple[Event, Any]:
        """Request a resource, also with the documented values of its parameters; return the event and the body."""
        run, tested = self._run, self._tested[label]
        queries = [{}, *_documented_queries(operation)] if run.profile.is_polite or not values else [{}]
        if not operation.parameters:
            queries *= run.profile.repeats
        scenario, body = self._session.open_scenario(tested), None
        for query in queries:
            located = locate_parameters(operation, values)
            case = tested.Case(
                path_parameters=located["path_parameters"],
                query=located["query"] | query,
                headers=_default_headers(operation),
            )
            run.valid.add(case.id)
            response = scenario.send(case)
            if response is not None and not query and response.status_code == 200:
                run.successes.setdefault(label, values)
                try:
                    body = decode(response.content)
                except ContractError:
                    body = None
        return scenario.finish(_PHASE), body

    def _request_with_wrong_keys(self, label: str, operation: Operation, values: dict[str, Any]) -> Event:
        """Request a resource with each key wrong in turn, and with no key."""
        tested = self._tested[label]
        scenario = self._session.open_scenario(tested)
        keys = self._run.connection.credentials.headers()
        for headers in [*({**keys, name: f"{keys[name]}x"} for name in keys), {}]:
            case = tested.Case(**locate_parameters(operation, values))
            self._run.unauthorized.add(case.id)
            scenario.send(case, headers)
        return scenario.finish(_PHASE)

    def _request_with_other_methods(self, label: str, operation: Operation, values: dict[str, Any]) -> Event:
        """Send a request with each method that the spec does not contain for its path."""
        tested = self._tested[label]
        scenario = self._session.open_scenario(tested)
        documented = {each.method for each in self._run.operations.values() if each.path == operation.path}
        for method in sorted(_OTHER_METHODS - documented):
            located = locate_parameters(operation, values)
            case = tested.Case(method=method, **located, headers=_default_headers(operation))
            scenario.send(case)
        return scenario.finish(_PHASE)

    def _linked_values(self, operation: Operation) -> Iterator[dict[str, Any]]:
        """Yield the parameters of an operation that the links of the listings supply, row by row."""
        for source in self._run.operations.values():
            for link in source.success.get("links", {}).values():
                pointers = {name: str(value).partition("#")[2] for name, value in link["parameters"].items()}
                if link["operationId"] != operation.id or set(pointers) != operation.asked_names:
                    continue
                for row in range(self._run.profile.followed):
                    # A link points to the first row and applies to the others as well.
                    values = {
                        name: resolve_pointer(self._bodies.get(source.id), pointer.replace("/0/", f"/{row}/", 1))
                        for name, pointer in pointers.items()
                    }
                    if not values or None in values.values():
                        break
                    yield values


def report_absent_fields(run: Run, session: Session) -> Iterator[Event]:
    """Yield a failure for each operation with fields that the library reads and that had no value in any response.

    A real account may have no value for a field, but a test server that never returns one leaves the field untested.
    """
    for label, tested in session.operations().items():
        if label in run.successes and (absent := ", ".join(run.absent_fields(label))):
            scenario = session.open_scenario(tested)
            case = tested.Case(**locate_parameters(run.operations[label], run.successes[label]))
            scenario.record(case)
            message = f"absent or null in every response: {absent}"
            scenario.add_failure(case, "used_fields_have_values", "A used field never has a value", message)
            yield scenario.finish("run")


def locate_parameters(operation: Operation, values: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return parameter values as the arguments `path_parameters` and `query` of a case."""
    located: dict[str, dict[str, Any]] = {"path_parameters": {}, "query": {}}
    for parameter in operation.parameters:
        if parameter.name in values:
            argument = "path_parameters" if parameter.where == "path" else "query"
            located[argument][parameter.name] = values[parameter.name]
    return located


def _documented_queries(operation: Operation) -> list[dict[str, Any]]:
    """Return a query for each query parameter that has a documented default or example."""
    values = {
        parameter.name: parameter.schema.get("default", parameter.schema.get("example"))
        for parameter in operation.parameters
        if parameter.where == "query"
    }
    return [{name: value} for name, value in values.items() if value is not None]


def _default_headers(operation: Operation) -> dict[str, str]:
    """Return the header parameters that have a default in the spec, such as a version."""
    return {
        parameter.name: str(parameter.schema["default"])
        for parameter in operation.parameters
        if parameter.where == "header" and "default" in parameter.schema
    }
