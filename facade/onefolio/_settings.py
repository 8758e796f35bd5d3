"""Where connections and options come from when a program does not state them: environment, file, keyring.

The first of these that has any of a connection's keys gives them all, and keys go with the server that stands beside
them: no file can send the environment's keys elsewhere.
"""

from __future__ import annotations

import logging
import os
import stat
import tomllib
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from inspect import signature
from pathlib import Path
from typing import Any, Literal, TypeAlias

from attrs import frozen

from ._connection import Connection, is_loopback
from ._errors import ConfigurationError, without_frames
from ._rate import RateLimit
from .providers import known, problems

_log = logging.getLogger("onefolio")

FILE = "onefolio.toml"
FILE_VARIABLE = "ONEFOLIO_CONFIG"
SERVICE = "onefolio"
"""The keyring's name for where the keys are; their own names are those of the environment variables."""

Source: TypeAlias = Literal["environment", "file", "keyring", "mock"]

_OPTIONS: Mapping[str, Callable[[Any], Any]] = {
    "timeout": float,
    "deadline": float,
    "retries": int,
    "max_concurrency": int,
    "contract": str,
    "redis": str,
    "proxy": str,
}
"""What a file and `ONEFOLIO_…` variables may state of a folio, and what makes it of a text."""


@frozen
class Found:
    """A connection and where its keys are from."""

    connection: Connection
    source: Source


class Settings:
    """What is configured, and where.

    Args:
        environ: the environment variables.
        elsewhere: look for `onefolio.toml` where it usually is, and into the keyring. The file that
            `ONEFOLIO_CONFIG` names is read in any case.
        demo: use the mock's credentials for a server on this machine whose keys the environment does not have.

    Attributes:
        file: which file was read; None where there is none.

    Raises:
        ConfigurationError: the file cannot be read, others can read it, or it states what is neither an option nor a
            connection.
    """

    @without_frames
    def __init__(self, environ: Mapping[str, str], *, elsewhere: bool = True, demo: bool = False) -> None:
        self._environ = environ
        self._keyring = elsewhere
        self._demo = demo
        self.file = find_file(environ, elsewhere=elsewhere)
        self._sections = {} if self.file is None else read_file(self.file)
        for name, value in self._sections.items():
            _check_place(self.file, name, value)

    @without_frames
    def connections(self) -> list[Connection]:
        """Return every connection whose keys are there: the providers' own in alphabetical order, then the file's.

        Raises:
            ConfigurationError: there is none, half a key pair is, or a value is wrong.
        """
        each = [self.connection(kind) for kind in known().values()] + self.further()
        found = [one.connection for one in each if one is not None]
        if not found:
            wanted = "; ".join(f"{kind.title}: {', '.join(kind.variables.values())}" for kind in known().values())
            nor = f"no {FILE} is there" if self.file is None else f"{self.file} has no connection"
            raise ConfigurationError(
                f"no provider's variables are set, and {nor}. Set those of at least one: {wanted}{self._of_the_mock()}"
            )
        return found

    def _of_the_mock(self) -> str:
        """Return which keys a server on this machine takes if it is the mock: the command line has them, others not."""
        keys = {
            kind.variables[name]: key
            for kind in known().values()
            if is_loopback(self._environ.get(kind.base_url_variable) or "")
            for name, key in kind.demo_credentials().items()
        }
        stated = ", ".join(f"{variable}={key}" for variable, key in keys.items())
        return (
            f". For the mock on this machine they are {stated}; only the command line knows that by itself"
            if keys
            else ""
        )

    @without_frames
    def connection(self, kind: type[Connection]) -> Found | None:
        """Return a provider's own connection, from the first place that has any of its keys; None where none has.

        Raises:
            ConfigurationError: half a key pair is there, or a value is wrong.
        """
        base_url = self._environ.get(kind.base_url_variable) or None
        if found := kind.from_environ(self._environ):
            return Found(found, "environment")
        if self._demo and base_url and is_loopback(base_url):
            return Found(_demo(kind, base_url), "mock")
        if (section := self._sections.get(kind.provider)) is not None:
            return Found(_from_section(self.file, kind, kind.provider, section, base_url), "file")
        if self._keyring and (found := kind.from_environ(_in_keyring(kind, base_url))):
            return Found(found, "keyring")
        return None

    @without_frames
    def further(self) -> list[Found]:
        """Return the file's connections that are not called after their provider.

        Raises:
            ConfigurationError: a value is wrong.
        """
        others = self._sections.keys() - known().keys() - _OPTIONS.keys()
        return [
            Found(_named(self.file, name, section), "file")
            for name, section in self._sections.items()
            if name in others
        ]

    def names(self) -> list[str]:
        """Return the names that connections have or could have: every provider's, then the file's."""
        return [*known(), *(name for name in self._sections if name not in known().keys() | _OPTIONS.keys())]

    @without_frames
    def options(self) -> dict[str, Any]:
        """Return what is stated of the folio itself.

        Raises:
            ConfigurationError: a value is wrong.
        """
        options: dict[str, Any] = {}
        for name, make in _OPTIONS.items():
            variable = f"ONEFOLIO_{name.upper()}"
            stated, place = self._sections.get(name), f"{self.file}: {name}"
            if self._environ.get(variable):
                stated, place = self._environ[variable], variable
            if stated is None:
                continue
            try:
                options[name] = make(_unless_bool(stated))
            except (TypeError, ValueError):
                raise ConfigurationError(f"{place} has to be {'a text' if make is str else 'a number'}") from None
        return options


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


def _check_place(file: Path | None, name: str, value: Any) -> None:
    """Refuse what is neither an option nor a connection, and an option's name for a connection."""
    if isinstance(value, dict) and name in _OPTIONS:
        raise ConfigurationError(f"{file}: {name} is an option and no table; a connection has another name than that")
    if not isinstance(value, dict) and name not in _OPTIONS:
        table = f"a provider, which is a table, [{name}]" if name in known() else "no option"
        raise ConfigurationError(
            f"{file}: {name} is {table}; the options are {', '.join(_OPTIONS)}, and a connection is a table"
        )


def _unless_bool(value: Any) -> Any:
    if isinstance(value, bool):
        raise TypeError
    return value


def _check_access(path: Path, status: os.stat_result) -> None:
    if os.name != "posix":
        return
    if status.st_uid not in (os.getuid(), 0):
        raise ConfigurationError(f"{path} belongs to another user; it may hold keys, so make it your own")
    if status.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise ConfigurationError(f"{path} may be read or written by others; it may hold keys: chmod 600 {path}")


def _demo(kind: type[Connection], base_url: str) -> Connection:
    options: dict[str, Any] = {**kind.demo_credentials(), "base_url": base_url}
    return kind(**options)


def _named(file: Path | None, name: str, section: Any) -> Connection:
    """Return a connection of the file that is not called after its provider."""
    provider = section.get("provider")
    kind = known().get(provider) if isinstance(provider, str) else None
    if kind is None:
        if why := problems().get(name if provider is None else str(provider)):
            raise ConfigurationError(f"{FILE}: [{name}]: {why}")
        stated = f"has provider = {provider!r}, which is none" if provider is not None else "is no provider"
        raise ConfigurationError(
            f"{file}: [{name}] {stated}; a connection of another name needs provider = one of "
            f"{', '.join(map(repr, known()))}"
        )
    return _from_section(file, kind, name, section, None)


def _from_section(
    file: Path | None, kind: type[Connection], name: str, section: dict[str, Any], base_url: str | None
) -> Connection:
    stated = {key: value for key, value in section.items() if key != "provider"}
    if section.get("provider", kind.provider) != kind.provider:
        raise ConfigurationError(
            f"{file}: [{name}] is the name of {kind.title}'s own connection; one of another provider needs another "
            f"name, such as [{name}-2]"
        )
    possible = signature(kind).parameters.keys() - {"name"}
    if unknown := stated.keys() - possible:
        told = "; its name is what stands in the brackets" if "name" in unknown else ""
        raise ConfigurationError(
            f"{file}: [{name}] has no {', '.join(sorted(unknown))}; it may have {', '.join(sorted(possible))}{told}"
        )
    options: dict[str, Any] = dict.fromkeys(kind.variables) | stated | {"name": name}
    if base_url is not None:
        options["base_url"] = base_url
    if "rate_limit" in options:
        options["rate_limit"] = _rate_limit(options["rate_limit"], f"{file}: [{name}]")
    for key, value in options.items():
        if not isinstance(value, str | RateLimit | None):
            raise ConfigurationError(f"{file}: [{name}] {key} has to be a text, in quotes")
    try:
        return kind(**options)
    except ConfigurationError as error:
        raise ConfigurationError(f"{file}: [{name}]: {error}") from None


def _rate_limit(value: Any, place: str) -> RateLimit | None:
    if value is False:
        return None
    if type(value) is not int or value < 1:
        raise ConfigurationError(f"{place} rate_limit has to be a number of requests a minute, or false for none")
    return RateLimit(value)


def _in_keyring(kind: type[Connection], base_url: str | None) -> dict[str, str]:
    """Return the keyring's keys of a provider as if they were environment variables."""
    found = {kind.base_url_variable: base_url or ""}
    if find_spec("keyring") is None:
        return found
    import keyring
    from keyring.errors import KeyringError

    for variable in kind.variables.values():
        try:
            found[variable] = keyring.get_password(SERVICE, variable) or ""
        except (KeyringError, RuntimeError, OSError) as error:
            _log.debug("the keyring cannot be asked for %s (%s)", variable, type(error).__name__)
    return found
