"""`onefolio doctor`: what is configured, where it leads, and whether it works. No secret is printed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import attrs

from .._connections.connection import Connection
from .._core.errors import ConfigurationError, ProviderError
from .._folio.sync import Folio
from .._settings.settings import Found, Settings
from ..providers.registry import known, problems
from .output import Format, print_csv, print_json
from .tables import TableSpec, print_tables


@attrs.frozen
class Finding:
    """What is known of one connection.

    Attributes:
        provider: the provider's name.
        connection: its name, which is the provider's where none is stated.
        variables: by the variable's name, whether it is set.
        keys: where its keys are from; None where there are none.
        server: the base URL that would be called; None where nothing would.
        result: what came of a call, or why there was none.
        exit_code: 0 works, 1 the provider failed, 2 the configuration is wrong.
        configured: whether anything is set at all.
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
    """Yield what is known of each connection; each that is configured is called once.

    Raises:
        ConfigurationError: the file cannot be read, or is wrong as a whole.
    """
    settings = Settings(environ, demo=True)
    for kind in known().values():
        variables = {name: bool(environ.get(name)) for name in (*kind.variables.values(), kind.base_url_variable)}
        try:
            found = settings.connection(kind)
        except ConfigurationError as error:
            yield Finding(kind.provider, kind.provider, variables, None, None, str(error), 2, configured=True)
            continue
        if found is None:
            wanted = ", ".join(kind.variables.values())
            yield Finding(
                kind.provider,
                kind.provider,
                variables,
                None,
                None,
                f"not configured; set {wanted}",
                2,
                configured=False,
            )
            continue
        yield _test_connection(found, variables)
    for found in settings.further():
        yield _test_connection(found, {})
    for name, why in problems().items():
        yield Finding(name, name, {}, None, None, why, 2, configured=True)


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
            "\n".join(f"{name}: {'set' if present else 'not set'}" for name, present in finding.variables.items()),
            finding.keys,
            finding.server,
            finding.result,
        )
        for finding in findings
    ]
    print_tables(TableSpec("Providers", ("connection", "variables", "keys", "server", "result"), rows))


def _test_connection(found: Found, variables: dict[str, bool]) -> Finding:
    connection = found.connection
    name, result, exit_code = connection.name, *_call_provider(connection)
    return Finding(
        connection.provider, name, variables, found.source, connection.base_url, result, exit_code, configured=True
    )


def _call_provider(connection: Connection) -> tuple[str, int]:
    with Folio(connection, retries=0) as folio:
        try:
            first = next(iter(folio.accounts()), None)
        except ProviderError as error:
            return f"{type(error).__name__}: {error}", 1
    return ("works" if first is not None else "works; there is no account"), 0
