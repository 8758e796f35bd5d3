"""Credentials of the API. Generated from the spec's security schemes; do not edit."""

from typing import ClassVar

from onefolio_runtime import Credentials as Base
from onefolio_runtime import Scheme, Secret


class Credentials(Base):
    """`api_key` is sent as `Authorization`."""

    __slots__ = ()

    SCHEMES: ClassVar = (Scheme("api_key", "Authorization", "Bearer "),)

    def __init__(
        self,
        *,
        api_key: str | Secret,
    ) -> None:
        super().__init__(
            api_key=api_key,
        )
