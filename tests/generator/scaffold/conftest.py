"""A provider's package as a third party has it: written by the command line, installed, and used in other processes."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from onefolio.providers.registry import known

SPECS = Path(__file__).parent / "specs"
KEYS = {name for kind in known().values() for name in (*kind.variables.values(), kind.base_url_variable)}
BARE = {name: value for name, value in os.environ.items() if name not in KEYS} | {
    "COLUMNS": "200",
    "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
    "XDG_CONFIG_HOME": str(SPECS),
}


def python_path(*folders: Path) -> str:
    """Return a PYTHONPATH of these folders, followed by the entries that the tests were started with."""
    return os.pathsep.join([*map(str, folders), *filter(None, [os.environ.get("PYTHONPATH")])])


def onefolio(*arguments: object, environ: dict[str, str] | None = None, **options: Any) -> Any:
    """Run the command line."""
    command = [sys.executable, "-m", "onefolio", *map(str, arguments)]
    environ = {**BARE, **(environ or {})}
    return subprocess.run(command, env=environ, capture_output=True, text=True, check=False, **options)


class Package(NamedTuple):
    """A generated package, its folder, and the environment in which it is installed."""

    name: str
    folder: Path
    environ: dict[str, str]

    def run(self, *arguments: object, **environ: str) -> Any:
        """Run the command line in the environment of the package."""
        return onefolio(*arguments, environ={**self.environ, **environ}, cwd=self.folder)

    @contextmanager
    def mock(self, *arguments: str) -> Iterator[dict[str, str]]:
        """Run the mock and yield the environment variables with its addresses."""
        command = [sys.executable, "-m", "onefolio", "mock", "--port", "0", *arguments]
        environ = {**BARE, **self.environ}
        with subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, text=True) as process:
            try:
                assert process.stdout is not None
                urls = json.loads(process.stdout.readline())
                yield {f"{self.name.upper()}_BASE_URL": urls[self.name]}
            finally:
                process.terminate()


def install(site: Path, distribution: str, entry_points: str) -> None:
    """Write the metadata of a distribution to `site`, as an installer does."""
    info = site / f"{distribution.replace('-', '_')}-0.1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 0.1.0\n")
    (info / "entry_points.txt").write_text(f"[onefolio.providers]\n{entry_points}\n")


@pytest.fixture(scope="session")
def write(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Package]:
    """Return a function that generates and installs the package of a spec, once for each spec."""
    written: dict[str, Package] = {}

    def make(name: str) -> Package:
        if name not in written:
            place = tmp_path_factory.mktemp(name)
            folder, site = place / f"onefolio-{name}", place / "site"
            (spec,) = SPECS.glob(f"{name}.*")
            done = onefolio("provider", "new", name, "--spec", spec, "--out", folder)
            assert done.returncode == 0, done.stderr
            stated = re.search(
                r'\[project.entry-points."onefolio.providers"\]\n(.*)\n', (folder / "pyproject.toml").read_text()
            )
            assert stated is not None
            install(site, f"onefolio-{name}", stated[1].replace('"', ""))
            shutil.copytree(folder / f"onefolio_{name}", site / f"onefolio_{name}")
            written[name] = Package(name, folder, {"PYTHONPATH": python_path(site)})
        return written[name]

    return make
