"""Credentials that are sent but never shown."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import ClassVar, NamedTuple, NoReturn, TypeAlias

BASIC = ("username", "password")
"""Names of the credentials of HTTP basic authentication; the spec's name for the scheme does not matter."""


class Secret:
    """A string that never appears in `repr`, `str`, formatting, pickles or a dump of fields."""

    __slots__ = ("_reveal",)

    _reveal: Callable[[], str]

    def __init__(self, text: str) -> None:
        # In a closure, because tools that walk over fields (attrs, vars, debuggers) would show a field.
        self._reveal = lambda: text

    def reveal(self) -> str:
        """Return the string."""
        return self._reveal()

    def __repr__(self) -> str:
        return "Secret('…')"

    __str__ = __repr__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self.reveal() == other.reveal()

    def __hash__(self) -> int:
        return hash(self.reveal())

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Secret cannot be pickled, because the pickle would hold it in plain text")


class Scheme(NamedTuple):
    """A security scheme with one credential.

    Attributes:
        name: the credential's name.
        header: the header that carries it.
        prefix: the text before it in the header, such as `"Bearer "`.
    """

    name: str
    header: str
    prefix: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """Names of its credentials."""
        return (self.name,)

    def value(self, secrets: list[str]) -> str:
        """Return the header's value, made from its credentials in plain text."""
        return self.prefix + secrets[0]


class BasicScheme(NamedTuple):
    """HTTP basic authentication: user name and password in one header."""

    header: str = "Authorization"
    prefix: str = "Basic "

    @property
    def names(self) -> tuple[str, ...]:
        """Names of its credentials."""
        return BASIC

    def value(self, secrets: list[str]) -> str:
        """Return the header's value, made from its credentials in plain text."""
        return self.prefix + base64.b64encode(":".join(secrets).encode()).decode()


AnyScheme: TypeAlias = Scheme | BasicScheme


class Credentials:
    """The credentials of a client: one `Secret` for each security scheme of its spec."""

    __slots__ = ("_secrets",)

    SCHEMES: ClassVar[tuple[AnyScheme, ...]] = ()

    def __init__(self, **secrets: str | Secret) -> None:
        self._secrets = {
            name: secret if isinstance(secret, Secret) else Secret(secret) for name, secret in secrets.items()
        }

    def headers(self) -> dict[str, str]:
        """Return the headers that authenticate a request, in plain text."""
        return {
            scheme.header: scheme.value([self._secrets[name].reveal() for name in scheme.names])
            for scheme in self.SCHEMES
        }

    def secrets(self) -> list[str]:
        """Return the keys in plain text, for redaction."""
        keys = [secret.reveal() for secret in self._secrets.values()]
        # The header of basic authentication contains the password, so its value is a key as well.
        basic = [each for each in self.SCHEMES if isinstance(each, BasicScheme)]
        return keys + [self.headers()[each.header].removeprefix(each.prefix) for each in basic]

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}=…' for name in self._secrets)})"
