"""Run a command with pip's package index settings as variables for uv, which does not read pip's configuration.

Usage: python scripts/with_pip_index.py COMMAND [ARGUMENT ...]
"""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

UV_VARIABLES = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "trusted-host": "UV_INSECURE_HOST",
    "cert": "SSL_CERT_FILE",
}
"""Maps settings of pip to the variables of uv with the same meaning."""
SECTIONS = ("global", "install", ":env:")
"""Sections that apply to `pip install`; a later one overrides an earlier one."""


def pip_settings() -> dict[str, str]:
    """Return the settings of `pip install` from pip's files and from the environment."""
    command = [sys.executable, "-m", "pip", "config", "list"]
    lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    found: dict[str, dict[str, str]] = {section: {} for section in SECTIONS}
    for line in lines:
        key, _, value = line.partition("=")
        section, _, name = key.rpartition(".")
        if section in found:
            found[section][name] = " ".join(ast.literal_eval(value).split())
    return {name: value for section in SECTIONS for name, value in found[section].items() if value}


def uv_variables(settings: dict[str, str]) -> dict[str, str]:
    """Return the variables for uv that correspond to settings of pip."""
    variables = {variable: settings[name] for name, variable in UV_VARIABLES.items() if name in settings}
    # pip ignores folders that do not exist; uv stops.
    links = [link for link in settings.get("find-links", "").split() if "://" in link or Path(link).exists()]
    if links:
        variables["UV_FIND_LINKS"] = ",".join(links)
    # pip takes the best match of all indexes; by default, uv stops at the first index that has the package.
    # The hashes in requirements/ still decide which files are installed.
    variables["UV_INDEX_STRATEGY"] = "unsafe-best-match"
    return variables


if __name__ == "__main__":
    environ = uv_variables(pip_settings()) | os.environ
    os.execvpe(sys.argv[1], sys.argv[1:], environ)  # noqa: S606
