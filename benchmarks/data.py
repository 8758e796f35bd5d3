"""Generate responses with rows like the examples of the specs, each with its own figures and ids."""

from __future__ import annotations

import json
import random
from typing import Any
from uuid import UUID

from onefolio import Connection
from onefolio.providers.registry import known

SEED = 20_261_121


def connection(provider: str, **options: Any) -> Connection:
    """Return a connection with the mock's keys and without a rate limit."""
    kind: Any = known()[provider]
    return kind(**{**kind.demo_credentials(), "rate_limit": None, **options})  # type: ignore[no-any-return]  # the registry contains classes of any signature


def account_body() -> bytes:
    """Return a response with one Alpaca account."""
    return json.dumps(_example("alpaca", "/v2/account")).encode()


def position_page(rows: int, *, seed: int = SEED) -> bytes:
    """Return a page of Clear Street positions: compact JSON with money as decimal strings."""
    example = _example("clear_street", "/v1/accounts/{account_id}/positions")
    chance = random.Random(seed)  # noqa: S311  # not for keys
    example["data"] = [_vary(example["data"][index % len(example["data"])], chance) for index in range(rows)]
    example["metadata"]["total_items"] = rows
    example["metadata"].pop("next_page_token", None)
    return json.dumps(example, separators=(",", ":")).encode()


def _vary(row: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    varied = {**row, "instrument_id": str(UUID(int=chance.getrandbits(128), version=4))}
    for name, value in row.items():
        if isinstance(value, str) and value.lstrip("-").replace(".", "", 1).isdigit():
            whole, point, decimals = value.partition(".")
            digits = "".join(str(chance.randrange(10)) for _ in decimals)
            varied[name] = (
                f"{'-' * whole.startswith('-')}{chance.randrange(1, 10 ** len(whole.lstrip('-')))}{point}{digits}"
            )
    return varied


def _example(provider: str, path: str) -> Any:
    response = known()[provider].contract.spec["paths"][path]["get"]["responses"]["200"]
    examples = response["content"]["application/json"]["examples"].values()
    return json.loads(json.dumps(max((each["value"] for each in examples), key=lambda value: len(json.dumps(value)))))
