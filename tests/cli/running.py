"""The command line as a program, in an environment without keys and options."""

import os
import subprocess
import sys
from collections.abc import Mapping

from onefolio.providers.registry import known

COMMAND = [sys.executable, "-m", "onefolio"]
_KEYS = {name for kind in known().values() for name in (*kind.variables.values(), kind.base_url_variable)}
_SHOWN = ("COLUMNS", "NO_COLOR", "FORCE_COLOR", "GITHUB_ACTIONS", "PY_COLORS")
BARE = {
    name: value
    for name, value in os.environ.items()
    if name not in _KEYS and name not in _SHOWN and not name.startswith("ONEFOLIO_")
}


def run(*arguments: str, environ: Mapping[str, str], program: str | None = None) -> subprocess.CompletedProcess[str]:
    """Run the command line, or a program of its own that ends in it."""
    command = COMMAND if program is None else [sys.executable, "-c", program]
    return subprocess.run(
        [*command, *arguments], env={**BARE, **environ}, capture_output=True, text=True, check=False, timeout=60
    )
