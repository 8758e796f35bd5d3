"""Credentials of the API. Generated from the spec's security schemes; do not edit."""

from typing import ClassVar

from onefolio_runtime import Credentials as Base
from onefolio_runtime import Scheme, Secret


class Credentials(Base):
    """`api_key` is sent as `X-API-Key`, `api_secret` is sent as `X-API-Secret`."""

    __slots__ = ()

    SCHEMES: ClassVar = (
        Scheme("api_key", "X-API-Key"),
        Scheme("api_secret", "X-API-Secret"),
    )

    def __init__(
        self,
        *,
        api_key: str | Secret,
        api_secret: str | Secret,
    ) -> None:
        super().__init__(
            api_key=api_key,
            api_secret=api_secret,
        )
