"""Connections and options that a program does not pass as arguments.

The sources are the environment, the file and the keyring, in this order. The first source that contains one of a
connection's keys must contain all of them. Keys are sent to the server of the same source, or to the server that the
environment names. A file can therefore not send keys of the environment or the keyring to another server.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Literal, TypeAlias

from attrs import frozen

from onefolio_runtime import hide_arguments

from .._connections.connection import Connection
from .._core.errors import ConfigurationError
from ..providers.registry import known
from .environment import demo_connection, demo_variables, required_variables
from .file import FILE, find_file, read_file
from .keyring import read_keyring
from .options import read_options
from .sections import check_entries, named_connection, named_sections, section_connection

Source: TypeAlias = Literal["environment", "file", "keyring", "mock"]


@frozen
class ConfiguredConnection:
    """A connection and the source of its keys."""

    connection: Connection
    source: Source


class Settings:
    """The settings of a program.

    Args:
        environ: the environment variables.
        search: search for `onefolio.toml` in its usual places, and read the keyring. The file that `ONEFOLIO_CONFIG`
            names is read in any case.
        demo: use the mock's credentials for a server on this machine if the environment has no keys for it.

    Attributes:
        file: the path of the file that was read; None if there is no file.

    Raises:
        ConfigurationError: The file cannot be read, can be read or written by other users, or contains an entry that is
            neither an option nor a connection.
    """

    @hide_arguments
    def __init__(self, environ: Mapping[str, str], *, search: bool = True, demo: bool = False) -> None:
        self._environ = environ
        self._keyring = search
        self._demo = demo
        self.file = find_file(environ, search=search)
        self._entries = {} if self.file is None else read_file(self.file)
        check_entries(self.file, self._entries)

    @hide_arguments
    def connections(self) -> list[Connection]:
        """Return all connections with keys: those named after their provider in alphabetical order, then the others.

        Raises:
            ConfigurationError: There is no connection, some keys of a connection are missing, or a value is invalid.
        """
        configured = [self.connection(kind) for kind in known().values()] + self.named_connections()
        connections = [each.connection for each in configured if each is not None]
        if not connections:
            place = f"there is no {FILE}" if self.file is None else f"{self.file} has no connection"
            demo = demo_variables(self._environ)
            hint = f". Only the command line sets the mock's keys by itself: {demo}" if demo else ""
            raise ConfigurationError(
                f"no provider's variables are set, and {place}. Set the variables of a provider: "
                f"{required_variables()}{hint}"
            )
        return connections

    @hide_arguments
    def select(self, names: Collection[str]) -> list[Connection]:
        """Return the connections with one of the names, in the order of `connections()`.

        Args:
            names: the names of connections; all connections if empty.

        Raises:
            ConfigurationError: A name is unknown, a provider is not configured, or there is no valid configuration.
        """
        connections = self.connections()
        available = [connection.name for connection in connections]
        for name in names:
            if name not in available:
                raise ConfigurationError(self._describe_missing(name, available))
        return [connection for connection in connections if not names or connection.name in names]

    @hide_arguments
    def connection(self, kind: type[Connection]) -> ConfiguredConnection | None:
        """Return the connection named after its provider, or None if no source has one of its keys.

        Args:
            kind: the provider's connection class.

        Raises:
            ConfigurationError: Some keys are missing in the first source that has one, or a value is invalid.
        """
        base_url = self._environ.get(kind.base_url_variable) or None
        section = self._entries.get(kind.provider)
        found, source = self._environment_connection(kind)
        if found is not None:
            if section is not None:  # a mistake would otherwise appear when a variable is removed
                section_connection(self.file, kind, kind.provider, section, None)
            return ConfiguredConnection(found, source)
        if section is not None:
            found = section_connection(self.file, kind, kind.provider, section, base_url)
            return ConfiguredConnection(found, "file")
        if self._keyring and (found := kind.from_environ(read_keyring(kind, base_url))):
            return ConfiguredConnection(found, "keyring")
        return None

    @hide_arguments
    def named_connections(self) -> list[ConfiguredConnection]:
        """Return the connections of the file whose name is not the name of their provider.

        Raises:
            ConfigurationError: A value is missing or invalid.
        """
        sections = named_sections(self._entries)
        return [
            ConfiguredConnection(named_connection(self.file, name, section), "file")
            for name, section in sections.items()
        ]

    def connection_names(self) -> list[str]:
        """Return the possible names of connections: the names of all providers, then those of the file."""
        return [*known(), *named_sections(self._entries)]

    def _environment_connection(self, kind: type[Connection]) -> tuple[Connection | None, Source]:
        """Return the connection whose keys are in the environment or, for a server on this machine, those of the mock.

        Raises:
            ConfigurationError: Some keys are missing, or a value is invalid.
        """
        if found := kind.from_environ(self._environ):
            return found, "environment"
        return demo_connection(kind, self._environ) if self._demo else None, "mock"

    def _describe_missing(self, name: str, available: Sequence[str]) -> str:
        """Return the error for a name without a connection."""
        configured = ", ".join(map(repr, available))
        if (kind := known().get(name)) is None:
            return f"no connection is named {name!r}; available: {configured}"
        return (
            f"{name} is not configured. Set {', '.join(kind.variables.values())}, or add the table [{name}] to "
            f"{self.file or FILE}; available: {configured}"
        )

    @hide_arguments
    def options(self) -> dict[str, Any]:
        """Return the options of the folio.

        Raises:
            ConfigurationError: A value has the wrong type.
        """
        return read_options(self._environ, self.file, self._entries)
