"""Find and read the settings file onefolio.toml."""

from __future__ import annotations

import os
import stat
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from onefolio_runtime import shorten

from .._core.errors import ConfigurationError
from .._core.files import open_regular

FILE = "onefolio.toml"

FILE_VARIABLE = "ONEFOLIO_CONFIG"
"""The environment variable with the path of another settings file."""

_MAX_SIZE = 2**20
"""Bytes of a settings file."""

_SHOWN_PROBLEM = 200
"""Characters of a message of tomllib, which may contain a long name."""


def find_file(environ: Mapping[str, str], *, search: bool) -> Path | None:
    """Return the path of the settings file, or None if there is no file.

    The file is the one that `ONEFOLIO_CONFIG` names, else the one in the working directory, else the one in the user's
    configuration directory. Files are never combined.

    Args:
        environ: the environment variables.
        search: search the two directories. A file that `ONEFOLIO_CONFIG` names is used in any case.
    """
    if path := environ.get(FILE_VARIABLE):
        return Path(path)
    if not search:
        return None
    # Unlike `Path.expanduser` and `Path.exists`, these functions raise nothing if there is no home or no permission.
    home = environ.get("XDG_CONFIG_HOME") or os.path.expanduser("~/.config")
    user_file = Path(home) / "onefolio" / FILE
    return next((path for path in (Path(FILE), user_file) if os.path.exists(path)), None)


def read_file(path: Path) -> dict[str, Any]:
    """Return the contents of a settings file.

    Raises:
        ConfigurationError: The file cannot be read, is not a regular file, is too large or not valid TOML, belongs to
            another user, or can be read or written by other users.
    """
    try:
        with open_regular(path) as file:
            _check_access(path, os.fstat(file.fileno()))
            content = file.read(_MAX_SIZE + 1)
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read: {error.strerror}") from None
    except ValueError:
        raise ConfigurationError(f"{FILE_VARIABLE} contains a character that is not allowed in a path") from None
    if len(content) > _MAX_SIZE:
        raise ConfigurationError(f"{path} is larger than {_MAX_SIZE // 2**20} MiB. Use a file with settings only")
    return _parse(path, content)


def _parse(path: Path, content: bytes) -> dict[str, Any]:
    try:
        return tomllib.loads(content.decode())
    except RecursionError:
        problem = "it is nested too deeply"
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        # The message of tomllib contains names and positions, but no values, so it contains no keys.
        advice = '. Give each connection a name of its own, such as [second] with provider = "…"'
        problem = shorten(str(error), _SHOWN_PROBLEM) + (advice if "twice" in str(error) else "")
    except ValueError:
        problem = "a number has too many digits"
    raise ConfigurationError(f"{path} is not valid TOML: {problem}")


def _check_access(path: Path, status: os.stat_result) -> None:
    if os.name != "posix":
        return
    if status.st_uid not in (os.getuid(), 0):
        raise ConfigurationError(f"{path} belongs to another user. The file may contain keys: make it your own")
    if status.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise ConfigurationError(
            f"{path} can be read or written by other users. The file may contain keys: run chmod 600 {path}"
        )
