"""The command line as a program of its own, and a mock for it to read."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping

import pytest

from onefolio import mock
from onefolio.providers import known

COMMAND = [sys.executable, "-m", "onefolio"]
KEYS = {name for kind in known().values() for name in (*kind.variables.values(), kind.base_url_variable)}
BARE = {name: value for name, value in os.environ.items() if name not in KEYS}


@pytest.fixture(scope="module")
def servers() -> Iterator[dict[str, str]]:
    """The variables that lead to a running mock."""
    with mock.running() as urls:
        yield {known()[provider].base_url_variable: url for provider, url in urls.items()}


def run(*arguments: str, environ: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *arguments], env={**BARE, **environ}, capture_output=True, text=True, check=False, timeout=60
    )
