"""A run: the server looked at, schemathesis's phases, the walk, the report."""

from __future__ import annotations

import os
import random
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from copy import deepcopy
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from .._connections.connection import Connection
from .._connections.urls import is_loopback
from .._core.errors import ConfigurationError
from .._core.extras import require_extra
from .._settings.settings import Settings
from ..openapi.operations import Operation
from ..providers.registry import provider as find_provider
from .preflight import require_api, seconds_to_wait
from .profiles import POLITE, PROFILES, Profile, ProfileName
from .report import Collector, Report
from .run_state import Run
from .secrets import Secrets

if TYPE_CHECKING:
    from schemathesis import Case, Response

_CI_SEED = 1

_NOT_READ_ONLY = ("use_after_free", "ensure_resource_availability", "object_level_authorization")
"""Checks of schemathesis that are about what is written and deleted."""

_TRIES = 5
"""Requests that are made in all for one that gets 429."""


def run(
    provider: str,
    *,
    base_url: str | None = None,
    live: bool = False,
    profile: ProfileName = "ci",
    report: str | os.PathLike[str] | None = None,
    seed: int | None = None,
    timeout: float = 10.0,
) -> Report:
    """Hold a server against a provider's spec.

    Without `base_url` and `live` it is the mock, started for the run. A server on this machine gets everything that
    schemathesis has, with the mock's keys; any other gets few, valid requests, slowly, with the user's keys.

    Args:
        provider: the provider's name.
        base_url: the server.
        live: take server and keys from the provider's environment variables.
        profile: `"ci"` takes seconds, `"nightly"` minutes; a real server always gets the polite one.
        report: a folder to write JUnit, HAR and HTML to.
        seed: the same one tries the same again; by default fixed for `"ci"`, drawn for `"nightly"`.
        timeout: seconds that an answer may take.

    Raises:
        ConfigurationError: the run could not be made: an unknown provider, missing keys, a missing package, or a
            server that does not answer, redirects, or speaks something else.
    """
    kind = find_provider(provider)
    if profile not in PROFILES:
        raise ConfigurationError(f"unknown profile {profile!r}; one of {', '.join(PROFILES)}")
    with require_extra("contract", "a contract test"):
        import schemathesis  # noqa: F401  # only whether it is there
    if seed is None:
        seed = _CI_SEED if profile == "ci" else random.SystemRandom().getrandbits(32)
    with ExitStack() as stack:
        if base_url is None and not live:
            from ..mock import running

            base_url = stack.enter_context(running(accounts=25, positions=7))[provider]
        if live or not is_loopback(base_url or ""):
            connection, chosen = _with_users_keys(kind, base_url), POLITE
        else:
            options: dict[str, Any] = {**kind.demo_credentials(), "base_url": base_url}
            connection, chosen = kind(**options), PROFILES[profile]
        folder = None if report is None else Path(report)
        return execute(connection, chosen, seed=seed, folder=folder, timeout=timeout)


def _with_users_keys(kind: type[Connection], base_url: str | None) -> Connection:
    environ = {**os.environ, **({kind.base_url_variable: base_url} if base_url else {})}
    found = Settings(environ).connection(kind)
    if found is None:
        wanted = ", ".join(kind.variables.values())
        raise ConfigurationError(f"{kind.title}: a real server wants your keys; set {wanted}")
    return found.connection


def execute(
    connection: Connection, profile: Profile, *, seed: int, folder: Path | None = None, timeout: float = 10.0
) -> Report:
    """Hold the connection's server against its spec.

    Raises:
        ConfigurationError: as `run` does.
        KeyboardInterrupt: Ctrl-C; nothing has been written then.
    """
    import schemathesis
    from schemathesis.engine import events

    from . import checks as _checks  # registers them

    del _checks
    started = time.monotonic()
    secrets = Secrets(connection)
    require_api(connection, secrets, timeout=timeout, polite=profile.is_polite)
    with ExitStack() as stack:
        under_test = stack.enter_context(Run(connection, profile, _sender(connection, profile, timeout)))
        stack.enter_context(warnings.catch_warnings())
        warnings.simplefilter("ignore")  # what schemathesis warns of is for those who wrote the spec
        config = _config(connection, profile, secrets, seed=seed, timeout=timeout)
        schema = schemathesis.openapi.from_dict(deepcopy(under_test.document), config=config)
        schema.hook("filter_failure")(_keeps(under_test))
        collector = Collector(under_test, secrets)
        files = None
        if folder is not None:
            from .report_files import Files

            files = stack.enter_context(Files(folder, schema, secrets))
        interrupted = False
        for phase, event in _events(under_test, schema):
            if isinstance(event, events.ScenarioFinished):
                secrets.clean_recorder(event.recorder)
                collector.take_scenario(phase or event.phase.value, event.recorder)
            elif isinstance(event, events.NonFatalError):
                collector.add(event.label, "no_answer", event.info.title, event.info.message, phase=_name(event.phase))
                continue
            elif isinstance(event, events.Interrupted):
                interrupted = True
            elif isinstance(event, events.FatalError):
                text = secrets.clean(f"{type(event.exception).__name__}: {event.exception}").splitlines()[0]
                raise ConfigurationError(f"schemathesis could not run: {text}") from None
            if files is not None:
                files.take(event)
        if interrupted:
            raise KeyboardInterrupt  # schemathesis ends with what it has got, and half a run says nothing
        written = [] if files is None else files.close()
        if profile.is_polite and not collector.is_worth_a_report:
            raise ConfigurationError(f"{secrets.clean(connection.base_url)} lets these keys read nothing, or not now")
        report = collector.report(seed=seed, seconds=time.monotonic() - started, files=written)
        if files is not None:
            files.write("report.txt", report.to_text())
            files.write("report.json", report.to_json())
        return report


def _name(phase: Any) -> str:
    return "run" if phase is None else str(phase.value)


def _events(under_test: Run, schema: Any) -> Iterator[tuple[str, Any]]:
    """Yield every event; with the name of its phase where it is none of schemathesis's."""
    from schemathesis.engine import events, from_schema

    from .walk import ENOUGH, fields_read_have_values, walk

    yield "", events.EngineStarted()
    for event in walk(under_test, schema):
        yield "walk", event
    finished: Any = None
    if not under_test.profile.is_polite:
        for label, times in under_test.unanswered.items():
            # Each of the many requests would be waited for again, to say the same.
            schema = schema.exclude(name=label) if times >= ENOUGH else schema
        for event in from_schema(schema).execute():
            if isinstance(event, events.EngineFinished):
                finished = event
            elif not isinstance(event, events.EngineStarted):
                yield "", event
        for event in fields_read_have_values(under_test, schema):
            yield "run", event
    yield "", finished or _finished()


def _finished() -> Any:
    from schemathesis.engine import StopReason, events

    return events.EngineFinished(running_time=0.0, stop_reason=StopReason.COMPLETED)


def _config(connection: Connection, profile: Profile, secrets: Secrets, *, seed: int, timeout: float) -> Any:
    from schemathesis.config import SchemathesisConfig

    headers = connection.credentials.headers()
    # Tokens of pages are no secrets, and a curl line without them is of no use; the keys' headers are named.
    sanitization = {
        "keys-to-sanitize": ["authorization", "cookie", "set-cookie", *(name.lower() for name in secrets.headers)],
        "sensitive-markers": ["password", "credential"],
    }
    disabled = [*_NOT_READ_ONLY, *(["ignored_auth", "unsupported_method"] if profile.is_polite else [])]
    return SchemathesisConfig.from_dict(
        {
            "seed": seed,
            "base-url": connection.base_url,
            "headers": headers,
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
                **{name: {"enabled": True} for name in profile.phases},
            },
            "checks": {name: {"enabled": False} for name in disabled},
        }
    )


def _keeps(under_test: Run) -> Callable[..., bool]:
    """Return the hook that drops failures which are none."""

    def filter_failure(_: Any, failure: Any, case: Case[Any], response: Response) -> bool:
        operation = under_test.operations.get(case.operation.label)
        if operation is None:
            return True
        if "positive_data_acceptance" in failure.checks:
            # A page token that the server has not given out is valid by its schema, and still refused.
            position = operation.position
            pages = {operation.token, position.name if position and isinstance(position.hint, dict) else None}
            made_up = bool(pages & (case.query or {}).keys()) and case.id not in under_test.valid
            return not (made_up and response.status_code == 400)
        if "negative_data_rejection" in failure.checks:
            # A parameter that the spec does not have may be passed over.
            return not _fits(operation, case, str(response.request.url))
        return True

    return filter_failure


def _fits(operation: Operation, case: Case[Any], url: str) -> bool:
    """Tell whether every parameter that the spec has was sent as it should be."""
    query = parse_qsl(urlsplit(url).query, keep_blank_values=True)
    sent = {
        "query": dict(query),
        "path": {name: str(value) for name, value in (case.path_parameters or {}).items()},
        "header": {name: str(value) for name, value in (case.headers or {}).items()},
    }
    twice = len(dict(query)) < len(query)
    return not twice and all(
        each.accepts(sent.get(each.where, {}).get(each.name)) for each in operation.parameters if each.where in sent
    )


def _sender(connection: Connection, profile: Profile, timeout: float) -> Callable[..., Response]:
    """Return what sends a case with the keys: never faster than the profile says, waiting where it is asked to."""
    last, waits = time.monotonic(), _TRIES - 1 if profile.is_polite else 0
    keys = connection.credentials.headers()

    def send(case: Case[Any], headers: Mapping[str, str] = keys) -> Response:
        nonlocal last, waits
        left = waits
        while True:
            time.sleep(max(0.0, last + profile.interval - time.monotonic()))
            response = case.call(headers=dict(headers), timeout=timeout)
            last = time.monotonic()
            if response.status_code != 429:
                return response
            if not left:
                waits = 0  # who still says no after all that is not asked to wait for again
                return response
            left -= 1
            told = {name: values[0] for name, values in response.headers.items()}
            time.sleep(seconds_to_wait(connection, told))

    return send
