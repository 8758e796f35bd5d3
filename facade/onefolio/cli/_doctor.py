"""`onefolio doctor`: what is configured, where it leads, and whether it works. No secret is printed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

import attrs

from .._connection import Connection
from .._errors import ConfigurationError, ProviderError
from .._folio import Folio
from ..providers import known, one_from_environ
from ._output import Format, Sheet, print_sheets


@attrs.frozen
class Finding:
    """What is known of one provider.

    Attributes:
        provider: the provider's name.
        variables: by the variable's name, whether it is set.
        server: the base URL that would be called; None where nothing would.
        result: what came of a call, or why there was none.
        exit_code: 0 works, 1 the provider failed, 2 the configuration is wrong.
        configured: whether anything is set at all.
    """

    provider: str
    variables: dict[str, bool]
    server: str | None
    result: str
    exit_code: int
    configured: bool


def examine(environ: Mapping[str, str]) -> Iterator[Finding]:
    """Yield what is known of each provider; each that is configured is called once."""
    for kind in known().values():
        variables = {name: bool(environ.get(name)) for name in (*kind.variables.values(), kind.base_url_variable)}
        try:
            connection = one_from_environ(kind, environ, demo=True)
        except ConfigurationError as error:
            yield Finding(kind.provider, variables, None, str(error), 2, configured=True)
            continue
        if connection is None:
            wanted = ", ".join(kind.variables.values())
            yield Finding(kind.provider, variables, None, f"not configured; set {wanted}", 2, configured=False)
            continue
        result, exit_code = _call(connection)
        yield Finding(kind.provider, variables, connection.base_url, result, exit_code, configured=True)


def print_findings(findings: list[Finding], format: Format) -> None:
    """Print the findings, as a table or as JSON (also for CSV, which has no form for them)."""
    if format is not Format.TABLE:
        print(json.dumps([attrs.asdict(finding) for finding in findings], indent=2))
        return
    rows = [
        (
            finding.provider,
            "\n".join(f"{name}: {'set' if present else 'not set'}" for name, present in finding.variables.items()),
            finding.server,
            finding.result,
        )
        for finding in findings
    ]
    print_sheets(Sheet("Providers", ("provider", "variables", "server", "result"), rows))


def _call(connection: Connection) -> tuple[str, int]:
    with Folio(connection, retries=0) as folio:
        try:
            first = next(iter(folio.accounts()), None)
        except ProviderError as error:
            return f"{type(error).__name__}: {error}", 1
    return ("works" if first is not None else "works; there is no account"), 0
