"""A connection: one provider, one set of credentials, one server. Every adapter is a subclass."""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar, NoReturn, Self

from onefolio_runtime import Contract, Credentials

from .._core.checks import check_string
from .._core.demo import demo_secret
from .._core.errors import ConfigurationError
from .._core.redaction import Redactor
from .._models.records import Account, Balance, Position
from .rate_limit import RateLimit
from .requested_waits import parse_retry_after
from .resource import CAPABILITIES, Capability, DriftCallback, ErrorDetails, Resource
from .urls import check_base_url


class Connection(ABC):
    """One provider, one set of credentials, one server. Nothing is sent before a folio uses it.

    The `__init__` of a subclass takes keys as arguments; decorate it with `hide_arguments`, so that an exception's
    traceback shows no key to tools that print local variables.

    Args:
        credentials: the provider's keys, by the names of its spec's security schemes.
        environment: one of `environments`.
        base_url: the server; overrides `environment`. A trailing slash is ignored.
        name: the connection's name in a folio; by default the provider's.
        rate_limit: limit of these keys, shared by all folios of this process; None for no limit.

    Raises:
        ConfigurationError: a key is missing or malformed, the environment is unknown, or the URL is malformed or
            `http://` to a host other than this machine.
    """

    provider: ClassVar[str]
    title: ClassVar[str]
    contract: ClassVar[Contract]
    environments: ClassVar[Mapping[str, str]]
    credentials_type: ClassVar[type[Credentials]]
    variables: ClassVar[Mapping[str, str]]
    """Environment variables by the name of the credential."""
    base_url_variable: ClassVar[str]
    capabilities: ClassVar[frozenset[Capability]] = frozenset(CAPABILITIES)
    balances_with_accounts: ClassVar[bool] = False
    """True if the response that lists accounts also has their balances, and no other response has them."""

    def __init__(
        self,
        credentials: Mapping[str, str | None],
        *,
        environment: str,
        base_url: str | None,
        name: str | None,
        rate_limit: RateLimit | None,
    ) -> None:
        if rate_limit is not None and not isinstance(rate_limit, RateLimit):
            raise ConfigurationError(
                f"{self.title}: rate_limit must be a RateLimit or None, not of type {type(rate_limit).__name__}"
            )
        for argument, text in (("environment", environment), ("base_url", base_url or ""), ("name", name or "")):
            check_string(f"{self.title}: {argument}", text)
        self.rate_limit = rate_limit
        self.name = name or self.provider
        for credential, secret in credentials.items():
            self._check_key(credential, secret)
        if environment not in self.environments:
            available = ", ".join(map(repr, self.environments))
            raise ConfigurationError(f"{self.title}: unknown environment {environment!r}; available: {available}")
        self.environment = environment
        self.base_url = check_base_url(base_url or self.environments[environment], self.base_url_variable)
        self.credentials = self.credentials_type(**{key: secret for key, secret in credentials.items() if secret})
        self.redactor = Redactor(self.credentials.secrets())

    @classmethod
    def from_environ(cls, environ: Mapping[str, str], *, defaults: Mapping[str, str] | None = None) -> Self | None:
        """Return the connection that environment variables state, or None if none of its keys is set.

        Args:
            environ: the variables.
            defaults: credentials to use if none is set.

        Raises:
            ConfigurationError: only some of the keys are set, or a value is wrong.
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

    def fingerprint(self) -> str:
        """Return a digest of the provider, the server and the keys, from which no key can be recovered."""
        parts = [self.provider, self.base_url, *self.credentials.secrets()]
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()

    def __repr__(self) -> str:
        return f"{type(self).__name__}(name={self.name!r}, base_url={self.base_url!r}, {self.credentials!r})"

    def __reduce__(self) -> NoReturn:
        raise TypeError(
            f"{self.title}: a connection cannot be copied or pickled, because it holds keys. "
            "Create it in the process that uses it"
        )

    @abstractmethod
    def accounts(self) -> Resource[Any, Account]:
        """Return the resource of the accounts that these credentials can read."""

    def balances(self, account: Account) -> Resource[Any, Balance]:
        """Return the resource of an account's balances, unless they come with the accounts."""
        raise NotImplementedError

    def balances_of(self, account: Account, note: DriftCallback) -> list[Balance]:
        """Return the balances from the response that an account was read from (`balances_with_accounts`).

        Args:
            account: an account with `raw`.
            note: receives drift that is found on the way.
        """
        raise NotImplementedError

    def positions(self, account: Account) -> Resource[Any, Position]:
        """Return the resource of an account's positions."""
        raise NotImplementedError

    @abstractmethod
    def read_error(self, body: Any) -> ErrorDetails | None:
        """Return the content of an error body, or None if the JSON value is not an error of this provider."""

    def retry_after(self, headers: Mapping[str, str], now: float) -> float | None:
        """Return the seconds that a response asks to wait, at most a century, or None.

        Args:
            headers: the response's headers.
            now: the time in seconds since the epoch.
        """
        return parse_retry_after(headers.get("retry-after", ""), now)

    def _check_key(self, credential: str, secret: str | None) -> None:
        variable = self.variables[credential]
        if not secret:
            raise ConfigurationError(f"{self.title}: {credential} is empty. Set {variable} or pass {credential}=.")
        check_string(f"{self.title}: {credential}", secret)
        if not (secret.isascii() and secret.isprintable()) or secret != secret.strip():
            raise ConfigurationError(
                f"{self.title}: {credential} contains whitespace or non-ASCII characters. "
                f"Check {variable} or {credential}=."
            )
