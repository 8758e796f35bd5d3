"""Where connections and options come from when a program does not state them: environment, file, keyring.

The first of these that has any of a connection's keys gives them all, and keys go with the server that stands beside
them: no file can send the environment's keys elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from inspect import signature
from pathlib import Path
from typing import Any, Literal, TypeAlias

from attrs import frozen

from .._connections.connection import Connection
from .._connections.rate_limit import RateLimit
from .._connections.urls import is_loopback
from .._core.errors import ConfigurationError
from .._core.tracebacks import strip_traceback
from ..providers.registry import known, problems
from .file import FILE, find_file, read_file
from .keyring import read_keyring

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

    @strip_traceback
    def __init__(self, environ: Mapping[str, str], *, elsewhere: bool = True, demo: bool = False) -> None:
        self._environ = environ
        self._keyring = elsewhere
        self._demo = demo
        self.file = find_file(environ, elsewhere=elsewhere)
        self._sections = {} if self.file is None else read_file(self.file)
        for name, value in self._sections.items():
            _check_place(self.file, name, value)

    @strip_traceback
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

    @strip_traceback
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
        if self._keyring and (found := kind.from_environ(read_keyring(kind, base_url))):
            return Found(found, "keyring")
        return None

    @strip_traceback
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

    @strip_traceback
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
