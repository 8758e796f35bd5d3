"""Answers to decode: rows like the providers' examples, each with figures and identifiers of its own."""

from __future__ import annotations

import json
import random
from typing import Any
from uuid import UUID

from onefolio import Connection
from onefolio.providers.registry import known

SEED = 20_261_121


def connection(provider: str, **options: Any) -> Connection:
    """Return a connection with the mock's keys and no rate limit."""
    kind: Any = known()[provider]
    return kind(**{**kind.demo_credentials(), "rate_limit": None, **options})  # type: ignore[no-any-return]  # the list holds any


def account_body() -> bytes:
    """Return the answer with one Alpaca account, as its spec has it."""
    return json.dumps(_example("alpaca", "/v2/account")).encode()


def position_page(rows: int, *, seed: int = SEED) -> bytes:
    """Return a page of Clear Street positions, as its server writes one: compact, money as decimal text."""
    example = _example("clear_street", "/v1/accounts/{account_id}/positions")
    chance = random.Random(seed)  # noqa: S311  # not for keys
    example["data"] = [_varied(example["data"][index % len(example["data"])], chance) for index in range(rows)]
    example["metadata"]["total_items"] = rows
    example["metadata"].pop("next_page_token", None)
    return json.dumps(example, separators=(",", ":")).encode()


def _varied(row: dict[str, Any], chance: random.Random) -> dict[str, Any]:
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
    answer = known()[provider].contract.spec["paths"][path]["get"]["responses"]["200"]
    examples = answer["content"]["application/json"]["examples"].values()
    return json.loads(json.dumps(max((each["value"] for each in examples), key=lambda value: len(json.dumps(value)))))
