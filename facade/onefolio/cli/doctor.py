"""`onefolio doctor`: check the configuration and make test calls. Keys are not printed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import attrs

from .._connections.connection import Connection
from .._core.errors import ConfigurationError, ProviderError
from .._folio.sync import Folio
from .._settings.settings import ConfiguredConnection, Settings
from ..providers.registry import known, problems
from .output import Format, print_csv, print_json
from .tables import TableSpec, print_tables


@attrs.frozen
class Finding:
    """The state of one connection.

    Attributes:
        provider: the provider's name.
        connection: the connection's name; by default the provider's.
        variables: the environment variables of the provider, and whether each is set.
        keys: the source of the keys; None without keys.
        server: the base URL; None without keys.
        result: the result of the test call, or the reason why it was not made.
        exit_code: 0 if the connection works, 1 if the provider failed, 2 if the configuration is wrong.
        configured: whether there is any configuration of the connection.
    """

    provider: str
    connection: str
    variables: dict[str, bool]
    keys: str | None
    server: str | None
    result: str
    exit_code: int
    configured: bool


def check_connections(environ: Mapping[str, str]) -> Iterator[Finding]:
    """Yield the state of each connection, and make a test call with those that are configured.

    Raises:
        ConfigurationError: The configuration file cannot be read or is invalid as a whole.
    """
    settings = Settings(environ, demo=True)
    for kind in known().values():
        yield _check_provider(kind, settings, environ)
    for found in settings.named_connections():
        yield _test_connection(found, {})
    for name, problem in problems().items():
        yield _report_problem(name, {}, problem)


def print_findings(findings: list[Finding], format: Format) -> None:
    """Print the findings."""
    if format is Format.JSON:
        print_json(findings)
        return
    if format is Format.CSV:
        print_csv(findings, Finding)
        return
    rows = [
        (
            finding.connection,
            "\n".join(f"{name}: {'set' if is_set else 'not set'}" for name, is_set in finding.variables.items()),
            finding.keys,
            finding.server,
            finding.result,
        )
        for finding in findings
    ]
    columns = ("connection", "variables", "keys", "server", "result")
    print_tables(TableSpec("Providers", columns, rows, wrapped="result"))


def _check_provider(kind: type[Connection], settings: Settings, environ: Mapping[str, str]) -> Finding:
    variables = {name: bool(environ.get(name)) for name in (*kind.variables.values(), kind.base_url_variable)}
    try:
        found = settings.connection(kind)
    except ConfigurationError as error:
        return _report_problem(kind.provider, variables, str(error))
    if found is None:
        problem = f"not configured; set {', '.join(kind.variables.values())}"
        return _report_problem(kind.provider, variables, problem, configured=False)
    return _test_connection(found, variables)


def _report_problem(name: str, variables: dict[str, bool], problem: str, *, configured: bool = True) -> Finding:
    return Finding(
        provider=name,
        connection=name,
        variables=variables,
        keys=None,
        server=None,
        result=problem,
        exit_code=2,
        configured=configured,
    )


def _test_connection(found: ConfiguredConnection, variables: dict[str, bool]) -> Finding:
    connection = found.connection
    result, exit_code = _call_provider(connection)
    return Finding(
        provider=connection.provider,
        connection=connection.name,
        variables=variables,
        keys=found.source,
        server=connection.base_url,
        result=result,
        exit_code=exit_code,
        configured=True,
    )


def _call_provider(connection: Connection) -> tuple[str, int]:
    with Folio(connection, retries=0) as folio:
        try:
            first = next(iter(folio.accounts()), None)
        except ProviderError as error:
            return f"{type(error).__name__}: {error}", 1
    return ("works" if first is not None else "works; no accounts"), 0
