"""Render the arguments and options of each command as a table."""

from __future__ import annotations

import re
from enum import Enum
from typing import Any

import typer

from onefolio.cli.commands import app

_MARKER = re.compile(r"<!-- options of ([\w ]+) -->")


def _collect_commands(group: Any, prefix: str = "") -> dict[str, Any]:
    """Return every command by its full name, such as `provider new`."""
    found: dict[str, Any] = {}
    for name, command in group.commands.items():
        full_name = f"{prefix}{name}"
        found |= _collect_commands(command, f"{full_name} ") if hasattr(command, "commands") else {full_name: command}
    return found


COMMANDS: dict[str, Any] = _collect_commands(typer.main.get_command(app))


def insert_options(markdown: str) -> str:
    """Replace each `<!-- options of COMMAND -->` of a page with a table."""
    return _MARKER.sub(lambda marker: _render_table(COMMANDS[marker[1]]), markdown)


def _render_table(command: Any) -> str:
    context = command.make_context(command.name, [], resilient_parsing=True)
    rows = [_render_row(parameter, context) for parameter in command.params]
    return "\n".join(["| | | default |", "| --- | --- | --- |", *rows])


def _render_row(parameter: Any, context: Any) -> str:
    is_argument = parameter.param_type_name == "argument"
    value = "" if is_argument or parameter.is_flag else f" {parameter.make_metavar(context)}"
    names = parameter.make_metavar(context) if is_argument else ", ".join(parameter.opts)
    default = parameter.default.value if isinstance(parameter.default, Enum) else parameter.default
    shown = "" if default is None or default is False else f"`{default}`"
    code = f"{names}{value}".replace("|", "&#124;")
    return f"| <code>{code.replace('<', '&lt;').replace('>', '&gt;')}</code> | {parameter.help} | {shown} |"
