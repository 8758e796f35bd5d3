"""Keys, held so that they are sent and never shown."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import ClassVar, NamedTuple, NoReturn, TypeAlias

BASIC = ("username", "password")
"""The credentials of HTTP's basic authentication, whatever the spec calls the scheme."""


class Secret:
    """A text that does not show itself in `repr`, `str`, a format, a pickle or a copy of its fields."""

    __slots__ = ("_reveal",)

    _reveal: Callable[[], str]

    def __init__(self, text: str) -> None:
        # In a closure and not in a field: what walks over fields (attrs, vars, debuggers' summaries) finds no text.
        self._reveal = lambda: text

    def reveal(self) -> str:
        """Return the text itself."""
        return self._reveal()

    def __repr__(self) -> str:
        return "Secret('…')"

    __str__ = __repr__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self.reveal() == other.reveal()

    def __hash__(self) -> int:
        return hash(self.reveal())

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Secret is not pickled: it would be written in the clear")


class Scheme(NamedTuple):
    """One security scheme of a spec: the credential's name, the header it goes in, what stands before it."""

    name: str
    header: str
    prefix: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """The credentials that it takes."""
        return (self.name,)

    def value(self, secrets: list[str]) -> str:
        """Return the header's value, made from its credentials in the clear."""
        return self.prefix + secrets[0]


class BasicScheme(NamedTuple):
    """HTTP's basic authentication: a name and a password, in one header."""

    header: str = "Authorization"
    prefix: str = "Basic "

    @property
    def names(self) -> tuple[str, ...]:
        """The credentials that it takes."""
        return BASIC

    def value(self, secrets: list[str]) -> str:
        """Return the header's value, made from its credentials in the clear."""
        return self.prefix + base64.b64encode(":".join(secrets).encode()).decode()


AnyScheme: TypeAlias = Scheme | BasicScheme


class Credentials:
    """What a client authenticates with: one `Secret` for each security scheme of its spec."""

    __slots__ = ("_secrets",)

    SCHEMES: ClassVar[tuple[AnyScheme, ...]] = ()

    def __init__(self, **secrets: str | Secret) -> None:
        self._secrets = {
            name: secret if isinstance(secret, Secret) else Secret(secret) for name, secret in secrets.items()
        }

    def headers(self) -> dict[str, str]:
        """Return the headers that authenticate a request, in the clear."""
        return {
            scheme.header: scheme.value([self._secrets[name].reveal() for name in scheme.names])
            for scheme in self.SCHEMES
        }

    def secrets(self) -> list[str]:
        """Return the keys in the clear, to search texts for."""
        found = [secret.reveal() for secret in self._secrets.values()]
        # Whoever has the value of a header of basic authentication has the password, too.
        basic = [each for each in self.SCHEMES if isinstance(each, BasicScheme)]
        return found + [self.headers()[each.header].removeprefix(each.prefix) for each in basic]

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}=…' for name in self._secrets)})"
