"""Find and read onefolio.toml."""

from __future__ import annotations

import os
import stat
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .._core.errors import ConfigurationError

FILE = "onefolio.toml"

FILE_VARIABLE = "ONEFOLIO_CONFIG"


def find_file(environ: Mapping[str, str], *, elsewhere: bool) -> Path | None:
    """Return the one file that counts: named by the variable, in the working directory, or in the user's own."""
    if named := environ.get(FILE_VARIABLE):
        return Path(named)
    if not elsewhere:
        return None
    home = environ.get("XDG_CONFIG_HOME")
    own = (Path(home) if home else Path("~/.config").expanduser()) / "onefolio" / FILE
    return next((each for each in (Path(FILE), own) if each.exists()), None)


def read_file(path: Path) -> dict[str, Any]:
    """Return a settings file's contents.

    Raises:
        ConfigurationError: it is not there, no TOML, somebody else's, or others may read or write it.
    """
    try:
        with path.open("rb") as file:
            _check_access(path, os.fstat(file.fileno()))
            return tomllib.load(file)
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        # Its message quotes nothing of the file but names and the place.
        again = "twice" in str(error)
        advice = "; every connection has a name of its own, such as [second] with provider = …" if again else ""
        raise ConfigurationError(f"{path} is no TOML: {error}{advice}") from None


def _check_access(path: Path, status: os.stat_result) -> None:
    if os.name != "posix":
        return
    if status.st_uid not in (os.getuid(), 0):
        raise ConfigurationError(f"{path} belongs to another user; it may hold keys, so make it your own")
    if status.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise ConfigurationError(f"{path} may be read or written by others; it may hold keys: chmod 600 {path}")
