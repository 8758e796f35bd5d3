"""A connection: one provider, one set of credentials, one server; and what every adapter states."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any, ClassVar, Self

from onefolio_runtime import Contract, Credentials

from .._core.demo import demo_secret
from .._core.errors import ConfigurationError
from .._core.redaction import Redactor
from .._core.tracebacks import strip_traceback
from .._models.records import Account, Balance, Position
from .rate_limit import RateLimit
from .resource import CAPABILITIES, Capability, DriftCallback, ErrorDetails, Resource
from .urls import check_base_url


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
        cls.__init__ = strip_traceback(cls.__init__)  # type: ignore[method-assign]  # around it, its own stays

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
        self.base_url = check_base_url(base_url or self.environments[environment], self.base_url_variable)
        self.credentials = self.credentials_type(**{key: secret for key, secret in credentials.items() if secret})
        self.redaction = Redactor(self.credentials.secrets())

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
    def accounts(self) -> Resource[Any, Account]:
        """How the accounts of these credentials are read."""

    def balances(self, account: Account) -> Resource[Any, Balance]:
        """How an account's balances are read, where they have an answer of their own."""
        raise NotImplementedError

    def balances_of(self, account: Account, note: DriftCallback) -> list[Balance]:
        """Return the balances in the answer that an account came with (`balances_with_accounts`)."""
        raise NotImplementedError

    def positions(self, account: Account) -> Resource[Any, Position]:
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
