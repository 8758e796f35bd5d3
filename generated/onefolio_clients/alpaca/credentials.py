"""Credentials of the API. Generated from the spec's security schemes; do not edit."""

from typing import ClassVar

from onefolio_runtime import Credentials as Base
from onefolio_runtime import Scheme, Secret


class Credentials(Base):
    """`key_id` is sent as `APCA-API-KEY-ID`, `secret_key` is sent as `APCA-API-SECRET-KEY`."""

    __slots__ = ()

    SCHEMES: ClassVar = (
        Scheme("key_id", "APCA-API-KEY-ID"),
        Scheme("secret_key", "APCA-API-SECRET-KEY"),
    )

    def __init__(
        self,
        *,
        key_id: str | Secret,
        secret_key: str | Secret,
    ) -> None:
        super().__init__(
            key_id=key_id,
            secret_key=secret_key,
        )
