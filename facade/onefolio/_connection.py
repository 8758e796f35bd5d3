"""A connection: one provider, one set of credentials, one server; and what every adapter states."""

from __future__ import annotations

import ipaddress
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime
from typing import Any, ClassVar, Final, Generic, Literal, NamedTuple, Self, TypeAlias, TypeVar
from urllib.parse import urlsplit

from attrs import frozen

from onefolio_runtime import Contract, Credentials, Drift, Model, Request

from ._errors import ConfigurationError, without_frames
from ._models import Account, Balance, Position
from ._paging import NextPage
from ._rate import RateLimit
from ._redaction import Redaction

M = TypeVar("M", bound=Model)
R = TypeVar("R")

Capability: TypeAlias = Literal["accounts", "balances", "positions"]
"""What may be read of a provider."""
Note: TypeAlias = Callable[[Drift], None]
"""Where an adapter says that it met something new and went on; pointers are relative to the row."""

_PLAIN = re.compile(r"[!-~]+")
"""What a URL is made of: printable ASCII, no blanks."""

CAPABILITIES: Final[tuple[Capability, ...]] = ("accounts", "balances", "positions")


class ErrorDetails(NamedTuple):
    """What a provider's error body says."""

    code: str | None = None
    message: str | None = None
    request_id: str | None = None


NO_DETAILS: Final = ErrorDetails()


@frozen
class Reading(Generic[M, R]):
    """How one kind of thing is asked for and what each row of the answers becomes.

    Args:
        what: the unified operation.
        request: makes the request of the first page (`None`) or of the page of a token.
        model: the generated model of a row.
        read: turns a row into a unified object; raises `ContractError` with pointers relative to the row.
        rows: where the rows are: names to go down from the top of the answer. A row that is not in a
            list is the answer itself.
        next_token: where the next page's token is; None where there is none.
        next_page: what asks for the next page, where that is no token in the answer; None where there are no pages.
        total: where a page states how many rows all pages have; None where none does.
    """

    what: Capability
    request: Callable[[str | None], Request[Any, Any]]
    model: type[M]
    read: Callable[[M], R]
    rows: tuple[str, ...] = ()
    next_token: tuple[str, ...] | None = None
    next_page: NextPage | None = None
    total: tuple[str, ...] | None = None


class Connection(ABC):
    """One provider, one set of credentials, one server. Nothing is sent before a folio uses it.

    Args:
        credentials: the provider's keys, by the names of its spec's security schemes.
        environment: one of `environments`.
        base_url: where the API is; wins over `environment`. A trailing slash does no harm.
        name: the connection's name in a folio, by default the provider's.
        rate_limit: what is sent at most with these keys, by all folios of this process together; None for no limit.

    Raises:
        ConfigurationError: a key is missing, the environment is not known, the URL is malformed, or it is
            `http://` to a host that is not this machine.
    """

    provider: ClassVar[str]
    title: ClassVar[str]
    contract: ClassVar[Contract]
    environments: ClassVar[Mapping[str, str]]
    credentials_type: ClassVar[type[Credentials]]
    variables: ClassVar[Mapping[str, str]]
    """Environment variable by the name of the credential."""
    base_url_variable: ClassVar[str]
    capabilities: ClassVar[frozenset[Capability]] = frozenset(CAPABILITIES)
    balances_with_accounts: ClassVar[bool] = False
    """The answer that lists accounts holds their balances; there is no other to ask for them."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.__init__ = without_frames(cls.__init__)  # type: ignore[method-assign]  # around it, its own stays

    def __init__(
        self,
        credentials: Mapping[str, str | None],
        *,
        environment: str,
        base_url: str | None,
        name: str | None,
        rate_limit: RateLimit | None,
    ) -> None:
        self.rate_limit = rate_limit
        self.name = name or self.provider
        for credential, secret in credentials.items():
            variable = self.variables[credential]
            if not secret:
                raise ConfigurationError(f"{self.title}: {credential} is missing; pass {credential}= or set {variable}")
            if not (secret.isascii() and secret.isprintable()) or secret != secret.strip():
                raise ConfigurationError(
                    f"{self.title}: {credential} holds a character that no key has (a space or line end around it, "
                    f"or one outside ASCII); look at {credential}= or {variable}"
                )
        if environment not in self.environments:
            known = ", ".join(map(repr, self.environments))
            raise ConfigurationError(f"{self.title}: unknown environment {environment!r}; one of {known}")
        self.environment = environment
        self.base_url = checked_url(base_url or self.environments[environment], self.base_url_variable)
        self.credentials = self.credentials_type(**{key: secret for key, secret in credentials.items() if secret})
        self.redaction = Redaction(self.credentials.secrets())

    @classmethod
    def from_environ(cls, environ: Mapping[str, str], *, defaults: Mapping[str, str] | None = None) -> Self | None:
        """Return the connection that the variables state, or None where none of its keys is set.

        Args:
            environ: the variables.
            defaults: credentials to use where none is set.

        Raises:
            ConfigurationError: some keys are set and others are not, or a value is wrong.
        """
        found = {key: environ.get(variable) or None for key, variable in cls.variables.items()}
        if not any(found.values()):
            if defaults is None:
                return None
            found = dict(defaults)
        missing = [cls.variables[key] for key, secret in found.items() if not secret]
        if missing:
            present = [cls.variables[key] for key, secret in found.items() if secret]
            raise ConfigurationError(f"{cls.title}: {', '.join(present)} is set, {', '.join(missing)} is not; set both")
        options: dict[str, Any] = {**found, "base_url": environ.get(cls.base_url_variable) or None}
        return cls(**options)

    @classmethod
    def demo_credentials(cls) -> dict[str, str]:
        """Return the credentials that the mock accepts."""
        return {name: demo_secret(name) for name in cls.variables}

    def __repr__(self) -> str:
        return f"{type(self).__name__}(name={self.name!r}, base_url={self.base_url!r}, {self.credentials!r})"

    @abstractmethod
    def accounts(self) -> Reading[Any, Account]:
        """How the accounts of these credentials are read."""

    def balances(self, account: Account) -> Reading[Any, Balance]:
        """How an account's balances are read, where they have an answer of their own."""
        raise NotImplementedError

    def balances_of(self, account: Account, note: Note) -> list[Balance]:
        """Return the balances in the answer that an account came with (`balances_with_accounts`)."""
        raise NotImplementedError

    def positions(self, account: Account) -> Reading[Any, Position]:
        """How an account's positions are read."""
        raise NotImplementedError

    @abstractmethod
    def read_error(self, body: Any) -> ErrorDetails | None:
        """Return what an error body says, or None where the JSON value carries no error of this provider."""

    def retry_after(self, headers: Mapping[str, str], now: float) -> float | None:
        """Return the seconds that an answer asks to wait, if it does. `now` is the time in epoch seconds."""
        asked = headers.get("retry-after", "").strip()
        if asked.isascii() and asked.isdigit():
            return float(asked)
        try:
            return max(0.0, parsedate_to_datetime(asked).timestamp() - now)
        except (ValueError, OverflowError):
            return None


def demo_secret(name: str) -> str:
    """Return what the mock accepts as the credential of this name."""
    return "demo-secret" if "secret" in name or "password" in name else "demo-key"


def checked_url(url: str, variable: str) -> str:
    """Return a base URL without its trailing slash.

    Raises:
        ConfigurationError: it is no absolute URL, holds credentials or a query, or is `http://` to a host
            that is not this machine.
    """
    advice = f"look at base_url= or {variable}"
    try:
        parsed = urlsplit(url)
        port = parsed.port
    except (AttributeError, TypeError, ValueError) as error:
        raise ConfigurationError(f"malformed base URL ({error}); {advice}") from None
    if parsed.scheme not in ("http", "https") or not parsed.hostname or port == 0 or not _PLAIN.fullmatch(url):
        raise ConfigurationError(f"malformed base URL {url!r}: it has to start with https:// and a host; {advice}")
    if parsed.username is not None or parsed.query or parsed.fragment:
        raise ConfigurationError(f"malformed base URL: no user, query or fragment belongs in it; {advice}")
    if parsed.scheme == "http" and not is_loopback(url):
        raise ConfigurationError(
            f"http:// would send the keys in the clear to {parsed.hostname}; use https:// (only this machine is "
            f"reached without); {advice}"
        )
    return url.rstrip("/")


def is_loopback(url: str) -> bool:
    """Tell whether a URL's host is this machine: `localhost`, 127.0.0.0/8 or ::1."""
    try:
        host = urlsplit(url).hostname or ""
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
