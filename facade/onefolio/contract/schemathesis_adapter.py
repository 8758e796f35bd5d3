"""The only module that uses schemathesis: loads the document, registers the checks and translates the results."""

from __future__ import annotations

import itertools
import time
import uuid
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any, Self

import requests
import schemathesis
from schemathesis import CheckContext
from schemathesis.checks import CHECKS as REGISTERED_CHECKS
from schemathesis.config import SchemathesisConfig
from schemathesis.core.failures import Failure, FailureGroup, Severity
from schemathesis.engine import Status, StopReason, events, from_schema
from schemathesis.engine.recorder import ScenarioRecorder
from schemathesis.engine.run import PhaseName

from .._core.errors import ConfigurationError
from .checks import CHECKS, Check, CheckedCase, CheckFailed, unused_method_is_rejected
from .curl import curl_command
from .false_positives import is_false_positive
from .protocols import Case, OperationUnderTest, Response
from .run_state import Run
from .scenario import Event, FailedCheck, RecordedRequest
from .secrets import Secrets
from .undocumented import hide_undocumented

MAX_FAILED_REQUESTS = 2
"""Number of requests without a response after which an operation is not called again."""

_RUN_FIELD = "x-onefolio-run"
"""Field of the document that identifies its run; the document is all that schemathesis passes to the checks."""

_WRITE_CHECKS = ("use_after_free", "ensure_resource_availability", "object_level_authorization")
"""Checks of schemathesis that need operations which write or delete."""

_METHOD_CHECKS = ("allow_header_conformance", "unsupported_method")
"""Checks of schemathesis of responses to other methods: they demand a form that a reader does not need."""

_INVALID_REQUEST_CHECKS = (
    "ignored_auth",
    "missing_required_header",
    "negative_data_rejection",
    "unused_method_is_rejected",
    "wrong_key_is_rejected",
)
"""Checks that need invalid requests."""

_OPTIONS: dict[str, dict[str, Any]] = {"coverage": {"unexpected-methods": []}}
"""Options of phases. The walk sends other methods itself, with valid parameters."""

_run_numbers = itertools.count(1)

_runs: dict[int, Run] = {}


class ContractFailure(Failure):
    """A failure of one of the checks of onefolio.

    Attributes:
        case_ids: ids of the cases that together show the failure; empty for the case that was checked.
    """

    def __init__(self, operation: str, title: str, message: str, case_ids: Sequence[str] = ()) -> None:
        case_id = case_ids[-1] if case_ids else None
        super().__init__(operation=operation, title=title, message=message, case_id=case_id, severity=Severity.HIGH)
        self.case_ids = tuple(case_ids)

    @property
    def _unique_key(self) -> str:
        return self.title


def _register(check: Check) -> None:
    """Register a check with schemathesis; it does nothing for documents that belong to no run."""

    def adapted(context: CheckContext, response: schemathesis.Response, case: schemathesis.Case[Any]) -> bool | None:
        run = _runs.get(case.operation.schema.raw_schema.get(_RUN_FIELD, 0))
        operation = run and run.operations.get(case.operation.label)
        if not (run and operation):
            return None

        def record(further_case: Any, further_response: Any) -> None:
            context.internals.record_case(parent_id=case.id, case=further_case)
            context.internals.record_response(case_id=further_case.id, response=further_response)

        checked = CheckedCase(run, operation, case, response, record)
        if checked.is_unused_method and check is not unused_method_is_rejected:
            return None
        try:
            check(checked)
        except CheckFailed as failed:
            raise ContractFailure(case.operation.label, failed.title, failed.message, failed.case_ids) from None
        return None

    adapted.__name__ = check.__name__
    adapted.__doc__ = check.__doc__
    schemathesis.check(adapted)


for _check in CHECKS:
    _register(_check)


class Session:
    """One document under test; use it as a context manager.

    Args:
        run: the run whose checks apply.
        secrets: keys that are removed from all results.
        seed: seed of the generated requests.
        timeout: seconds for a response.

    Attributes:
        is_interrupted: whether Ctrl-C ended the run.
    """

    def __init__(self, run: Run, secrets: Secrets, *, seed: int, timeout: float) -> None:
        self.is_interrupted = False
        self._run = run
        self._secrets = secrets
        self._number = next(_run_numbers)
        document = {**deepcopy(run.connection.contract.spec), _RUN_FIELD: self._number}
        config = SchemathesisConfig.from_dict(_config(run, seed=seed, timeout=timeout))
        self._finished = events.EngineFinished(running_time=0.0, stop_reason=StopReason.COMPLETED)
        self._schema: Any = schemathesis.openapi.from_dict(document, config=config)
        self._schema.hook("filter_failure")(_failure_filter(run))

    def __enter__(self) -> Self:
        _runs[self._number] = self._run
        return self

    def __exit__(self, *_: object) -> None:
        del _runs[self._number]

    def operations(self) -> dict[str, OperationUnderTest]:
        """Return the operations of the document by label."""
        return {result.ok().label: result.ok() for result in self._schema.get_all_operations()}

    def checks(self) -> list[str]:
        """Return the names of the checks that apply to every operation."""
        enabled = self._schema.config.checks_config_for()
        names = [each.__name__ for each in REGISTERED_CHECKS.get_all() if not isinstance(each, type)]
        return [name for name in names if enabled.get_by_name(name=name).enabled]

    def start(self) -> Event:
        """Return the first event of the report files."""
        return Event("", native=events.EngineStarted())

    def finish(self) -> Event:
        """Return the last event of the report files."""
        return Event("", native=self._finished)

    def open_scenario(self, operation: OperationUnderTest) -> Scenario:
        """Return a scenario that records requests for an operation."""
        return Scenario(self._run, self._secrets, operation)

    def run_phases(self, excluded: Collection[str]) -> Iterator[Event]:
        """Run the phases of schemathesis and yield their events.

        Args:
            excluded: labels of operations that are not tested.

        Raises:
            ConfigurationError: schemathesis could not run.
        """
        schema = self._schema
        for label in excluded:
            schema = schema.exclude(name=label)
        for event in from_schema(schema).execute():
            match event:
                case events.EngineStarted():
                    continue
                case events.EngineFinished():
                    self._finished = event  # other phases may follow
                    continue
                case events.ScenarioFinished():
                    yield _scenario_event(self._run, event.phase.value, event, self._secrets)
                    continue
                case events.NonFatalError():
                    phase = "run" if event.phase is None else event.phase.value
                    failure = FailedCheck(event.label, "no_response", event.info.title, event.info.message)
                    yield Event(phase, failures=[failure])
                    continue
                case events.FatalError():
                    message = self._secrets.clean(f"{type(event.exception).__name__}: {event.exception}")
                    raise ConfigurationError(f"schemathesis could not run: {message.splitlines()[0]}") from None
                case events.Interrupted():
                    self.is_interrupted = True
            yield Event("", native=event)

    def report_writers(self, folder: Path) -> ReportWriters:
        """Return writers of schemathesis's report files."""
        return ReportWriters(folder, self._schema)


class Scenario:
    """Sends requests for one operation and records their responses and failed checks.

    Args:
        run: the run.
        secrets: keys that are removed from the results.
        operation: the operation.
    """

    def __init__(self, run: Run, secrets: Secrets, operation: OperationUnderTest) -> None:
        self._run = run
        self._secrets = secrets
        self._recorder = ScenarioRecorder(label=operation.label)
        self._started = time.monotonic()

    def send(self, case: Any, headers: Mapping[str, str] | None = None) -> Response | None:
        """Send a case, run every check on the response and return it; None if there was no response.

        Args:
            case: the request.
            headers: replace the keys.
        """
        response = self.record(case, headers)
        if response is not None and response.status_code not in self._run.tolerated:
            self._run_checks(case, response)
        return response

    def record(self, case: Any, headers: Mapping[str, str] | None = None) -> Response | None:
        """Send a case and return the response as `send` does, without running the checks."""
        if self._run.failed_requests[case.operation.label] >= MAX_FAILED_REQUESTS:
            return None
        self._recorder.record_case(case=case)
        try:
            response: Any = self._run.send(case, headers)
        except requests.RequestException as error:
            self._run.failed_requests[case.operation.label] += 1
            self._recorder.record_network_error(case_id=case.id, error=error)
            self.add_failure(case, "no_response", "No response", type(error).__name__)
            return None
        self._recorder.record_response(case_id=case.id, response=response)
        received: Response = response
        return received

    def add_failure(self, case: Case, check: str, title: str, message: str) -> None:
        """Record a failure of a case."""
        failure = ContractFailure(case.operation.label, title, message)
        self._recorder.record_check_failure(name=check, case_id=case.id, code_sample="", failure=failure)

    def finish(self, phase: str) -> Event:
        """Return the event of this scenario."""
        has_failed = bool(self._recorder.failing_case_ids())
        native = events.ScenarioFinished(
            id=uuid.uuid4(),
            suite_id=uuid.uuid4(),
            phase=PhaseName.EXAMPLES,
            label=self._recorder.label,
            status=Status.FAILURE if has_failed else Status.SUCCESS,
            recorder=self._recorder,
            elapsed_time=time.monotonic() - self._started,
            skip_reason=None,
            is_final=True,
        )
        return _scenario_event(self._run, phase, native, self._secrets)

    def _run_checks(self, case: Any, response: Any) -> None:
        enabled = case.operation.schema.config.checks_config_for(operation=case.operation)
        for check in REGISTERED_CHECKS.get_all():
            if isinstance(check, type) or not enabled.get_by_name(name=check.__name__).enabled:
                continue
            try:
                case.validate_response(response, checks=[check], recorder=self._recorder)
            except FailureGroup as group:
                for failure in group.exceptions:
                    self._recorder.record_check_failure(
                        name=check.__name__, case_id=case.id, code_sample="", failure=failure
                    )
            else:
                self._recorder.record_check_success(name=check.__name__, case_id=case.id)


class ReportWriters:
    """Write `calls.har` and `html/` with schemathesis.

    Args:
        folder: the folder to write to.
        schema: schemathesis's view of the document.
    """

    def __init__(self, folder: Path, schema: Any) -> None:
        # A run without report files does not need schemathesis's command line.
        from schemathesis.cli.commands.run.context import ExecutionContext
        from schemathesis.cli.commands.run.handlers.har import HarHandler
        from schemathesis.cli.commands.run.handlers.html import HtmlReportHandler
        from schemathesis.cli.events import LoadingFinished

        self._context = ExecutionContext(config=schema.config)
        self._handlers: list[Any] = [
            HarHandler(output=folder / "calls.har", config=schema.config.output),
            HtmlReportHandler(folder / "html"),
        ]
        for handler in self._handlers:
            handler.start(self._context)
        base_url = schema.config.base_url
        self.write(LoadingFinished.from_schema(schema, location="spec", start_time=time.time(), base_url=base_url))

    def write(self, event: Any) -> None:
        """Write an event."""
        self._context.on_event(event)
        for handler in self._handlers:
            handler.handle_event(self._context, event)

    def close(self) -> None:
        """Finish the files, which are written by threads. May be called twice."""
        while self._handlers:
            self._handlers.pop(0).shutdown(self._context)


def _config(run: Run, *, seed: int, timeout: float) -> dict[str, Any]:
    connection, profile = run.connection, run.profile
    # `Secrets` writes the names of the variables in place of the keys, which the default would hide. Page tokens stay
    # readable, too: curl commands need them.
    sanitization = {"keys-to-sanitize": ["cookie", "set-cookie"], "sensitive-markers": ["password", "credential"]}
    disabled = [
        *_WRITE_CHECKS,
        *_METHOD_CHECKS,
        *(_INVALID_REQUEST_CHECKS if profile.is_polite else ()),
        *(() if _has_unnamed_schemas(run) else ("response_schema_conformance",)),
    ]
    return {
        "seed": seed,
        "base-url": connection.base_url,
        "headers": connection.credentials.headers(),
        "request-timeout": timeout,
        "max-redirects": 0,
        "continue-on-failure": True,
        "output": {"sanitization": sanitization},
        "generation": {
            "max-examples": max(1, profile.examples),
            "database": "none",
            "allow-extra-parameters": False,
        },
        "phases": {
            "enabled": False,
            **{name: {"enabled": True, **_OPTIONS.get(name, {})} for name in profile.phases},
        },
        "checks": {name: {"enabled": False} for name in disabled},
    }


def _has_unnamed_schemas(run: Run) -> bool:
    """Return whether `body_matches_contract` leaves bodies to the slower check of schemathesis, which quotes them."""
    schemas = (each.body_schema(status) for each in run.operations.values() for status in each.responses)
    return any(schema is not None and "$ref" not in schema for schema in schemas)


def _failure_filter(run: Run) -> Callable[..., bool]:
    """Return the hook of schemathesis that keeps failures for which it returns true, and all failures of our checks."""

    def filter_failure(_: Any, failure: Any, case: Any, response: Any) -> bool:
        return isinstance(failure, ContractFailure) or not is_false_positive(run, failure.checks, case, response)

    return filter_failure


def _scenario_event(run: Run, phase: str, event: events.ScenarioFinished, secrets: Secrets) -> Event:
    """Remove the keys and the values of undocumented fields from a scenario and translate it."""
    recorder = event.recorder
    _hide_undocumented(run, recorder)
    _clean(recorder, secrets)
    sent = {
        case_id: RecordedRequest(
            recorder.cases[case_id].value.operation.label,
            interaction.request.method,
            interaction.request.uri,
            interaction.request.headers,
            interaction.response.status_code if interaction.response else 0,
        )
        for case_id, interaction in recorder.interactions.items()
    }
    failures = []
    for case_id, checks in recorder.checks.items():
        for check in checks:
            if check.failure_info is not None:
                failure = check.failure_info.failure
                # A check may have sent further requests, of which one or several failed.
                showing = getattr(failure, "case_ids", ()) or (failure.case_id or case_id,)
                found = [sent[each] for each in showing if each in sent] or [sent[case_id]] * (case_id in sent)
                check.failure_info.code_sample = "\n".join(curl_command(each, secrets.in_shell) for each in found)
                check.failure_info.steps = []
                label = recorder.cases[case_id].value.operation.label
                failures.append(FailedCheck(label, check.name, failure.title, failure.message, found))
    return Event(phase, list(sent.values()), failures, event)


def _hide_undocumented(run: Run, recorder: ScenarioRecorder) -> None:
    """Describe the values of undocumented fields in the recorded bodies."""
    for case_id, interaction in recorder.interactions.items():
        operation, response = run.operations.get(recorder.cases[case_id].value.operation.label), interaction.response
        if operation is not None and response is not None and response.content:
            response.content = hide_undocumented(run.spec, operation, response.status_code, response.content)


def _clean(recorder: ScenarioRecorder, secrets: Secrets) -> None:
    """Remove the keys from everything that was recorded in a scenario, except for code samples."""
    for interaction in recorder.interactions.values():
        request, response = interaction.request, interaction.response
        request.uri = secrets.clean(request.uri)
        request.headers = secrets.clean_headers(request.headers)
        if response is not None:
            response.content = secrets.clean_bytes(response.content)
            response.headers = secrets.clean_headers(response.headers)
            response.message = secrets.clean(response.message)
    for checks in recorder.checks.values():
        for check in checks:
            if check.failure_info is not None:
                failure = check.failure_info.failure
                failure.message, failure.title = secrets.clean(failure.message), secrets.clean(failure.title)
