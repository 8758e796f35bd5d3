"""The command line's arguments and options as tables, made of the commands themselves."""

from __future__ import annotations

import re
from enum import Enum
from typing import Any

import typer

from onefolio.cli.commands import app

_MARKER = re.compile(r"<!-- options of ([\w ]+) -->")


def _commands(group: Any, above: str = "") -> dict[str, Any]:
    """Return every command by its name; one of a group stands behind the group's."""
    found: dict[str, Any] = {}
    for name, command in group.commands.items():
        found |= _commands(command, f"{name} ") if hasattr(command, "commands") else {f"{above}{name}": command}
    return found


COMMANDS: dict[str, Any] = _commands(typer.main.get_command(app))


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
