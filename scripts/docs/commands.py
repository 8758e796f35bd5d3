"""The command line's arguments and options as tables, made of the commands themselves."""

from __future__ import annotations

import re
from enum import Enum
from typing import Any

import typer

from onefolio.cli._app import app

COMMANDS: dict[str, Any] = typer.main.get_command(app).commands  # type: ignore[attr-defined]  # it is a group
_MARKER = re.compile(r"<!-- options of (\w+) -->")


def with_options(markdown: str) -> str:
    """Return a page with a table in place of each `<!-- options of COMMAND -->`."""
    return _MARKER.sub(lambda marker: _table(COMMANDS[marker[1]]), markdown)


def _table(command: Any) -> str:
    context = command.make_context(command.name, [], resilient_parsing=True)
    rows = [_row(parameter, context) for parameter in command.params]
    return "\n".join(["| | | by default |", "| --- | --- | --- |", *rows])


def _row(parameter: Any, context: Any) -> str:
    is_argument = parameter.param_type_name == "argument"
    value = "" if is_argument or parameter.is_flag else f" {parameter.make_metavar(context)}"
    names = parameter.make_metavar(context) if is_argument else ", ".join(parameter.opts)
    default = parameter.default.value if isinstance(parameter.default, Enum) else parameter.default
    said = "" if default is None or default is False else f"`{default}`"
    code = f"{names}{value}".replace("|", "&#124;")
    return f"| <code>{code.replace('<', '&lt;').replace('>', '&gt;')}</code> | {parameter.help} | {said} |"
